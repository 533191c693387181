/** Generated passphrases: 7 words of a 2,048-word list, 77 bits (protocol.md 3). */
import list from '../../../sharethings/crypto/words.txt?raw';

const WORDS = list.trim().split('\n');
const WORDS_COUNT = 2048;
const PASSPHRASE_WORDS_COUNT = 7;

export function generatePassphrase(): string {
  if (WORDS.length !== WORDS_COUNT) throw new RangeError('the word list must have 2,048 words');
  const drawn = crypto.getRandomValues(new Uint16Array(PASSPHRASE_WORDS_COUNT));
  // 2,048 divides 65,536: every word is as likely as any other.
  return Array.from(drawn, (number) => WORDS[number % WORDS_COUNT]).join('-');
}
