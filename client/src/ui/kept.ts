/** What this browser keeps between visits; where storage is blocked, until the page is left. */
const unkept = new Map<string, string>();

export function readKept(key: string): string | null {
  const value = unkept.get(key);
  if (value !== undefined) return value;
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

export function keep(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
    unkept.delete(key);
  } catch {
    unkept.set(key, value);
  }
}
