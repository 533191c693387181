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
    raised: { true: { borderWidth: '1px', borderColor: 'line', marginBottom: 1 } },
  },
});

interface BannerProps {
  readonly tone: 'danger' | 'warning' | 'calm';
  readonly title?: string;
  /** False inside of something that is read out itself. */
  readonly live?: boolean;
  /** True over other things. */
  readonly raised?: boolean;
  readonly children: ReactNode;
}

/** Something that the member should know now; danger is read out at once. */
export function Banner({ tone, title, live = true, raised = false, children }: BannerProps) {
  const role = tone === 'danger' ? 'alert' : 'status';
  return (
    <Frame tone={tone} raised={raised} {...(live ? { role } : {})}>
      {title !== undefined && (
        <chakra.strong display="block" color={tone === 'danger' ? 'danger' : 'ink'}>
          {title}
        </chakra.strong>
      )}
      {children}
    </Frame>
  );
}
