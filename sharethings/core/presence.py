"""Who is in which session now, with the sealed events kept for them (protocol.md 7)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sharethings.protocol.errors import InvalidRequestError, LimitReachedError
from sharethings.protocol.limits import EVENT_SORTS_MAX

if TYPE_CHECKING:
    from sharethings.records import Member


@dataclass(slots=True)
class Present:
    """A member who is here; `events` holds the latest sealed event of each sort."""

    member: Member
    events: dict[str, bytes] = field(default_factory=dict)


class Presence:
    """The members of all sessions of this process."""

    def __init__(self, members_per_session: int) -> None:
        """Take the greatest number of members of one session."""
        self._limit = members_per_session
        self._sessions: dict[str, dict[str, Present]] = {}

    def enter(self, member: Member) -> Present:
        """Let a member in; gives what is known of them.

        Raises LimitReachedError when the session is full, InvalidRequestError when the
        member_id is there already: ids are random at every join.
        """
        members = self._sessions.get(member.session_id, {})
        if member.member_id in members:
            raise InvalidRequestError("member_id: in use; choose a random one at every join.")
        if len(members) >= self._limit:
            raise LimitReachedError(f"This session already has {self._limit} members.")
        present = Present(member)
        self._sessions.setdefault(member.session_id, {})[member.member_id] = present
        return present

    def leave(self, member: Member) -> bool:
        """Let a member out; say whether they were here."""
        members = self._sessions.get(member.session_id, {})
        gone = members.pop(member.member_id, None)
        if gone is not None and not members:
            del self._sessions[member.session_id]
        return gone is not None

    def end(self, session_id: str) -> None:
        """Let everybody out: the session is gone."""
        self._sessions.pop(session_id, None)

    def is_here(self, member: Member) -> bool:
        """Say whether a member is in."""
        return member.member_id in self._sessions.get(member.session_id, {})

    def __len__(self) -> int:
        """Count the members of all sessions."""
        return sum(map(len, self._sessions.values()))

    def sessions(self) -> set[str]:
        """Give the sessions in which somebody is."""
        return set(self._sessions)

    def members(self, session_id: str) -> list[Present]:
        """Give who is here, in the order in which they came."""
        return list(self._sessions.get(session_id, {}).values())

    def keep(self, member: Member, sort: str, sealed: bytes) -> None:
        """Keep the latest event of a sort. Raises LimitReachedError beyond 8 sorts."""
        present = self._sessions.get(member.session_id, {}).get(member.member_id)
        if present is None:
            return
        if sort not in present.events and len(present.events) >= EVENT_SORTS_MAX:
            raise LimitReachedError(f"A member keeps events of at most {EVENT_SORTS_MAX} sorts.")
        present.events[sort] = sealed
