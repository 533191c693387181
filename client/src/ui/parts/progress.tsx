import { chakra } from '@chakra-ui/react/styled-system';

interface ProgressProps {
  readonly label: string;
  /** 0 to 1; null while the whole is not known. */
  readonly share: number | null;
}

/** How far a transfer is; never full before it is done. */
export function ProgressBar({ label, share }: ProgressProps) {
  const percent = share === null ? null : Math.min(99, Math.floor(share * 100));
  return (
    <chakra.div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      {...(percent === null ? {} : { 'aria-valuenow': percent })}
      height="0.375rem"
      borderRadius="full"
      background="sunken"
      overflow="hidden"
    >
      <chakra.div
        height="100%"
        borderRadius="full"
        background="accent"
        // Moved, not widened: nothing is laid out anew. In steps: a bar that glides is drawn in every
        // frame, which takes more processor time than the cryptography (docs/decisions/0030).
        style={{ transform: `translateX(${(percent ?? 30) - 100}%)` }}
      />
    </chakra.div>
  );
}
