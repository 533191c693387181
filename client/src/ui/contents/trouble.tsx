import { chakra } from '@chakra-ui/react/styled-system';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import { Banner } from '../parts/banner';
import { Button } from '../parts/button';
import { useAct, useScope } from '../session/use-session';
import { RemoveButton } from './remove-button';

interface TroubleProps {
  readonly contentId: string;
  readonly title: string;
  readonly heading?: string;
  /** Whether it can be shared again as it is. */
  readonly again?: boolean;
  readonly children: ReactNode;
}

/** What is wrong with a content that is of no use as it is. */
export function Trouble({ contentId, title, heading, again = false, children }: TroubleProps) {
  const { t } = useTranslation();
  const { session } = useScope();
  const act = useAct();
  const shareAgain = () => session.shareAgain(contentId);
  return (
    <Banner tone="danger" {...(heading === undefined ? {} : { title: heading })}>
      <chakra.div
        display="flex"
        flexWrap="wrap"
        alignItems="center"
        justifyContent="space-between"
        columnGap={2}
        rowGap={3}
      >
        <chakra.p flex="1 1 14rem">{children}</chakra.p>
        <chakra.span marginBlock={-2} marginInline={-3} display="flex">
          {again && (
            <Button
              type="button"
              look="quiet"
              color="ink"
              paddingInline={3}
              onClick={() => act(shareAgain)}
            >
              {t('contents.again')}
            </Button>
          )}
          <RemoveButton word contentId={contentId} title={title} />
        </chakra.span>
      </chakra.div>
    </Banner>
  );
}
