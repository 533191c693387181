/** Who is in the session, changed by pure functions; ordered by when they came. */
import type { Member } from './model';

/** A member as the server tells, with the name that their kept profile says. */
export interface Arrival {
  readonly memberId: string;
  readonly joinedAt: number;
  readonly name: string | null;
}

function memberOf(arrival: Arrival, selfId: string | null, known: Member | undefined): Member {
  return {
    memberId: arrival.memberId,
    joinedAt: arrival.joinedAt,
    name: arrival.name ?? known?.name ?? null,
    self: arrival.memberId === selfId,
  };
}

function ordered(members: readonly Member[]): readonly Member[] {
  return [...members].sort(
    (one, other) => one.joinedAt - other.joinedAt || one.memberId.localeCompare(other.memberId),
  );
}

/** All who are here now; names that are known already stay. */
export function replaceMembers(
  members: readonly Member[],
  arrivals: readonly Arrival[],
  selfId: string | null,
): readonly Member[] {
  const known = new Map(members.map((member) => [member.memberId, member]));
  return ordered(arrivals.map((arrival) => memberOf(arrival, selfId, known.get(arrival.memberId))));
}

/** Somebody came in; twice is once. */
export function addMember(
  members: readonly Member[],
  arrival: Arrival,
  selfId: string | null,
): readonly Member[] {
  const known = members.find((member) => member.memberId === arrival.memberId);
  const others = members.filter((member) => member.memberId !== arrival.memberId);
  return ordered([...others, memberOf(arrival, selfId, known)]);
}

export function removeMember(members: readonly Member[], memberId: string): readonly Member[] {
  return members.filter((member) => member.memberId !== memberId);
}

/** A profile arrived; of somebody who is not here it changes nothing. */
export function nameMember(
  members: readonly Member[],
  memberId: string,
  name: string,
): readonly Member[] {
  return members.map((member) => (member.memberId === memberId ? { ...member, name } : member));
}
