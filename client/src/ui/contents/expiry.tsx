import { chakra } from '@chakra-ui/react/styled-system';
import { Timer } from 'lucide-react';
import { useTranslation } from 'react-i18next';

import { durationText, momentText } from '../texts/format';
import { useNow } from '../session/use-session';

const LAST_MS = 60_000;
const SECOND_MS = 1000;

interface ExpiryProps {
  readonly at: number;
  /** The time as the page knows it, some half minute old at most. */
  readonly now: number;
  /** It stays as long as it is pinned. */
  readonly pinned: boolean;
}

/** When a content goes by itself; its last minute is counted, and never read out. */
export function Expiry({ at, now, pinned }: ExpiryProps) {
  return (
    <chakra.span
      display="inline-flex"
      alignItems="center"
      flexShrink={0}
      gap={1}
      title={momentText(at)}
      fontVariantNumeric="tabular-nums"
    >
      <Timer size={14} aria-hidden="true" />
      {pinned ? (
        <Held ms={at - now} />
      ) : at - now <= LAST_MS + 30_000 ? (
        <LastMinute at={at} />
      ) : (
        <Left ms={at - now} />
      )}
    </chakra.span>
  );
}

/** What a pin holds, and for how long it would stay without. */
function Held({ ms }: { readonly ms: number }) {
  const { t } = useTranslation();
  return ms <= 0
    ? t('contents.goesUnpinned')
    : t('contents.left', { time: durationText(ms / SECOND_MS) });
}

function LastMinute({ at }: { readonly at: number }) {
  const now = useNow(SECOND_MS);
  return <Left ms={at - now} />;
}

function Left({ ms }: { readonly ms: number }) {
  const { t } = useTranslation();
  return ms <= 0
    ? t('contents.goesNow')
    : t('contents.goesIn', { time: durationText(Math.ceil(ms / SECOND_MS)) });
}
