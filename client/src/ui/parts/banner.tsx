import { chakra } from '@chakra-ui/react/styled-system';
import type { ReactNode } from 'react';

const Frame = chakra('div', {
  base: { borderRadius: 'md', padding: 3, fontSize: 'sm', color: 'ink' },
  variants: {
    tone: {
      danger: { background: 'dangerSoft' },
      warning: { background: 'warningSoft' },
      calm: { background: 'accentSoft' },
    },
  },
});

interface BannerProps {
  readonly tone: 'danger' | 'warning' | 'calm';
  readonly title?: string;
  readonly children: ReactNode;
}

/** Something that the member should know now; danger is read out at once. */
export function Banner({ tone, title, children }: BannerProps) {
  return (
    <Frame tone={tone} role={tone === 'danger' ? 'alert' : 'status'}>
      {title !== undefined && (
        <chakra.strong display="block" color={tone === 'danger' ? 'danger' : 'ink'}>
          {title}
        </chakra.strong>
      )}
      {children}
    </Frame>
  );
}
