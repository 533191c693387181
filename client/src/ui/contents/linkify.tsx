import { chakra } from '@chakra-ui/react/styled-system';
import { Fragment, type ReactNode } from 'react';

const ADDRESS = /https?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)\]}]/g;

/** Text with its http and https addresses as links; nothing else in it is markup. */
export function linkify(text: string): ReactNode {
  const parts: ReactNode[] = [];
  let from = 0;
  for (const match of text.matchAll(ADDRESS)) {
    parts.push(<Fragment key={`t${from}`}>{text.slice(from, match.index)}</Fragment>);
    parts.push(
      <chakra.a
        key={match.index}
        href={match[0]}
        target="_blank"
        rel="noopener noreferrer nofollow"
        color="accent"
        textDecoration="underline"
      >
        {match[0]}
      </chakra.a>,
    );
    from = match.index + match[0].length;
  }
  parts.push(<Fragment key={`t${from}`}>{text.slice(from)}</Fragment>);
  return parts;
}
