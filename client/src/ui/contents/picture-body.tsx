import { chakra } from '@chakra-ui/react/styled-system';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { Content, PicturePreview } from '../../store/model';
import { Button } from '../parts/button';
import { Dialog } from '../parts/dialog';
import { useScope } from '../session/use-session';
import { sizeText } from '../texts/format';
import { FileBody } from './file-body';
import { useTitle } from './use-title';

type Preview = PicturePreview | 'opening' | 'none';

/** The opened picture of a content; its memory is given back when it is not shown any more. */
function usePreview(contentId: string): Preview {
  const { session } = useScope();
  const [preview, setPreview] = useState<Preview>('opening');
  useEffect(() => {
    let made: PicturePreview | null = null;
    let isGone = false;
    const show = (found: PicturePreview | null) => {
      made = found;
      if (isGone) found?.release();
      else setPreview(found ?? 'none');
    };
    session.preview(contentId).then(show, () => show(null));
    return () => {
      isGone = true;
      made?.release();
    };
  }, [session, contentId]);
  return preview;
}

/** A picture, shown when its bytes are one of the kinds that browsers show safely. */
export function PictureBody({ content }: { readonly content: Content }) {
  const { t } = useTranslation();
  const title = useTitle(content);
  const preview = usePreview(content.contentId);
  const [isLarge, setLarge] = useState(false);
  if (preview === 'none') return <FileBody content={content} />;
  if (preview === 'opening') {
    return (
      <chakra.div
        height="12rem"
        display="grid"
        placeItems="center"
        background="sunken"
        color="muted"
      >
        {t('contents.previewing')}
      </chakra.div>
    );
  }
  return (
    <chakra.figure>
      <chakra.button
        type="button"
        display="block"
        width="100%"
        padding={0}
        background="sunken"
        cursor="zoom-in"
        aria-label={t('contents.view', { name: title })}
        onClick={() => {
          setLarge(true);
        }}
      >
        <chakra.img
          src={preview.url}
          alt={title}
          display="block"
          marginInline="auto"
          maxWidth="100%"
          maxHeight="22rem"
          objectFit="contain"
        />
      </chakra.button>
      <chakra.figcaption paddingInline={4} paddingTop={3} fontSize="sm" color="muted">
        <chakra.span color="ink" fontWeight={600} overflowWrap="anywhere" marginRight={2}>
          {title}
        </chakra.span>
        {content.size !== null && sizeText(content.size)}
      </chakra.figcaption>
      {isLarge && (
        <Dialog wide label={title} onClose={() => setLarge(false)}>
          <chakra.img src={preview.url} alt={title} display="block" maxWidth="100%" />
          <Button type="button" width="100%" borderRadius={0} onClick={() => setLarge(false)}>
            {t('contents.close')}
          </Button>
        </Dialog>
      )}
    </chakra.figure>
  );
}
