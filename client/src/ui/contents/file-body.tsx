import { chakra } from '@chakra-ui/react/styled-system';

import type { Content } from '../../store/model';
import { sizeText } from '../texts/format';
import { KindIcon } from './kind-icon';
import { useTitle } from './use-title';

/** A file: its kind as a sign, its name, its size. */
export function FileBody({ content }: { readonly content: Content }) {
  return (
    <chakra.div display="flex" gap={3} padding={4} paddingBottom={2}>
      <chakra.span
        color="accent"
        background="accentSoft"
        borderRadius="md"
        padding={3}
        alignSelf="start"
        lineHeight={0}
      >
        <KindIcon mime={content.mime} size={22} />
      </chakra.span>
      <chakra.div minWidth={0}>
        <chakra.p fontWeight={600} overflowWrap="anywhere" dir="auto">
          {useTitle(content)}
        </chakra.p>
        {content.size !== null && (
          <chakra.p fontSize="sm" color="muted">
            {sizeText(content.size)}
          </chakra.p>
        )}
      </chakra.div>
    </chakra.div>
  );
}
