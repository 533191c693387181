/** Handing a finished blob to the browser's own downloads. */

/** The browser reads the blob on its own time; afterwards its memory or file is given back. */
const KEPT_MS = 5 * 60_000;

/** Download `blob` under `name`; `forget` is called when it is not needed any more. */
export function offerDownload(blob: Blob, name: string, forget?: () => void): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => {
    URL.revokeObjectURL(url);
    forget?.();
  }, KEPT_MS);
}
