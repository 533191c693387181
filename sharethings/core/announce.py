"""How rules tell the members of a session what happened: one function, given by transport."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from sharethings.protocol.announcements import Announcement


class Announce(Protocol):
    """Send an announcement to the members of a session; never fails, never waits long."""

    async def __call__(
        self, session_id: str, announcement: Announcement, *, skip: str | None = None
    ) -> None:
        """Send to all members but the one whose member_id is `skip`."""
