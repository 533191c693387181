import { chakra } from '@chakra-ui/react/styled-system';
import { type CSSProperties, type SyntheticEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { Thumb } from '../../store/model';
import { isThumbSized } from '../../store/thumb';
import type { Preview } from './use-preview';

/** Small ones have some ground around them. */
export const FRAME_MIN = '6rem';
const HEIGHT_MAX = '22rem';

interface PictureFrameProps {
  readonly title: string;
  readonly preview: Preview;
  readonly thumb: Thumb | null;
  /** Whether a thumbnail is drawn; its place is kept in any case. */
  readonly isNear: boolean;
  /** Of a picture without one, as it was when it was seen. */
  readonly height: string;
  readonly onHeight: (pixels: number) => void;
  /** The thumbnail of this URL is none. */
  readonly onWrong: (url: string) => void;
  readonly onOpen: () => void;
}

/** The thumbnail at once, then the picture itself in the very same place. */
export function PictureFrame(props: PictureFrameProps) {
  const { title, preview, thumb, height, onOpen } = props;
  const { t } = useTranslation();
  // The last picture that was loaded: a browser shows it until the next one is.
  const [loadedUrl, setLoadedUrl] = useState<string | null>(null);
  // The last thumbnail that was loaded and found small: no other is drawn.
  const [goodThumb, setGoodThumb] = useState<string | null>(null);
  const picture = preview.kind === 'shown' ? preview : null;
  const url = picture?.url ?? (props.isNear ? thumb?.url : undefined);
  const load = ({ currentTarget: image }: SyntheticEvent<HTMLImageElement>) => {
    if (thumb === null || url !== thumb.url) setLoadedUrl(url ?? null);
    else if (isThumbSized(image.naturalWidth, image.naturalHeight)) setGoodThumb(thumb.url);
    else {
      props.onWrong(thumb.url);
      return;
    }
    props.onHeight(image.offsetHeight);
  };
  // Below what has come of it so far.
  const isBehind = picture !== null && !(picture.isWhole && loadedUrl === picture.url);
  const isGood = goodThumb === thumb?.url;
  const style: CSSProperties = {
    ...(thumb === null ? {} : placeOf(thumb)),
    ...(thumb !== null && isGood && isBehind ? { backgroundImage: `url("${thumb.url}")` } : {}),
    // Nothing of a thumbnail is drawn before its size is known.
    ...(url === thumb?.url && !isGood ? { visibility: 'hidden' } : {}),
  };
  return (
    <chakra.button
      type="button"
      display="grid"
      placeItems="center"
      width="100%"
      padding={0}
      background="sunken"
      cursor="zoom-in"
      _disabled={{ cursor: 'default' }}
      _focusVisible={{ outlineOffset: '-2px' }}
      aria-label={t('contents.view', { name: title })}
      disabled={picture === null}
      style={{ minHeight: thumb === null ? `max(${height}, ${FRAME_MIN})` : FRAME_MIN }}
      onClick={onOpen}
    >
      {url === undefined ? (
        <chakra.div style={style} />
      ) : (
        <chakra.img
          src={url}
          alt={title}
          display="block"
          maxWidth="100%"
          maxHeight={HEIGHT_MAX}
          objectFit="contain"
          backgroundSize="100% 100%"
          style={style}
          onLoad={load}
          onError={() => url === thumb?.url && props.onWrong(thumb.url)}
        />
      )}
    </chakra.button>
  );
}

/** The room that the picture itself takes, known before anything of it is there. */
function placeOf({ width, height }: Thumb): CSSProperties {
  const shape = width / height;
  return {
    aspectRatio: String(shape),
    width: `min(100%, ${width}px, ${HEIGHT_MAX} * ${shape})`,
  };
}
