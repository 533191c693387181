import { chakra } from '@chakra-ui/react/styled-system';
import { useTranslation } from 'react-i18next';

import { type Folder, isSent, tallyOf } from '../../store/folders';
import type { Content, Zipping } from '../../store/model';
import { standingOf } from '../../store/overall';
import { Banner } from '../parts/banner';
import { Button } from '../parts/button';
import { useScope } from '../session/use-session';
import { problemText } from '../texts/problem';
import { factsOf, standingStill } from './moving';
import { ProgressLine } from './progress-line';
import { useSpeed } from './use-speed';

interface FolderLineProps {
  readonly folder: Folder;
  readonly zipping: Zipping | null;
}

/** What is happening with a folder as a whole: sent, arriving, saved, or what failed of it. */
export function FolderLine({ folder, zipping }: FolderLineProps) {
  const { t } = useTranslation();
  const sent = folder.contents.filter(isSent);
  const comes = folder.contents.filter(({ mine, state }) => !mine && state === 'uploading');
  const failed = folder.contents.filter(
    ({ mine, state, activity }) => mine && state !== 'complete' && activity.kind === 'failed',
  );
  return (
    <>
      {sent.length > 0 && <Sent folder={folder} sent={sent} />}
      {sent.length === 0 && comes.length > 0 && <Comes folder={folder} comes={comes} />}
      {failed.length > 0 && (
        <chakra.div padding={3} paddingTop={1}>
          <Banner tone="danger">{t('folders.failed', { count: failed.length })}</Banner>
        </chakra.div>
      )}
      {zipping !== null && <Zipped folderKey={folder.key} zipping={zipping} />}
    </>
  );
}

const NOTES = {
  moving: 'contents.sending',
  waiting: 'contents.waiting',
  paused: 'contents.paused',
} as const;

/** How far this member is in sending all of it. */
function Sent({ folder, sent }: { readonly folder: Folder; readonly sent: readonly Content[] }) {
  const { t } = useTranslation();
  const { session } = useScope();
  const { doneBytes, totalBytes } = tallyOf(folder);
  const progress = useSpeed(doneBytes, totalBytes);
  const standing = standingOf(sent.map(({ activity }) => activity.kind));
  const isResting = standing === 'paused';
  const rest = () => {
    for (const { contentId } of sent) (isResting ? session.goOn : session.pause)(contentId);
  };
  const cancel = () => {
    for (const { contentId } of sent) session.cancel(contentId);
  };
  return (
    <ProgressLine
      note={t(NOTES[standing])}
      share={doneBytes / Math.max(1, totalBytes)}
      facts={factsOf(t, standing === 'moving' ? progress : standingStill(progress))}
    >
      <Button type="button" look="quiet" paddingInline={3} onClick={rest}>
        {t(isResting ? 'contents.goOn' : 'contents.pause')}
      </Button>
      <Button type="button" look="quiet" paddingInline={3} onClick={cancel}>
        {t('contents.cancel')}
      </Button>
    </ProgressLine>
  );
}

/** How much of what another member sends has arrived at the server, or for whom it waits. */
function Comes({ folder, comes }: { readonly folder: Folder; readonly comes: readonly Content[] }) {
  const { t } = useTranslation();
  const { group, contents, first } = folder;
  const { doneBytes, totalBytes, wholeCount } = tallyOf(folder);
  const { bytesPerSecond, secondsLeft } = useSpeed(doneBytes, totalBytes);
  const waits = comes.every((content) => content.waits);
  const isKnown = contents.length >= group.count;
  // What is not known yet has no size: the files are counted then.
  const share = isKnown ? doneBytes / Math.max(1, totalBytes) : wholeCount / group.count;
  const left = waits || !isKnown ? null : secondsLeft;
  const progress = {
    doneBytes,
    totalBytes: isKnown ? totalBytes : null,
    bytesPerSecond: waits ? 0 : bytesPerSecond,
    secondsLeft: left,
  };
  const note = waits
    ? t('contents.waitingFor', { name: first.senderName })
    : t('contents.arriving');
  return <ProgressLine note={note} share={share} facts={factsOf(t, progress)} />;
}

interface ZippedProps {
  readonly folderKey: string;
  readonly zipping: Zipping;
}

/** How far it is saved as a zip, or which file kept it from being one. */
function Zipped({ folderKey, zipping: { activity, file } }: ZippedProps) {
  const { t } = useTranslation();
  const { session } = useScope();
  const stop = () => session.stopZip(folderKey);
  if (activity.kind === 'failed') {
    const what = file === null ? t('folders.zipFailed') : t('folders.zipFailedAt', { file });
    return (
      <chakra.div padding={3} paddingTop={1}>
        <Banner tone="danger" title={what}>
          <chakra.div display="flex" alignItems="center" justifyContent="space-between" gap={2}>
            <p>{problemText(activity.problem)}</p>
            <Button type="button" look="quiet" paddingInline={3} margin={-2} onClick={stop}>
              {t('contents.dismiss')}
            </Button>
          </chakra.div>
        </Banner>
      </chakra.div>
    );
  }
  if (activity.kind !== 'saving' && activity.kind !== 'waiting') return null;
  const { progress } = activity;
  const note =
    activity.kind === 'saving'
      ? t('folders.zipping')
      : activity.problem === null
        ? t('contents.waiting')
        : problemText(activity.problem);
  const share = progress.doneBytes / Math.max(1, progress.totalBytes ?? 0);
  const shown = activity.kind === 'saving' ? progress : standingStill(progress);
  return (
    <ProgressLine note={note} share={share} facts={factsOf(t, shown)}>
      <Button type="button" look="quiet" paddingInline={3} onClick={stop}>
        {t('contents.cancel')}
      </Button>
    </ProgressLine>
  );
}
