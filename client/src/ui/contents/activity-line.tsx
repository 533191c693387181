import { chakra } from '@chakra-ui/react/styled-system';
import { useTranslation } from 'react-i18next';

import type { Content, Progress } from '../../store/model';
import { Button } from '../parts/button';
import { Banner } from '../parts/banner';
import { ProgressBar } from '../parts/progress';
import { useScope } from '../session/use-session';
import { durationText, sizeText } from '../texts/format';
import { problemText } from '../texts/problem';

/** What is happening with a content: sent, saved, waiting, failed, or still arriving. */
export function ActivityLine({ content }: { readonly content: Content }) {
  const { t } = useTranslation();
  const { activity } = content;
  if (activity.kind === 'failed') {
    return (
      <chakra.div padding={3} paddingTop={0}>
        <Banner tone="danger">{problemText(activity.problem)}</Banner>
      </chakra.div>
    );
  }
  if (activity.kind !== 'idle') {
    const note =
      activity.kind === 'waiting'
        ? activity.problem === null
          ? t('contents.waiting')
          : problemText(activity.problem)
        : t(`contents.${activity.kind}`);
    return <Moving content={content} progress={activity.progress} note={note} />;
  }
  if (content.state === 'damaged') {
    return (
      <chakra.div padding={3} paddingTop={0}>
        <Banner tone="danger">{t('contents.damaged')}</Banner>
      </chakra.div>
    );
  }
  if (content.state !== 'uploading') return null;
  const done = sizeText(content.storedBytes);
  const label =
    content.size === null
      ? t('contents.arrivedUnknown', { done })
      : t('contents.arrived', { done, total: sizeText(content.size) });
  const share = content.size === null ? null : content.storedBytes / Math.max(1, content.size);
  return (
    <chakra.div paddingInline={4} paddingBottom={3} display="grid" gap={2}>
      <ProgressBar label={label} share={share} />
      <chakra.p fontSize="sm" color="muted">
        {label}
      </chakra.p>
    </chakra.div>
  );
}

interface MovingProps {
  readonly content: Content;
  readonly progress: Progress;
  readonly note: string;
}

function Moving({ content, progress, note }: MovingProps) {
  const { t } = useTranslation();
  const { session } = useScope();
  const { doneBytes, totalBytes, bytesPerSecond, secondsLeft } = progress;
  const share = totalBytes === null ? null : doneBytes / Math.max(1, totalBytes);
  const percent = share === null ? null : Math.min(99, Math.floor(share * 100));
  const facts = [
    percent === null ? null : t('contents.percent', { percent }),
    totalBytes === null
      ? sizeText(doneBytes)
      : t('contents.of', { done: sizeText(doneBytes), total: sizeText(totalBytes) }),
    bytesPerSecond > 0 ? t('contents.speed', { speed: sizeText(bytesPerSecond) }) : null,
    secondsLeft === null ? null : t('contents.left', { time: durationText(secondsLeft) }),
  ].filter((fact) => fact !== null);
  return (
    <chakra.div paddingInline={4} paddingBottom={2} display="grid" gap={2}>
      <ProgressBar label={note} share={share} />
      <chakra.div display="flex" alignItems="center" justifyContent="space-between" gap={2}>
        <chakra.p fontSize="sm" color="muted" fontVariantNumeric="tabular-nums">
          <chakra.strong color="ink">{note}</chakra.strong> {facts.join(' · ')}
        </chakra.p>
        <Button type="button" look="quiet" onClick={() => session.cancel(content.contentId)}>
          {t('contents.cancel')}
        </Button>
      </chakra.div>
    </chakra.div>
  );
}
