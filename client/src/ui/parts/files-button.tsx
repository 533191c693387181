import { type ReactNode, useRef } from 'react';

import { Button } from './button';

interface FilesButtonProps {
  readonly multiple?: boolean;
  readonly onFiles: (files: readonly File[]) => void;
  readonly children: ReactNode;
}

/** Lets files be chosen; nothing happens when none is. */
export function FilesButton({ multiple = false, onFiles, children }: FilesButtonProps) {
  const picker = useRef<HTMLInputElement>(null);
  return (
    <>
      <Button
        type="button"
        look="quiet"
        color="accent"
        paddingInline={3}
        onClick={() => picker.current?.click()}
      >
        {children}
      </Button>
      <input
        ref={picker}
        type="file"
        multiple={multiple}
        hidden
        onChange={({ target }) => {
          const files = [...(target.files ?? [])];
          target.value = '';
          if (files.length > 0) onFiles(files);
        }}
      />
    </>
  );
}
