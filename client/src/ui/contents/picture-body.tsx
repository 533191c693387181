import { chakra } from '@chakra-ui/react/styled-system';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { Content } from '../../store/model';
import { PREVIEW_MAX_BYTES } from '../../store/picture';
import { Banner } from '../parts/banner';
import { sizeText } from '../texts/format';
import { problemText } from '../texts/problem';
import { FileBody } from './file-body';
import { PictureDialog } from './picture-dialog';
import { FRAME_MIN, PictureFrame } from './picture-frame';
import { useNear } from './use-near';
import { type Preview, usePreview } from './use-preview';
import { useTitle } from './use-title';

interface PictureBodyProps {
  readonly content: Content;
}

/** Whether there is a picture behind a thumbnail: what is too large is not looked at here. */
function mayBePicture({ size }: Content, { kind }: Preview): boolean {
  return kind !== 'failed' && (kind !== 'none' || (size ?? 0) > PREVIEW_MAX_BYTES);
}

/** A picture, held while it is near what is seen, shown when it is one that browsers show safely. */
export function PictureBody({ content }: PictureBodyProps) {
  const body = useRef<HTMLDivElement>(null);
  const isNear = useNear(body);
  const [isLarge, setLarge] = useState(false);
  const [wrongThumb, setWrongThumb] = useState<string | null>(null);
  // What it takes up once it was seen: nothing moves when it is opened again.
  const [height, setHeight] = useState('12rem');
  const isArriving = content.state === 'uploading';
  // What this member sends is not fetched before it is whole.
  const isWanted = (isNear || isLarge) && !(content.mine && isArriving);
  const preview = usePreview(content.contentId, isWanted);
  const { t } = useTranslation();
  const title = useTitle(content);
  const isThumbWrong = content.thumb?.url === wrongThumb;
  const thumb = !isThumbWrong && mayBePicture(content, preview) ? content.thumb : null;
  const isFramed = preview.kind === 'shown' || thumb !== null;
  // Its first part may be long in coming.
  const isOpening = !isFramed && preview.kind === 'opening' && !isArriving;
  return (
    <chakra.div ref={body}>
      {isOpening && (
        <chakra.div
          display="grid"
          placeItems="center"
          background="sunken"
          color="muted"
          style={{ height: `max(${height}, ${FRAME_MIN})` }}
        >
          {t('contents.previewing')}
        </chakra.div>
      )}
      {isFramed && (
        <PictureFrame
          title={title}
          preview={preview}
          thumb={thumb}
          isNear={isNear}
          height={height}
          onHeight={(pixels) => setHeight(`${pixels}px`)}
          onWrong={setWrongThumb}
          onOpen={() => setLarge(true)}
        />
      )}
      {isFramed || isOpening ? <Caption content={content} /> : <FileBody content={content} />}
      {preview.kind === 'failed' && (
        <chakra.div padding={3} paddingTop={1}>
          <Banner tone="danger">{problemText(preview.problem)}</Banner>
        </chakra.div>
      )}
      {preview.kind === 'shown' && isLarge && (
        <PictureDialog url={preview.url} title={title} onClose={() => setLarge(false)} />
      )}
    </chakra.div>
  );
}

/** Its name and size, below it. */
function Caption({ content }: PictureBodyProps) {
  return (
    <chakra.p paddingInline={4} paddingTop={3} paddingBottom={1} fontSize="sm" color="muted">
      <chakra.bdi color="ink" fontWeight={600} overflowWrap="anywhere" marginRight={2}>
        {useTitle(content)}
      </chakra.bdi>
      {content.size !== null && sizeText(content.size)}
    </chakra.p>
  );
}
