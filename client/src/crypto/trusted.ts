/**
 * Script addresses under `require-trusted-types-for 'script'`: the one policy of this client.
 *
 * Only scripts of this page's own origin are trusted; a browser without Trusted Types takes the
 * address as it is.
 */

interface TrustedPolicy {
  readonly createScriptURL: (address: string) => string;
}

interface TrustedFactory {
  readonly createPolicy: (name: string, rules: TrustedPolicy) => TrustedPolicy;
}

declare global {
  // Absent where Trusted Types are not supported; what it gives is used as a string.
  var trustedTypes: TrustedFactory | undefined;
}

function ownScript(address: string): string {
  if (new URL(address, location.href).origin !== location.origin) {
    throw new TypeError('scripts come from this origin only');
  }
  return address;
}

let policy: TrustedPolicy | null = null;

/** The address of one of our own scripts, as `Worker` and `serviceWorker.register` take it. */
export function trustedScript(address: string): string {
  policy ??= globalThis.trustedTypes?.createPolicy('sharethings', {
    createScriptURL: ownScript,
  }) ?? { createScriptURL: ownScript };
  return policy.createScriptURL(address);
}
