/** Refusals of the key worker, as problems that a member can read. */
import { cryptoErrorOf } from '../crypto/port';
import { DecodeError } from '../protocol/decode';
import { type OwnCode, ownProblem } from '../protocol/errors';

/** Do `act`; what does not open or has not its shape inside becomes the problem `code`. */
export async function guarded<T>(code: OwnCode, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (thrown) {
    const refusal = cryptoErrorOf(thrown);
    if (refusal?.kind === 'suite') throw ownProblem('update_needed', thrown);
    if (refusal !== null || thrown instanceof DecodeError) throw ownProblem(code, thrown);
    throw thrown;
  }
}
