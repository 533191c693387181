/** Why bytes were refused: a kind and no detail, so that nothing can be learnt from the reply. */
export type CryptoErrorKind = 'format' | 'authentication' | 'limit' | 'suite';

export class CryptoError extends Error {
  override readonly name = 'CryptoError';
  readonly kind: CryptoErrorKind;

  constructor(kind: CryptoErrorKind) {
    super(`refused: ${kind}`);
    this.kind = kind;
  }
}
