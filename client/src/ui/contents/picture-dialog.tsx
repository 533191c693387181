import { chakra } from '@chakra-ui/react/styled-system';
import { X } from 'lucide-react';
import { useTranslation } from 'react-i18next';

import { IconButton } from '../parts/icon-button';
import { Dialog } from '../parts/dialog';

interface PictureDialogProps {
  readonly url: string;
  readonly title: string;
  readonly onClose: () => void;
}

/** A picture in the whole window, as large as it fits. */
export function PictureDialog({ url, title, onClose }: PictureDialogProps) {
  const { t } = useTranslation();
  return (
    <Dialog full label={title} onClose={onClose}>
      <chakra.div display="grid" gridTemplateRows="auto minmax(0, 1fr)" height="100%">
        <chakra.div
          display="flex"
          alignItems="center"
          justifyContent="space-between"
          gap={2}
          padding={1}
          paddingLeft={4}
        >
          <chakra.p fontSize="sm" fontWeight={600} truncate dir="auto">
            {title}
          </chakra.p>
          <IconButton label={t('contents.close')} onClick={onClose}>
            <X size={20} />
          </IconButton>
        </chakra.div>
        <chakra.img
          src={url}
          alt={title}
          width="100%"
          height="100%"
          objectFit="contain"
          cursor="zoom-out"
          onClick={onClose}
        />
      </chakra.div>
    </Dialog>
  );
}
