import { useEffect, useState } from 'react';

import type { PicturePreview, Problem } from '../../store/model';
import { useScope } from '../session/use-session';
import { problemOf } from '../texts/problem';

export type Preview =
  | { readonly kind: 'opening' }
  /** `isWhole`: there is no more of it to come. */
  | { readonly kind: 'shown'; readonly url: string; readonly isWhole: boolean }
  /** Its bytes are no picture that browsers show safely. */
  | { readonly kind: 'none' }
  | { readonly kind: 'failed'; readonly problem: Problem };

const OPENING: Preview = { kind: 'opening' };

/** The opened picture of a content, or what there is of it, while it is wanted; its memory is given back then. */
export function usePreview(contentId: string, isWanted: boolean): Preview {
  const { session } = useScope();
  const [preview, setPreview] = useState(OPENING);
  useEffect(() => {
    if (!isWanted) return undefined;
    const gone = new AbortController();
    let made: PicturePreview | null = null;
    const show = (found: PicturePreview | null, isWhole: boolean) => {
      made?.release();
      made = found;
      if (gone.signal.aborted) found?.release();
      else
        setPreview(found === null ? { kind: 'none' } : { kind: 'shown', url: found.url, isWhole });
    };
    session
      .preview(contentId, (part) => show(part, false), gone.signal)
      .then((found) => show(found, true))
      .catch((thrown: unknown) => {
        if (!gone.signal.aborted) setPreview({ kind: 'failed', problem: problemOf(thrown) });
      });
    return () => {
      gone.abort();
      made?.release();
      setPreview((before) => (before.kind === 'shown' ? OPENING : before));
    };
  }, [session, contentId, isWanted]);
  return preview;
}
