import { type ReactNode, useRef } from 'react';

import { IconButton } from '../parts/icon-button';

interface PickerProps {
  readonly label: string;
  /** For a folder with all that is in it, instead of files. */
  readonly folder?: boolean;
  readonly onPicked: (files: readonly File[]) => void;
  /** Its sign. */
  readonly children: ReactNode;
}

/** Lets files or a folder be chosen. */
export function Picker({ label, folder = false, onPicked, children }: PickerProps) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <IconButton label={label} onClick={() => input.current?.click()}>
        {children}
      </IconButton>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        aria-label={label}
        {...(folder ? { webkitdirectory: '' } : {})}
        onChange={({ target }) => {
          onPicked([...(target.files ?? [])]);
          target.value = '';
        }}
      />
    </>
  );
}
