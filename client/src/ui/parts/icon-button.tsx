import type { ComponentProps } from 'react';

import { Button } from './button';

interface IconButtonProps extends ComponentProps<typeof Button> {
  /** What it does: read out, and shown beside the pointer. */
  readonly label: string;
}

/** An act as a sign alone, where its place and a word beside the pointer say enough. */
export function IconButton({ label, ...rest }: IconButtonProps) {
  return (
    <Button type="button" look="quiet" shape="icon" aria-label={label} title={label} {...rest} />
  );
}
