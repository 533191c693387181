import { chakra } from '@chakra-ui/react/styled-system';
import { ChevronDown, ChevronRight, FolderClosed, FolderOpen } from 'lucide-react';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { type Folder, tallyOf } from '../../store/folders';
import type { Zipping } from '../../store/model';
import { Button } from '../parts/button';
import { sizeText } from '../texts/format';
import { CardFrame } from './card-frame';
import { CardHead } from './card-head';
import { Expiry } from './expiry';
import { FolderActions } from './folder-actions';
import { FolderFiles } from './folder-files';
import { FolderLine } from './folder-line';

interface FolderCardProps {
  readonly folder: Folder;
  /** How it is being saved, where it is. */
  readonly zipping: Zipping | null;
  /** Whether others of its files may be in what was not loaded yet. */
  readonly hasOlder: boolean;
  readonly now: number;
}

/** A folder: what is in it, how far it is, and, when it is opened, its files. */
export function FolderCard({ folder, zipping, hasOlder, now }: FolderCardProps) {
  const { t } = useTranslation();
  const [isOpen, setOpen] = useState(false);
  const listId = useId();
  const { group, contents, first } = folder;
  const { name, count } = group;
  const { mine, senderName, createdAt } = first;
  const { wholeCount, totalBytes } = tallyOf(folder);
  const ends = contents.flatMap(({ expiresAt, pinned }) =>
    expiresAt === null || pinned ? [] : [expiresAt],
  );
  const marks =
    ends.length === 0 ? null : <Expiry at={Math.min(...ends)} now={now} pinned={false} />;
  const isWhole = wholeCount >= count && contents.length === wholeCount;
  const files = isWhole
    ? t('folders.files', { count })
    : t('folders.here', { here: wholeCount, count });
  const frame = { title: name, mine, senderName, createdAt, now, marks };
  const Sign = isOpen ? FolderOpen : FolderClosed;
  const Arrow = isOpen ? ChevronDown : ChevronRight;
  return (
    <CardFrame {...frame}>
      <CardHead sign={<Sign size={22} aria-hidden="true" />} title={name}>
        {`${files} · ${sizeText(totalBytes)}`}
      </CardHead>
      <FolderLine folder={folder} zipping={zipping} />
      <chakra.div
        display="flex"
        flexWrap="wrap"
        paddingBlock={1}
        paddingInline={{ base: 0, sm: 1 }}
        color="muted"
      >
        <Button
          type="button"
          look="quiet"
          paddingInline={{ base: 2, sm: 3 }}
          aria-expanded={isOpen}
          aria-controls={listId}
          onClick={() => setOpen(!isOpen)}
        >
          {/* With it a phone had no room for the bin in this line. */}
          <chakra.span display={{ base: 'none', sm: 'inline' }}>
            <Arrow size={16} aria-hidden="true" />
          </chakra.span>
          {t(isOpen ? 'folders.hide' : 'folders.show')}
        </Button>
        <FolderActions folder={folder} isZipping={zipping !== null && isMoving(zipping)} />
      </chakra.div>
      <div id={listId}>
        {isOpen && <FolderFiles folder={folder} hasOthers={hasOlder && contents.length < count} />}
      </div>
    </CardFrame>
  );
}

function isMoving({ activity }: Zipping): boolean {
  return activity.kind === 'saving' || activity.kind === 'waiting';
}
