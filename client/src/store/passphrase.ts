/** Passphrases for the join form: made, and rated. */
export { generatePassphrase } from '../crypto/passphrase';

const BITS_PER_DIGIT = Math.log2(10);

/**
 * An estimate of how many bits a guesser must try (zxcvbn, Wheeler 2016); the dictionaries are
 * loaded when first needed.
 */
export async function rateBits(passphrase: string): Promise<number> {
  const [{ ZxcvbnFactory }, { adjacencyGraphs, dictionary }] = await Promise.all([
    import('@zxcvbn-ts/core'),
    import('@zxcvbn-ts/language-common'),
  ]);
  const factory = new ZxcvbnFactory({ dictionary, graphs: adjacencyGraphs });
  return factory.check(passphrase).guessesLog10 * BITS_PER_DIGIT;
}
