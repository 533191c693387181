import { chakra } from '@chakra-ui/react/styled-system';
import { Pin } from 'lucide-react';
import { memo } from 'react';
import { useTranslation } from 'react-i18next';

import type { Content } from '../../store/model';
import { Avatar } from '../parts/avatar';
import { momentText, whenText } from '../texts/format';
import { ActivityLine } from './activity-line';
import { CardActions } from './card-actions';
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
  const name = content.mine ? t('contents.you') : content.senderName;
  return (
    <chakra.article
      aria-label={title}
      display="grid"
      gridTemplateColumns="auto minmax(0, 1fr)"
      gap={3}
    >
      <Avatar name={content.senderName} self={content.mine} />
      <chakra.div minWidth={0} display="grid" gridTemplateColumns="minmax(0, 1fr)" gap={1}>
        <chakra.p
          fontSize="sm"
          color="muted"
          display="flex"
          flexWrap="wrap"
          alignItems="center"
          columnGap={2}
        >
          <chakra.strong color="ink" truncate dir="auto" title={name}>
            {name}
          </chakra.strong>
          <chakra.time
            flexShrink={0}
            dateTime={new Date(content.createdAt).toISOString()}
            title={momentText(content.createdAt)}
          >
            {whenText(content.createdAt, now)}
          </chakra.time>
          {content.pinned && (
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
          {content.expiresAt !== null && (
            <Expiry at={content.expiresAt} now={now} pinned={content.pinned} />
          )}
        </chakra.p>
        <chakra.div
          background="surface"
          borderWidth="1px"
          borderColor="line"
          borderRadius="lg"
          overflow="hidden"
        >
          <Body content={content} />
          <ActivityLine content={content} title={title} />
          <CardActions content={content} title={title} />
        </chakra.div>
      </chakra.div>
    </chakra.article>
  );
});

function Body({ content }: { readonly content: Content }) {
  if (content.kind === 'text') return <TextBody content={content} />;
  if (content.kind === 'picture' && content.state !== 'damaged') {
    return <PictureBody content={content} />;
  }
  return <FileBody content={content} />;
}
