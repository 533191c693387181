import { chakra } from '@chakra-ui/react/styled-system';
import { type DragEvent, type ReactNode, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { takeDropped } from '../../store/chosen';
import { useShare } from './use-share';

function hasFiles(event: DragEvent): boolean {
  return event.dataTransfer.types.includes('Files');
}

/** The whole page takes dropped files, and says so while something is over it. */
export function DropTarget({ children }: { readonly children: ReactNode }) {
  const { t } = useTranslation();
  const share = useShare();
  const depth = useRef(0);
  const [isOver, setOver] = useState(false);
  const move = (by: number) => (event: DragEvent) => {
    if (!hasFiles(event)) return;
    depth.current += by;
    setOver(depth.current > 0);
  };
  return (
    <chakra.div
      onDragEnter={move(1)}
      onDragLeave={move(-1)}
      onDragOver={(event) => {
        if (hasFiles(event)) event.preventDefault();
      }}
      onDrop={(event) => {
        if (!hasFiles(event)) return;
        event.preventDefault();
        depth.current = 0;
        setOver(false);
        // At once: when this handler is over, the browser gives nothing of it any more.
        const dropped = takeDropped(event.dataTransfer);
        share(() => dropped);
      }}
    >
      {children}
      {isOver && (
        <chakra.div
          position="fixed"
          inset={3}
          display="grid"
          placeItems="center"
          borderRadius="lg"
          borderWidth="2px"
          borderStyle="dashed"
          borderColor="accent"
          background="accentSoft"
          color="accent"
          fontSize="xl"
          fontWeight={700}
          pointerEvents="none"
        >
          {t('composer.drop')}
        </chakra.div>
      )}
    </chakra.div>
  );
}
