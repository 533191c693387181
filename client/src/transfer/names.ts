/**
 * Names that other members chose: made safe to be shown, and for any disk at saving.
 */

const NAME_MAX_BYTES = 255;
/**
 * C0, DEL and C1 controls; marks and overrides of direction; invisible marks; line ends. The joiners
 * U+200C and U+200D stay: Persian and emoji need them.
 */
const HIDDEN =
  // eslint-disable-next-line no-control-regex -- they are what is taken out
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/gu;
/** Something that leaves a mark: U+2800 is a blank although it is a symbol. */
const VISIBLE = /[^\s\u2800\p{Default_Ignorable_Code_Point}]/u;
/** What Windows keeps for itself, and what looks like a separator. */
const RESERVED = /[:*?"<>|\u2044\u2215\u29f8\uff0f\uff3c]/gu;
const DEVICE =
  /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9\u00b9\u00b2\u00b3])\s*(?=\.|$)/iu;

const FALLBACK = 'content';

function bytesOf(text: string): number {
  return new TextEncoder().encode(text).byteLength;
}

/** The text with U+FFFD for halves of characters, as UTF-8 cannot hold them. */
function wellFormed(text: string): string {
  return new TextDecoder().decode(new TextEncoder().encode(text));
}

/**
 * Put `mark` before the ending, and cut whole characters off the stem until the name has at most
 * 255 bytes.
 */
function shortened(name: string, mark: string): string {
  const dot = name.lastIndexOf('.');
  const hasEnding = dot > 0 && bytesOf(name.slice(dot)) <= 32;
  const stem = hasEnding ? name.slice(0, dot) : name;
  const tail = `${mark}${hasEnding ? name.slice(dot) : ''}`;
  let left = NAME_MAX_BYTES - bytesOf(tail);
  if (bytesOf(stem) <= left) return stem + tail;
  const kept: string[] = [];
  for (const character of Array.from(stem)) {
    left -= bytesOf(character);
    if (left < 0) break;
    kept.push(character);
  }
  return kept.join('').trimEnd() + tail;
}

/** The name as it may be shown: one line, read in one direction; `fallback` for an invisible one. */
export function shownName(name: string, fallback: string): string {
  const clean = wellFormed(name).replace(HIDDEN, '').trim();
  return VISIBLE.test(clean) ? clean : fallback;
}

/**
 * A name under which a content can be saved: never empty, never a path, never hidden. The command
 * line has the same rules in sharethings/client/names.py; tests/names.json tries both. `mark` is put
 * before the ending.
 */
export function safeFileName(name: string, mark = ''): string {
  const clean = wellFormed(name)
    .normalize('NFC')
    .replace(/[/\\]+$/u, '')
    .replace(/^.*[/\\]/su, '')
    .replace(HIDDEN, '')
    .replace(RESERVED, '_')
    .replace(/^[.\s]+/u, '')
    .replace(/[.\s]+$/u, '');
  const free = DEVICE.test(clean) ? `_${clean}` : clean;
  return shortened(VISIBLE.test(free) ? free : FALLBACK, mark);
}

/**
 * The names of a path below a folder, each a safe one: it leads nowhere else. Both separators count;
 * empty names, . and .. are left out.
 */
export function safePath(path: string): readonly string[] {
  const names = path.split(/[/\\]/u).filter((name) => !['', '.', '..'].includes(name.trim()));
  return names.length === 0 ? [FALLBACK] : names.map((name) => safeFileName(name));
}
