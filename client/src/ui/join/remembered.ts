/** What the join form fills in next time: names, never a passphrase. */
import { keep, readKept } from '../kept';

const KEY = 'sharethings.join';

export interface Remembered {
  readonly sessionName: string;
  readonly memberName: string;
}

export function remembered(): Remembered {
  try {
    const value: unknown = JSON.parse(readKept(KEY) ?? '{}');
    if (typeof value !== 'object' || value === null) throw new TypeError('no object');
    const read = (name: string) => {
      const field: unknown = Object.getOwnPropertyDescriptor(value, name)?.value;
      return typeof field === 'string' ? field : '';
    };
    return { sessionName: read('sessionName'), memberName: read('memberName') };
  } catch {
    return { sessionName: '', memberName: '' };
  }
}

export function remember(names: Remembered): void {
  const { sessionName, memberName } = names;
  keep(KEY, JSON.stringify({ sessionName, memberName }));
}
