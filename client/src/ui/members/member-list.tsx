import { chakra } from '@chakra-ui/react/styled-system';
import { useTranslation } from 'react-i18next';

import type { Member } from '../../store/model';
import { Avatar } from '../parts/avatar';

/** Who is here now. */
export function MemberList({ members }: { readonly members: readonly Member[] }) {
  const { t } = useTranslation();
  const time = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' });
  return (
    <chakra.section display="grid" gridTemplateColumns="minmax(0, 1fr)" gap={3}>
      <chakra.h2 fontSize="sm" fontWeight={600} color="muted">
        {t('members.count', { count: members.length })}
      </chakra.h2>
      <chakra.ul display="grid" gridTemplateColumns="minmax(0, 1fr)" gap={2}>
        {members.map((member) => {
          const name = member.name ?? t('members.unnamed');
          return (
            <chakra.li key={member.memberId} display="flex" alignItems="center" gap={3}>
              <Avatar name={name} self={member.self} />
              <chakra.div minWidth={0}>
                <chakra.p truncate fontWeight={600} fontSize="sm" dir="auto" title={name}>
                  {member.self ? t('members.self', { name }) : name}
                </chakra.p>
                <chakra.p fontSize="xs" color="muted">
                  {t('members.since', { time: time.format(member.joinedAt) })}
                </chakra.p>
              </chakra.div>
            </chakra.li>
          );
        })}
      </chakra.ul>
    </chakra.section>
  );
}
