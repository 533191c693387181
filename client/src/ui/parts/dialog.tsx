import { chakra } from '@chakra-ui/react/styled-system';
import { type ReactNode, useLayoutEffect, useRef } from 'react';

interface DialogProps {
  readonly label: string;
  readonly onClose: () => void;
  readonly wide?: boolean;
  readonly children: ReactNode;
}

/** A modal dialog: the browser's own, which keeps the focus inside and closes on Escape. */
export function Dialog({ label, onClose, wide = false, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  // Closed while it is still in the page, the browser gives the focus back to where it was.
  useLayoutEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);
  return (
    <chakra.dialog
      ref={dialog}
      aria-label={label}
      onClose={onClose}
      onClick={(event) => {
        if (event.target === dialog.current) onClose();
      }}
      margin="auto"
      width={wide ? 'fit-content' : 'min(26rem, calc(100vw - 2rem))'}
      maxWidth="calc(100vw - 2rem)"
      maxHeight="calc(100dvh - 2rem)"
      padding={wide ? 0 : 6}
      borderRadius="lg"
      background="surface"
      color="ink"
      overflow="auto"
      css={{ '&::backdrop': { background: 'rgb(0 0 0 / 60%)' } }}
    >
      {children}
    </chakra.dialog>
  );
}
