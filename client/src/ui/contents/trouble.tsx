import { chakra } from '@chakra-ui/react/styled-system';
import type { ReactNode } from 'react';

import { Banner } from '../parts/banner';
import { RemoveButton } from './remove-button';

interface TroubleProps {
  readonly contentId: string;
  readonly title: string;
  readonly heading?: string;
  readonly children: ReactNode;
}

/** What is wrong with a content that is good for nothing but removing. */
export function Trouble({ contentId, title, heading, children }: TroubleProps) {
  return (
    <Banner tone="danger" {...(heading === undefined ? {} : { title: heading })}>
      <chakra.div display="flex" alignItems="center" justifyContent="space-between" gap={2}>
        <p>{children}</p>
        <chakra.span margin={-2}>
          <RemoveButton word contentId={contentId} title={title} />
        </chakra.span>
      </chakra.div>
    </Banner>
  );
}
