import { chakra } from '@chakra-ui/react/styled-system';
import { useTranslation } from 'react-i18next';

import type { Content } from '../../store/model';
import { Banner } from '../parts/banner';
import { ProgressBar } from '../parts/progress';
import { sizeText } from '../texts/format';
import { problemText } from '../texts/problem';
import { Interrupted } from './interrupted';
import { CancelButton, Moving } from './moving';
import { RemoveButton } from './remove-button';
import { Trouble } from './trouble';

interface ActivityLineProps {
  readonly content: Content;
  readonly title: string;
}

/** What is happening with a content: sent, saved, waiting, failed, or still arriving. */
export function ActivityLine({ content, title }: ActivityLineProps) {
  const { t } = useTranslation();
  const { activity, contentId, state } = content;
  if (activity.kind === 'failed' || (activity.kind === 'idle' && state === 'damaged')) {
    // Whoever tried to save it reads what heals it too.
    const isDamaged = state === 'damaged' || activity.kind !== 'failed';
    const sentence = isDamaged ? t('contents.damaged') : problemText(activity.problem);
    return (
      <chakra.div padding={3} paddingTop={1}>
        {state === 'complete' ? (
          <Banner tone="danger">{sentence}</Banner>
        ) : (
          <Trouble
            contentId={contentId}
            title={title}
            again={activity.kind === 'failed' && activity.again === true}
          >
            {sentence}
          </Trouble>
        )}
      </chakra.div>
    );
  }
  if (activity.kind === 'interrupted') {
    return <Interrupted content={content} title={title} keptSeconds={activity.keptSeconds} />;
  }
  if (activity.kind !== 'idle') {
    const canRest = content.mine && state === 'uploading' && activity.kind !== 'reading';
    return <Moving contentId={contentId} activity={activity} canRest={canRest} />;
  }
  if (state !== 'uploading') return null;
  if (content.mine) return <Queued contentId={contentId} />;
  return <Arriving content={content} title={title} />;
}

/** This member shared it, after others that are still being sent. */
function Queued({ contentId }: { readonly contentId: string }) {
  const { t } = useTranslation();
  return (
    <chakra.div
      paddingLeft={4}
      paddingRight={1}
      paddingBottom={1}
      display="flex"
      alignItems="center"
      justifyContent="space-between"
    >
      <chakra.p fontSize="sm" color="muted">
        {t('contents.queued')}
      </chakra.p>
      <CancelButton contentId={contentId} />
    </chakra.div>
  );
}

/** How much of what another member sends has arrived at the server. */
function Arriving({ content, title }: ActivityLineProps) {
  const { t } = useTranslation();
  const done = sizeText(content.storedBytes);
  const label =
    content.size === null
      ? t('contents.arrivedUnknown', { done })
      : t('contents.arrived', { done, total: sizeText(content.size) });
  const share = content.size === null ? null : content.storedBytes / Math.max(1, content.size);
  return (
    <chakra.div paddingInline={4} paddingTop={1} paddingBottom={2} display="grid" gap={1}>
      <ProgressBar label={label} share={share} />
      <chakra.div display="flex" alignItems="center" justifyContent="space-between">
        <chakra.p fontSize="sm" color="muted" fontVariantNumeric="tabular-nums">
          {label}
        </chakra.p>
        <chakra.span marginRight={-3}>
          <RemoveButton contentId={content.contentId} title={title} />
        </chakra.span>
      </chakra.div>
    </chakra.div>
  );
}
