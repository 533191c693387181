import { chakra } from '@chakra-ui/react/styled-system';
import { useTranslation } from 'react-i18next';

import type { Problem } from '../../store/model';
import { problemText } from '../texts/problem';
import { Trouble } from './trouble';

interface UnreadableCardProps {
  readonly contentId: string;
  /** Null when it could not be drawn. */
  readonly problem: Problem | null;
}

/** A content that does not open: shown as what it is, never hidden. */
export function UnreadableCard({ contentId, problem }: UnreadableCardProps) {
  const { t } = useTranslation();
  const isSealedSo = problem === null || problem.code === 'content_damaged';
  const title = t('contents.unreadableTitle');
  return (
    <chakra.article aria-label={title} paddingLeft="2.75rem">
      <Trouble contentId={contentId} title={title} heading={title}>
        {isSealedSo ? t('contents.unreadable') : problemText(problem)}
      </Trouble>
    </chakra.article>
  );
}
