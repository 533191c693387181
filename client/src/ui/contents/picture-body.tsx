import { chakra } from '@chakra-ui/react/styled-system';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { Content } from '../../store/model';
import { Banner } from '../parts/banner';
import { sizeText } from '../texts/format';
import { problemText } from '../texts/problem';
import { FileBody } from './file-body';
import { PictureDialog } from './picture-dialog';
import { useNear } from './use-near';
import { usePreview } from './use-preview';
import { useTitle } from './use-title';

/** Small ones have some ground around them. */
const FRAME_MIN = '6rem';

interface PictureBodyProps {
  readonly content: Content;
}

/** A picture, held while it is near what is seen, shown when it is one that browsers show safely. */
export function PictureBody({ content }: PictureBodyProps) {
  const frame = useRef<HTMLDivElement>(null);
  const isNear = useNear(frame);
  const [isLarge, setLarge] = useState(false);
  // What it takes up once it was seen: nothing moves when it is opened again.
  const [height, setHeight] = useState('12rem');
  const preview = usePreview(content.contentId, isNear || isLarge);
  const { t } = useTranslation();
  // Its first part may be long in coming.
  const isArriving = content.state === 'uploading';
  const title = useTitle(content);
  return (
    <chakra.div ref={frame}>
      {preview.kind === 'opening' && !isArriving && (
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
      {preview.kind === 'shown' && (
        <chakra.button
          type="button"
          display="grid"
          placeItems="center"
          width="100%"
          padding={0}
          background="sunken"
          cursor="zoom-in"
          _focusVisible={{ outlineOffset: '-2px' }}
          aria-label={t('contents.view', { name: title })}
          style={{ minHeight: `max(${height}, ${FRAME_MIN})` }}
          onClick={() => setLarge(true)}
        >
          <chakra.img
            src={preview.url}
            alt={title}
            display="block"
            maxWidth="100%"
            maxHeight="22rem"
            objectFit="contain"
            onLoad={({ currentTarget }) => setHeight(`${currentTarget.offsetHeight}px`)}
          />
        </chakra.button>
      )}
      {preview.kind === 'shown' || (preview.kind === 'opening' && !isArriving) ? (
        <Caption content={content} />
      ) : (
        <FileBody content={content} />
      )}
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
    <chakra.p paddingInline={4} paddingTop={3} fontSize="sm" color="muted">
      <chakra.bdi color="ink" fontWeight={600} overflowWrap="anywhere" marginRight={2}>
        {useTitle(content)}
      </chakra.bdi>
      {content.size !== null && sizeText(content.size)}
    </chakra.p>
  );
}
