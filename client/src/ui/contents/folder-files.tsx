import { chakra } from '@chakra-ui/react/styled-system';
import { memo } from 'react';
import { useTranslation } from 'react-i18next';

import { type Folder, pathIn } from '../../store/folders';
import type { Content } from '../../store/model';
import { Button } from '../parts/button';
import { useAct, useScope } from '../session/use-session';
import { sizeText } from '../texts/format';
import { ActivityLine } from './activity-line';
import { CardActions } from './card-actions';
import { RowSign } from './row-sign';

interface FolderFilesProps {
  readonly folder: Folder;
  /** Whether more of them are on the server than were loaded. */
  readonly hasOthers: boolean;
}

/** The files of a folder with their paths, and what can be done with each. */
export function FolderFiles({ folder, hasOthers }: FolderFilesProps) {
  const { t } = useTranslation();
  const { session } = useScope();
  const act = useAct();
  const { group, contents } = folder;
  return (
    <>
      <chakra.ul aria-label={t('folders.list', { name: group.name })} listStyle="none">
        {contents.map((content) => (
          <FileRow key={content.contentId} content={content} />
        ))}
      </chakra.ul>
      {hasOthers && (
        <chakra.div borderTopWidth="1px" borderColor="line" padding={1}>
          <Button
            type="button"
            look="quiet"
            paddingInline={3}
            onClick={() => act(session.loadOlder)}
          >
            {t('folders.others')}
          </Button>
        </chakra.div>
      )}
    </>
  );
}

/** One file; drawn when it changes, and laid out when it is near what is seen. */
const FileRow = memo(function FileRow({ content }: { readonly content: Content }) {
  const path = pathIn(content);
  const folders = path.slice(0, path.length - content.name.length);
  return (
    <chakra.li
      borderTopWidth="1px"
      borderColor="line"
      css={{ contentVisibility: 'auto', containIntrinsicSize: 'auto 3.25rem' }}
    >
      <chakra.article aria-label={path}>
        <chakra.div display="flex" flexWrap="wrap" alignItems="center" columnGap={2}>
          <chakra.div
            flex="999 1 13rem"
            minWidth={0}
            display="flex"
            alignItems="center"
            gap={3}
            paddingInline={4}
            paddingBlock="0.375rem"
          >
            <RowSign content={content} />
            <chakra.p fontSize="sm" overflowWrap="anywhere" dir="auto" minWidth={0}>
              <chakra.span color="muted">{folders}</chakra.span>
              {content.name}{' '}
              {content.size !== null && (
                <chakra.span color="muted" whiteSpace="nowrap">
                  {sizeText(content.size)}
                </chakra.span>
              )}
            </chakra.p>
          </chakra.div>
          {/* Beside the name where there is room, else below it over all the width. */}
          <chakra.div flex="1 0 auto">
            <CardActions content={content} title={path} />
          </chakra.div>
        </chakra.div>
        <ActivityLine content={content} title={path} />
      </chakra.article>
    </chakra.li>
  );
});
