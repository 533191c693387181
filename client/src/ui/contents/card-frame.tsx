import { chakra } from '@chakra-ui/react/styled-system';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import type { Content } from '../../store/model';
import { Avatar } from '../parts/avatar';
import { momentText, whenText } from '../texts/format';

interface CardFrameProps extends Pick<Content, 'mine' | 'senderName' | 'createdAt'> {
  readonly title: string;
  readonly now: number;
  /** What is to be known beside who and when. */
  readonly marks?: ReactNode;
  readonly children: ReactNode;
}

/** What was shared at once: who and when, and the thing itself. */
export function CardFrame(props: CardFrameProps) {
  const { title, mine, senderName, createdAt, now, marks, children } = props;
  const { t } = useTranslation();
  const name = mine ? t('contents.you') : senderName;
  return (
    <chakra.article
      aria-label={title}
      display="grid"
      gridTemplateColumns="auto minmax(0, 1fr)"
      gap={3}
    >
      <Avatar name={senderName} self={mine} />
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
            dateTime={new Date(createdAt).toISOString()}
            title={momentText(createdAt)}
          >
            {whenText(createdAt, now)}
          </chakra.time>
          {marks}
        </chakra.p>
        <chakra.div
          background="surface"
          borderWidth="1px"
          borderColor="line"
          borderRadius="lg"
          overflow="hidden"
        >
          {children}
        </chakra.div>
      </chakra.div>
    </chakra.article>
  );
}
