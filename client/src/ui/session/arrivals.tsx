import { chakra } from '@chakra-ui/react/styled-system';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { Content } from '../../store/model';

interface Told {
  /** All up to here was told, or was there when the page was opened. */
  readonly position: number;
  readonly content: Content | null;
}

/** Reads out the newest content that somebody else added since the page was opened, once. */
export function Arrivals({ contents }: { readonly contents: readonly Content[] }) {
  const { t } = useTranslation();
  const [told, setTold] = useState<Told>(() => ({
    position: contents.at(-1)?.position ?? 0,
    content: null,
  }));
  const newest = contents.findLast(({ mine, position }) => !mine && position > told.position);
  if (newest !== undefined) setTold({ position: newest.position, content: newest });
  const { content } = told;
  // A folder is one thing, told once.
  const folder = content?.folder?.group;
  return (
    <chakra.div role="log" srOnly>
      {content !== null && (
        // The key makes it a new node, so that the same words are read out again.
        <p key={folder?.id ?? content.contentId}>
          {content.kind === 'text'
            ? t('contents.newText', { name: content.senderName })
            : t('contents.newThing', {
                name: content.senderName,
                thing: folder?.name ?? content.name,
              })}
        </p>
      )}
    </chakra.div>
  );
}
