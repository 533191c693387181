import { chakra } from '@chakra-ui/react/styled-system';
import { Check, Copy } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { Button } from '../parts/button';

/** Copies a text, and says that it did until the text is another one. */
export function CopyButton({ text }: { readonly text: string }) {
  const { t } = useTranslation();
  const [copied, setCopied] = useState<string | null>(null);
  const isDone = copied === text;
  const copy = () => {
    // A browser that refuses leaves "Copy" standing; the text is there to be selected.
    navigator.clipboard.writeText(text).then(
      () => setCopied(text),
      () => setCopied(null),
    );
  };
  return (
    <Button type="button" look="quiet" color="accent" paddingInline={3} onClick={copy}>
      {isDone ? <Check size={16} /> : <Copy size={16} />}
      <chakra.span role="status">{isDone ? t('contents.copied') : t('contents.copy')}</chakra.span>
    </Button>
  );
}
