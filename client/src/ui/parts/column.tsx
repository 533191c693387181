import { chakra } from '@chakra-ui/react/styled-system';

/** What contents, composer and banners are aligned to: at most 46 rem between its paddings. */
export const Column = chakra('div', {
  base: {
    width: '100%',
    maxWidth: { base: '47.5rem', md: '49rem' },
    marginInline: 'auto',
    paddingInline: { base: 3, md: 6 },
  },
});

/** Keeps room for a scroll bar where there is none, so that columns above each other align. */
export const GUTTER = { overflow: 'hidden', scrollbarGutter: 'stable' } as const;
