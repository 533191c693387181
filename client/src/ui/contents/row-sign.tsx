import { chakra } from '@chakra-ui/react/styled-system';
import { type RefObject, useEffect, useRef, useState } from 'react';

import type { Content } from '../../store/model';
import { isThumbSized } from '../../store/thumb';
import { KindIcon } from './kind-icon';

const SIDE = '2.5rem';

/** What stands before the name of a file in a list: its thumbnail, or the sign of its kind. */
export function RowSign({ content }: { readonly content: Content }) {
  const { kind, state, mime, thumb } = content;
  const isPicture = kind === 'picture' && state !== 'damaged';
  return (
    <chakra.span
      position="relative"
      display="grid"
      placeItems="center"
      flexShrink={0}
      width={SIDE}
      height={SIDE}
      borderRadius="sm"
      overflow="hidden"
      color="accent"
      lineHeight={0}
    >
      <KindIcon mime={mime} size={18} />
      {isPicture && thumb !== null && <RowThumb key={thumb.url} url={thumb.url} />}
    </chakra.span>
  );
}

/** A thumbnail over the sign, which stays to be seen until that is loaded and found small. */
function RowThumb({ url }: { readonly url: string }) {
  const place = useRef<HTMLSpanElement>(null);
  const isNear = useLaidOut(place);
  const [judged, setJudged] = useState<'good' | 'wrong' | null>(null);
  const isDrawn = isNear && judged !== 'wrong';
  return (
    <chakra.span ref={place} position="absolute" inset={0}>
      {isDrawn && (
        <chakra.img
          src={url}
          alt=""
          width="100%"
          height="100%"
          objectFit="cover"
          background="sunken"
          // Nothing of it is drawn before its size is known.
          style={judged === 'good' ? {} : { visibility: 'hidden' }}
          onLoad={({ currentTarget: { naturalWidth: width, naturalHeight: height } }) => {
            setJudged(isThumbSized(width, height) ? 'good' : 'wrong');
          }}
          onError={() => setJudged('wrong')}
        />
      )}
    </chakra.span>
  );
}

/**
 * Whether the browser lays out the row (`content-visibility: auto`): it says so itself, without an
 * observer for each of thousands. One that does not say it shows signs alone.
 */
function useLaidOut(place: RefObject<HTMLElement | null>): boolean {
  const [isLaidOut, setLaidOut] = useState(false);
  useEffect(() => {
    const row = place.current?.closest('li') ?? null;
    if (row === null) return undefined;
    const hear = (event: Event) => {
      setLaidOut('skipped' in event && event.skipped === false);
    };
    row.addEventListener('contentvisibilityautostatechange', hear);
    return () => {
      row.removeEventListener('contentvisibilityautostatechange', hear);
    };
  }, [place]);
  return isLaidOut;
}
