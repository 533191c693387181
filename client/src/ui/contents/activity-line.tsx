import { chakra } from '@chakra-ui/react/styled-system';
import { useTranslation } from 'react-i18next';

import type { Content } from '../../store/model';
import { Banner } from '../parts/banner';
import { ProgressBar } from '../parts/progress';
import { problemText } from '../texts/problem';
import { Interrupted } from './interrupted';
import { KeptLine } from './kept-line';
import { CancelButton, factsOf, Moving } from './moving';
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
        {state === 'complete' || (state === 'uploading' && !content.mine) ? (
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
  if (activity.kind === 'kept') {
    return <KeptLine content={content} title={title} activity={activity} />;
  }
  if (activity.kind === 'elsewhere') {
    return (
      <chakra.p paddingInline={4} paddingTop={2} fontSize="sm" color="muted">
        {t('contents.elsewhere')}
      </chakra.p>
    );
  }
  if (activity.kind !== 'idle') {
    const canRest = content.mine && state === 'uploading' && activity.kind !== 'reading';
    return <Moving content={content} activity={activity} canRest={canRest} />;
  }
  if (state !== 'uploading') return null;
  if (content.mine) return <Queued contentId={contentId} />;
  return <Arriving content={content} />;
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

/** How much of what another member sends has arrived at the server, or for whom it waits. */
function Arriving({ content }: { readonly content: Content }) {
  const { t } = useTranslation();
  const { storedBytes: doneBytes, size: totalBytes, waits, senderName } = content;
  const known = { doneBytes, totalBytes, bytesPerSecond: 0, secondsLeft: null };
  const note = waits ? t('contents.waitingFor', { name: senderName }) : t('contents.arriving');
  const facts = factsOf(t, waits ? known : (content.arriving ?? known));
  const share = totalBytes === null ? null : doneBytes / Math.max(1, totalBytes);
  return (
    <chakra.div paddingInline={4} paddingTop={2} display="grid" gap={1}>
      <ProgressBar label={note} share={share} />
      <chakra.p fontSize="sm" color="muted" fontVariantNumeric="tabular-nums" paddingTop={2}>
        <chakra.strong color="ink">{note}</chakra.strong> {facts}
      </chakra.p>
    </chakra.div>
  );
}
