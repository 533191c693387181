/** For component tests: what is near what is seen, where nothing is laid out. */
/** Tell all pictures that they are near what is seen, or far from it. */
export function comeNear(isNear: boolean): void {
  for (const tell of AllNear.told) tell([{ isIntersecting: isNear }]);
}

type Tell = (entries: readonly { readonly isIntersecting: boolean }[]) => void;

/** Near from the beginning, until `comeNear` says otherwise. */
export class AllNear {
  static readonly told = new Set<Tell>();
  readonly #tell: Tell;

  constructor(tell: Tell) {
    this.#tell = tell;
  }

  observe(): void {
    AllNear.told.add(this.#tell);
    this.#tell([{ isIntersecting: true }]);
  }

  disconnect(): void {
    AllNear.told.delete(this.#tell);
  }
}
