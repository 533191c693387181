import { chakra } from '@chakra-ui/react/styled-system';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { Content } from '../../store/model';

/** Reads out the newest content that somebody else added since the page was opened. */
export function Arrivals({ contents }: { readonly contents: readonly Content[] }) {
  const { t } = useTranslation();
  const [from] = useState(() => contents.at(-1)?.position ?? 0);
  const newest = contents.findLast(({ mine, position }) => !mine && position > from);
  return (
    <chakra.div role="log" srOnly>
      {newest !== undefined && (
        // The key makes it a new node, so that the same words are read out again.
        <p key={newest.contentId}>
          {newest.kind === 'text'
            ? t('contents.newText', { name: newest.senderName })
            : t('contents.newThing', { name: newest.senderName, thing: newest.name })}
        </p>
      )}
    </chakra.div>
  );
}
