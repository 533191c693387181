import { chakra } from '@chakra-ui/react/styled-system';
import { useTranslation } from 'react-i18next';

import type { Content } from '../../store/model';
import { Banner } from '../parts/banner';
import { Column, GUTTER } from '../parts/column';
import { FilesButton } from '../parts/files-button';
import { ProgressBar } from '../parts/progress';
import { useAct, useScope } from '../session/use-session';
import { sizeText, spanText } from '../texts/format';
import { RemoveButton } from './remove-button';

interface InterruptedProps {
  readonly content: Content;
  readonly title: string;
  readonly keptSeconds: number | null;
}

/** An upload that the page was closed over: how much has arrived, and how it goes on. */
export function Interrupted({ content, title, keptSeconds }: InterruptedProps) {
  const { t } = useTranslation();
  const { session } = useScope();
  const act = useAct();
  const { contentId, storedBytes, size } = content;
  const total = Math.max(1, size ?? 0);
  const facts = t('contents.arrivedPart', { done: sizeText(storedBytes), total: sizeText(total) });
  const hint =
    keptSeconds === null
      ? t('contents.interruptedUnsent')
      : t('contents.interruptedHint', { time: spanText(keptSeconds) });
  return (
    <chakra.div paddingInline={4} paddingTop={1} paddingBottom={1} display="grid" gap={1}>
      <ProgressBar label={facts} share={storedBytes / total} />
      <chakra.p fontSize="sm" color="muted" fontVariantNumeric="tabular-nums" paddingTop={2}>
        <chakra.strong color="ink">{t('contents.interrupted')}</chakra.strong> {facts} {hint}
      </chakra.p>
      <chakra.span marginInline={-3} display="flex" flexWrap="wrap">
        <FilesButton onFiles={(files) => act(() => session.resume(files, contentId))}>
          {t('contents.choose')}
        </FilesButton>
        <RemoveButton word contentId={contentId} title={title} />
      </chakra.span>
    </chakra.div>
  );
}

/** Over the contents: how many uploads wait for their files; nothing while there are none. */
export function InterruptedBanner({ contents }: { readonly contents: readonly Content[] }) {
  const { t } = useTranslation();
  const { session } = useScope();
  const act = useAct();
  const count = contents.filter(({ activity }) => activity.kind === 'interrupted').length;
  if (count === 0) return null;
  return (
    <chakra.div css={GUTTER}>
      <Column paddingBlock={3}>
        <Banner tone="warning">
          <chakra.div display="flex" flexWrap="wrap" alignItems="center" columnGap={4}>
            <chakra.p flex="1 1 14rem">{t('contents.interruptedCount', { count })}</chakra.p>
            <chakra.span marginBlock={-2} marginInline={-3}>
              <FilesButton
                multiple={count > 1}
                onFiles={(files) => act(() => session.resume(files))}
              >
                {t('contents.chooseThem', { count })}
              </FilesButton>
            </chakra.span>
          </chakra.div>
        </Banner>
      </Column>
    </chakra.div>
  );
}
