import { chakra } from '@chakra-ui/react/styled-system';
import { LogOut, Trash2, Users } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { SessionState } from '../../store/model';
import { isSending } from '../../store/session';
import { Kept } from '../members/kept';
import { MemberList } from '../members/member-list';
import { Button } from '../parts/button';
import { Dialog } from '../parts/dialog';
import { ModeToggle } from '../parts/mode-toggle';
import { ClearDialog } from './clear-dialog';
import { LeaveDialog } from './leave-dialog';

type Open = 'none' | 'members' | 'clear' | 'leave';

interface HeaderProps {
  readonly state: SessionState;
  readonly onLeave: () => void;
}

/** The session's name, how it stands, and what concerns all of it. */
export function Header({ state, onLeave }: HeaderProps) {
  const { t } = useTranslation();
  const [open, setOpen] = useState<Open>('none');
  const isOver = state.link.state === 'ended';
  const close = () => {
    setOpen('none');
  };
  return (
    <chakra.header
      display="flex"
      alignItems="center"
      gap={1}
      paddingInline={{ base: 3, md: 6 }}
      paddingBlock={2}
      background="surface"
      borderBottomWidth="1px"
      borderColor="line"
      paddingTop="max(0.5rem, env(safe-area-inset-top))"
    >
      <chakra.div flex="1" minWidth={0}>
        <chakra.h1
          fontSize={{ base: 'md', md: 'lg' }}
          fontWeight={700}
          lineHeight={1.2}
          truncate
          title={state.sessionName}
        >
          {state.sessionName}
        </chakra.h1>
        <LinkState state={state} />
      </chakra.div>
      <Button
        type="button"
        look="quiet"
        display={{ base: 'inline-flex', lg: 'none' }}
        aria-label={t('members.count', { count: state.members.length })}
        onClick={() => {
          setOpen('members');
        }}
      >
        <Users size={18} />
        {state.members.length}
      </Button>
      <ModeToggle />
      <Button
        type="button"
        look="quiet"
        aria-label={t('session.clear')}
        disabled={isOver || state.contents.length + state.unreadable.length === 0}
        onClick={() => {
          setOpen('clear');
        }}
      >
        <Trash2 size={18} />
        <Word>{t('session.clear')}</Word>
      </Button>
      <Button
        type="button"
        look="plain"
        aria-label={t('session.leave')}
        onClick={() => {
          if (isSending(state)) setOpen('leave');
          else onLeave();
        }}
      >
        <LogOut size={18} />
        <Word>{t('session.leave')}</Word>
      </Button>
      {open === 'leave' && <LeaveDialog onLeave={onLeave} onClose={close} />}
      {open === 'clear' && <ClearDialog sessionName={state.sessionName} onClose={close} />}
      {open === 'members' && (
        <Dialog label={t('members.title')} onClose={close}>
          <MemberList members={state.members} />
          <Kept policy={state.policy} />
          <Button type="button" width="100%" marginTop={4} onClick={close}>
            {t('contents.close')}
          </Button>
        </Dialog>
      )}
    </chakra.header>
  );
}

/** The word beside a sign, where there is room for it. */
const Word = chakra('span', { base: { display: { base: 'none', md: 'inline' } } });

/** A dot and a word: never a colour alone. */
function LinkState({ state }: { readonly state: SessionState }) {
  const { t } = useTranslation();
  const isOnline = state.link.state === 'online';
  return (
    <chakra.p display="flex" alignItems="center" gap={2} fontSize="sm" color="muted">
      <chakra.span
        aria-hidden="true"
        width="0.5rem"
        height="0.5rem"
        borderRadius="full"
        background={isOnline ? 'accent' : 'warning'}
      />
      {isOnline ? t('session.online') : t('session.refused')}
    </chakra.p>
  );
}
