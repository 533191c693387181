import { chakra } from '@chakra-ui/react/styled-system';
import { FolderUp, Paperclip, SendHorizontal } from 'lucide-react';
import { type ClipboardEvent, type KeyboardEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { takePicked } from '../../store/chosen';
import { IconButton } from '../parts/icon-button';
import { Column } from '../parts/column';
import { TextArea } from '../parts/field';
import { useAct, useScope } from '../session/use-session';
import { KeepChoice } from './keep-choice';
import { Picker } from './picker';
import { useShare } from './use-share';

const ROWS_MAX = 8;

/** On a touched screen Enter begins a line, and a focus would bring up the keyboard. */
function isTouched(): boolean {
  return matchMedia('(pointer: coarse)').matches;
}

/** Not every phone has folders to choose. */
function canPickFolders(): boolean {
  return 'webkitdirectory' in HTMLInputElement.prototype;
}

/** Where texts are written, and pictures and files pasted or chosen. */
export function Composer() {
  const { t } = useTranslation();
  const { session } = useScope();
  const act = useAct();
  const [text, setText] = useState('');
  const share = useShare();
  const send = () => {
    if (text.trim() === '') return;
    setText('');
    act(() =>
      session.shareText(text).catch((thrown: unknown) => {
        setText((written) => (written === '' ? text : written));
        throw thrown;
      }),
    );
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const isSend = event.key === 'Enter' && !event.shiftKey && !event.nativeEvent.isComposing;
    if (!isSend || isTouched()) return;
    event.preventDefault();
    send();
  };
  const shareFiles = (files: readonly File[]) => {
    share(() => ({ files, folders: [], leftOut: [] }));
  };
  const onPaste = (event: ClipboardEvent) => {
    const files = [...event.clipboardData.files];
    if (files.length === 0) return;
    event.preventDefault();
    shareFiles(files);
  };
  return (
    <Column
      as="form"
      display="grid"
      gridTemplateColumns="auto minmax(0, 1fr) auto"
      alignItems="end"
      rowGap={1}
      paddingTop={3}
      paddingBottom="max(0.75rem, env(safe-area-inset-bottom))"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <chakra.div display="flex">
        <Picker label={t('composer.files')} onPicked={shareFiles}>
          <Paperclip size={20} />
        </Picker>
        {canPickFolders() && (
          <Picker
            folder
            label={t('folders.choose')}
            onPicked={(files) => share(() => takePicked(files))}
          >
            <FolderUp size={20} />
          </Picker>
        )}
      </chakra.div>
      <TextArea
        aria-label={t('composer.label')}
        placeholder={t('composer.placeholder')}
        value={text}
        autoFocus={!isTouched()}
        rows={Math.min(ROWS_MAX, text.split('\n').length)}
        maxHeight="13.5rem"
        css={{ fieldSizing: 'content' }}
        dir="auto"
        onChange={(event) => {
          setText(event.target.value);
        }}
        onKeyDown={onKeyDown}
        onPaste={onPaste}
      />
      <IconButton
        type="submit"
        look="solid"
        marginLeft={2}
        label={t('composer.send')}
        disabled={text.trim() === ''}
      >
        <SendHorizontal size={20} />
      </IconButton>
      <KeepChoice />
    </Column>
  );
}
