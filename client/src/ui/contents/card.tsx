import { chakra } from '@chakra-ui/react/styled-system';
import { Pin } from 'lucide-react';
import { memo } from 'react';
import { useTranslation } from 'react-i18next';

import type { Content } from '../../store/model';
import { ActivityLine } from './activity-line';
import { CardActions } from './card-actions';
import { CardFrame } from './card-frame';
import { Expiry } from './expiry';
import { FileBody } from './file-body';
import { PictureBody } from './picture-body';
import { TextBody } from './text-body';
import { useTitle } from './use-title';

interface CardProps {
  readonly content: Content;
  readonly now: number;
}

/** One content: who and when, what it is, and what can be done with it; drawn when it changes. */
export const Card = memo(function Card({ content, now }: CardProps) {
  const { t } = useTranslation();
  const title = useTitle(content);
  const { mine, senderName, createdAt, pinned, expiresAt } = content;
  const marks = (
    <>
      {pinned && (
        <chakra.span
          display="inline-flex"
          alignItems="center"
          flexShrink={0}
          gap={1}
          color="accent"
        >
          <Pin size={14} aria-hidden="true" />
          {t('contents.pinned')}
        </chakra.span>
      )}
      {expiresAt !== null && <Expiry at={expiresAt} now={now} pinned={pinned} />}
    </>
  );
  const frame = { title, mine, senderName, createdAt, now, marks };
  return (
    <CardFrame {...frame}>
      <Body content={content} />
      <ActivityLine content={content} title={title} />
      <CardActions content={content} title={title} />
    </CardFrame>
  );
});

function Body({ content }: { readonly content: Content }) {
  if (content.kind === 'text') return <TextBody content={content} />;
  if (content.kind === 'picture' && content.state !== 'damaged') {
    return <PictureBody content={content} />;
  }
  return <FileBody content={content} />;
}
