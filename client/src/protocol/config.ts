/** What a client must know before it can say hello. */
import { configUrl } from './address';
import { decodeServerConfig, LIMITS, type ServerConfig } from './generated';
import { jsonBy, send } from './http';
import { ownProblem } from './errors';

/** Ask the server for its realm, suites and limits; refuses another protocol than this one. */
export async function fetchConfig(signal: AbortSignal): Promise<ServerConfig> {
  const config = await send(
    configUrl(document.baseURI),
    { bytes: 0, signal },
    jsonBy(decodeServerConfig),
  );
  if (config.protocol !== LIMITS.PROTOCOL_VERSION || !config.suites.includes(LIMITS.SUITE)) {
    throw ownProblem('update_needed');
  }
  return config;
}
