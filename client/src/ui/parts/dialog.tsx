import { chakra } from '@chakra-ui/react/styled-system';
import { type ReactNode, useLayoutEffect, useRef } from 'react';

const Frame = chakra('dialog', {
  base: {
    margin: 'auto',
    padding: 0,
    background: 'surface',
    color: 'ink',
    overflow: 'auto',
    '&::backdrop': { background: 'rgb(0 0 0 / 60%)' },
  },
  variants: {
    full: {
      true: { width: '100vw', height: '100dvh', maxWidth: 'none', maxHeight: 'none' },
      false: {
        width: 'min(26rem, calc(100vw - 2rem))',
        maxWidth: 'none',
        maxHeight: 'calc(100dvh - 2rem)',
        borderRadius: 'lg',
      },
    },
  },
});

interface DialogProps {
  readonly label: string;
  readonly onClose: () => void;
  /** In the whole window. */
  readonly full?: boolean;
  readonly children: ReactNode;
}

/** A modal dialog: the browser's own, which keeps the focus inside and closes on Escape. */
export function Dialog({ label, onClose, full = false, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  // Closed while it is still in the page, the browser gives the focus back to where it was.
  useLayoutEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);
  return (
    <Frame
      ref={dialog}
      full={full}
      aria-label={label}
      onClose={onClose}
      onMouseDown={(event) => {
        // What is inside covers all of it: this is a press on what is dimmed behind it.
        if (event.target === dialog.current) onClose();
      }}
    >
      <chakra.div {...(full ? { height: '100%' } : { padding: 6 })}>{children}</chakra.div>
    </Frame>
  );
}
