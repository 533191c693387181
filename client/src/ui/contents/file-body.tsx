import { chakra } from '@chakra-ui/react/styled-system';
import { File, FileArchive, FileAudio, FileImage, FileText, FileVideo } from 'lucide-react';

import type { Content } from '../../store/model';
import { sizeText } from '../texts/format';
import { useTitle } from './use-title';

const ICONS = [
  [/^image\//, FileImage],
  [/^audio\//, FileAudio],
  [/^video\//, FileVideo],
  [/^text\/|\/pdf$/, FileText],
  [/zip|tar|compress|7z|rar/, FileArchive],
] as const;

/** The sign of a kind of file. */
function KindIcon({ mime }: { readonly mime: string }) {
  const Icon = ICONS.find(([kind]) => kind.test(mime))?.[1] ?? File;
  return <Icon size={22} aria-hidden="true" />;
}

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
        <KindIcon mime={content.mime} />
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
