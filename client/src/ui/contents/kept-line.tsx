import { chakra } from '@chakra-ui/react/styled-system';
import { useTranslation } from 'react-i18next';

import type { Activity, Content } from '../../store/model';
import { Banner } from '../parts/banner';
import { Button } from '../parts/button';
import { ProgressBar } from '../parts/progress';
import { useScope } from '../session/use-session';
import { sizeText } from '../texts/format';
import { problemText } from '../texts/problem';
import { useSave } from './use-save';

interface KeptLineProps {
  readonly content: Content;
  readonly title: string;
  readonly activity: Extract<Activity, { readonly kind: 'kept' }>;
}

/** A save that did not come to its end: how much is here, why it ended, and what to do with it. */
export function KeptLine({ content, title, activity }: KeptLineProps) {
  const { t } = useTranslation();
  const { session, isOver } = useScope();
  const save = useSave(content, title);
  const { contentId, size } = content;
  const { keptBytes, problem } = activity;
  const done = sizeText(Math.min(keptBytes, size ?? keptBytes));
  const note =
    size === null
      ? t('contents.keptUnknown', { done })
      : t('contents.kept', { done, total: sizeText(size) });
  const share = size === null ? null : keptBytes / Math.max(1, size);
  return (
    <chakra.div paddingInline={4} paddingTop={1} display="grid" gap={1}>
      {problem !== null && <Banner tone="danger">{problemText(problem)}</Banner>}
      <ProgressBar label={note} share={share} />
      <chakra.div
        display="flex"
        flexWrap="wrap"
        alignItems="center"
        justifyContent="space-between"
        columnGap={2}
      >
        <chakra.p fontSize="sm" color="muted" fontVariantNumeric="tabular-nums" paddingBlock={2}>
          {note}
        </chakra.p>
        <chakra.span display="flex" marginInline={-3}>
          {!isOver && (
            <Button type="button" look="quiet" color="accent" paddingInline={3} onClick={save}>
              {t('contents.goOn')}
            </Button>
          )}
          <Button
            type="button"
            look="quiet"
            paddingInline={3}
            onClick={() => session.cancel(contentId)}
          >
            {t('contents.discard')}
          </Button>
        </chakra.span>
      </chakra.div>
    </chakra.div>
  );
}
