import { chakra } from '@chakra-ui/react/styled-system';

/** The first letters of a name, as people shorten it. */
function initials(name: string): string {
  const words = name.trim().split(/\s+/);
  const letters = words.length > 1 ? [words[0], words.at(-1)] : [words[0]];
  return letters
    .map((word) => Array.from(word ?? '')[0] ?? '')
    .join('')
    .toLocaleUpperCase();
}

/** A member as a small round sign; its name stands beside it or in its title. */
export function Avatar({ name, self = false }: { readonly name: string; readonly self?: boolean }) {
  return (
    <chakra.span
      aria-hidden="true"
      title={name}
      display="inline-grid"
      placeItems="center"
      flexShrink={0}
      width="2rem"
      height="2rem"
      borderRadius="full"
      fontSize="xs"
      fontWeight={700}
      background={self ? 'accent' : 'accentSoft'}
      color={self ? 'onAccent' : 'accent'}
    >
      {initials(name) || '·'}
    </chakra.span>
  );
}
