import { chakra } from '@chakra-ui/react/styled-system';
import { X } from 'lucide-react';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';

import { Banner } from '../parts/banner';
import { IconButton } from '../parts/icon-button';
import { Column, GUTTER } from '../parts/column';
import { problemText } from '../texts/problem';
import type { Notice } from './use-session';

const SHOWN_MS = 4000;

interface NoticesProps {
  readonly notice: Notice | null;
  readonly onDone: () => void;
}

/**
 * The last thing to tell, over the end of the contents so that nothing moves: what is done goes
 * by itself, the rest waits to be read.
 */
export function Notices({ notice, onDone }: NoticesProps) {
  const { t } = useTranslation();
  useEffect(() => {
    if (notice?.kind !== 'done') return undefined;
    const timer = setTimeout(onDone, SHOWN_MS);
    return () => {
      clearTimeout(timer);
    };
  }, [notice, onDone]);
  return (
    <chakra.div position="absolute" bottom="100%" insetInline={0} pointerEvents="none" css={GUTTER}>
      <Column display="grid" justifyItems="center" css={{ '& > *': { pointerEvents: 'auto' } }}>
        {/* Always there, so that what comes into it is read out. */}
        <chakra.div role="status">
          {notice?.kind === 'done' && (
            <Banner tone="calm" live={false} raised>
              {notice.text}
            </Banner>
          )}
        </chakra.div>
        {notice !== null && notice.kind !== 'done' && (
          <Banner tone={notice.kind === 'failed' ? 'danger' : 'warning'} raised>
            <chakra.div display="flex" alignItems="center" gap={2}>
              <p>{notice.kind === 'failed' ? problemText(notice.problem) : notice.text}</p>
              <IconButton margin={-2} label={t('contents.dismiss')} onClick={onDone}>
                <X size={18} />
              </IconButton>
            </chakra.div>
          </Banner>
        )}
      </Column>
    </chakra.div>
  );
}
