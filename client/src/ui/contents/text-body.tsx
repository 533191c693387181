import { chakra } from '@chakra-ui/react/styled-system';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { Content } from '../../store/model';
import { Button } from '../parts/button';
import { useAct, useScope } from '../session/use-session';
import { sizeText } from '../texts/format';
import { linkify } from './linkify';

const FOLDED_CHARACTERS = 1200;
const FOLDED_LINES = 14;
/** Larger texts are not opened into the page by themselves. */
const OPENED_MAX_BYTES = 256 * 1024;

function fold(text: string): string {
  return text.split('\n').slice(0, FOLDED_LINES).join('\n').slice(0, FOLDED_CHARACTERS);
}

/** A text as it was written; long ones are folded. */
export function TextBody({ content }: { readonly content: Content }) {
  const { t } = useTranslation();
  const { session } = useScope();
  const act = useAct();
  const [read, setRead] = useState<string | null>(null);
  const [isOpen, setOpen] = useState(false);
  const text = content.text ?? read;
  const isSmall = (content.size ?? Number.POSITIVE_INFINITY) <= OPENED_MAX_BYTES;
  const wanted = text === null && content.state === 'complete' && isSmall;
  const { contentId } = content;
  useEffect(() => {
    if (wanted) act(async () => setRead(await session.readText(contentId)));
    // The act is made anew at each rendering; what is wanted is not.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [wanted, contentId, session]);
  if (text === null) {
    return (
      <chakra.p padding={4} color="muted">
        {t('contents.text')} {content.size !== null && sizeText(content.size)}
      </chakra.p>
    );
  }
  const folded = fold(text);
  const isLong = folded.length < text.length;
  return (
    <chakra.div padding={4} paddingBottom={1}>
      <chakra.p whiteSpace="pre-wrap" overflowWrap="anywhere" dir="auto">
        {linkify(isOpen || !isLong ? text : `${folded}…`)}
      </chakra.p>
      {isLong && (
        <Button
          type="button"
          look="quiet"
          color="accent"
          marginLeft={-4}
          aria-expanded={isOpen}
          onClick={() => {
            setOpen(!isOpen);
          }}
        >
          {isOpen ? t('contents.less') : t('contents.more')}
        </Button>
      )}
    </chakra.div>
  );
}
