/** Opening what the server keeps sealed: rows, members' profiles, whole pages. */
import type { KeyPort } from '../crypto/port';
import { fromBase64url } from '../crypto/bytes';
import { Fields, isRecord, text } from '../protocol/decode';
import { asProblem, ownProblem } from '../protocol/errors';
import type { Content as Row, Member, Page } from '../protocol/generated';
import { shownName } from '../transfer/names';
import { refusalOf } from '../transfer/refusal';
import { trueLength } from '../transfer/sizes';
import { problemView } from './problem';
import type { OpenedRow } from './contents';
import { guarded } from './guard';
import { type Manifest, NAMELESS_MEMBER, readManifest } from './manifest';
import type { Arrival } from './members';
import type { OpenedPage } from './session';

/** Opens with the keys of one session. */
export class Opener {
  readonly #keys: KeyPort;
  /** The highest seq of each member's events: older ones are repetitions. */
  readonly #seen = new Map<string, number>();

  constructor(keys: KeyPort) {
    this.#keys = keys;
  }

  /** Open a row; what does not open is kept with its problem. */
  async row(row: Row): Promise<OpenedRow> {
    try {
      const opened = await guarded('content_damaged', async () => {
        const { keeper } = this.#keys;
        await keeper.openContent(row.content_id, row.content_box, row.blob_id);
        const found = await keeper.openManifest(row.content_id, row.manifest);
        const manifest = readManifest(found.manifest);
        const shown = await this.#inlineText(row, manifest);
        return { manifest, manifestRevision: found.revision, text: shown };
      });
      return { row, opened };
    } catch (thrown) {
      return { row, opened: { problem: problemView(asProblem(thrown)) } };
    }
  }

  /** Forget the keys of contents that are gone. */
  async forget(contentIds: readonly string[]): Promise<void> {
    await Promise.all(contentIds.map((contentId) => this.#keys.keeper.forgetContent(contentId)));
  }

  /** The text of a small text, checked against its root; null for all other contents. */
  async #inlineText(row: Row, manifest: Manifest): Promise<string | null> {
    if (manifest.kind !== 'text' || row.chunk === null || manifest.size === null) return null;
    const { chunkSize, size, root } = manifest;
    const sealed = fromBase64url(row.chunk);
    const refusal = refusalOf(sealed, { index: 0, isLast: true, chunkSize, leftBytes: size });
    if (refusal !== null) throw ownProblem(refusal);
    const chunk = await guarded('chunk_foreign', () =>
      this.#keys.openChunk(row.content_id, 0, true, chunkSize, sealed),
    );
    if (root !== (await this.#keys.keeper.root([chunk.digest]))) throw ownProblem('content_mixed');
    const length = trueLength(size, chunkSize, 0, chunk.bytes.byteLength);
    if (length !== size) throw ownProblem('content_damaged');
    return readText(chunk.bytes.subarray(0, length));
  }

  /** The name in a profile event; null for other events, repetitions and what does not open. */
  async profileName(memberId: string, sealed: string): Promise<string | null> {
    try {
      const { seq, event } = await this.#keys.keeper.openEvent(memberId, sealed);
      if (seq < (this.#seen.get(memberId) ?? 0)) return null;
      this.#seen.set(memberId, seq);
      if (!isRecord(event) || event['t'] !== 'profile') return null;
      return shownName(new Fields(event, 'profile').read('name', text), NAMELESS_MEMBER);
    } catch {
      return null;
    }
  }

  /** A member with the name of their kept profile. */
  async member(member: Member): Promise<Arrival> {
    let name: string | null = null;
    for (const sealed of member.events) {
      name = (await this.profileName(member.member_id, sealed)) ?? name;
    }
    return { memberId: member.member_id, joinedAt: member.joined_at, name };
  }

  async page(asked: OpenedPage['asked'], page: Page): Promise<OpenedPage> {
    const [rows, members] = await Promise.all([
      Promise.all(page.contents.map((row) => this.row(row))),
      Promise.all(page.members.map((member) => this.member(member))),
    ]);
    const { through, removed, more, reset } = page;
    return { asked, through, rows, removed, members, more, reset };
  }
}

/** Read UTF-8; throws `content_damaged` for anything else. */
export function readText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw ownProblem('content_damaged', cause);
  }
}
