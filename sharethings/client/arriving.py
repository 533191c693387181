"""A content that is still being sent: waiting for what comes, and for who sends it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from sharethings.client.contents import Content
from sharethings.client.errors import IncompleteError, RolledBackError
from sharethings.protocol import replies, requests
from sharethings.protocol.errors import ContentNotFoundError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sharethings.client.session import Session
    from sharethings.protocol.announcements import RemovalReason
    from sharethings.protocol.replies import Content as Row

POLL_SECONDS = 2.0
"""Announcements are hints, at most ten a second and content: the last of them may be left out."""
GONE: dict[RemovalReason | None, str] = {
    "removed": "was removed by a member",
    "cleared": "was removed with all others",
    "expired": "is gone: it was kept for a time, and that is over",
    "displaced": "is gone: it made room for a newer one",
    "unfinished": "was given up by the server: nobody went on sending it",
}


class Arriving:
    """What is known of a content while it is being fetched."""

    def __init__(self, session: Session, content: Content) -> None:
        """Take the content as it was found."""
        self._session = session
        self._last = content
        self._told = self._waits = False

    @property
    def name(self) -> str:
        """What the member knows the content by."""
        return self._last.manifest.name or self._last.content_id

    def now(self) -> Content:
        """Give the content as it is now.

        Raises ContentNotFoundError with the reason, a DamagedError when it is not readable any
        more, and what ended the session.
        """
        if self._session.end is not None:
            raise self._session.end
        state = self._session.state
        found = state.contents.get(self._last.content_id)
        if isinstance(found, Content):
            self._last = found
        elif found is not None:
            raise found.reason
        elif self._last.content_id in state.removed:
            how = GONE.get(state.removed[self._last.content_id], "is gone")
            raise ContentNotFoundError(f"{self.name} {how}.")
        return self._last

    async def more(self, before: Content) -> None:
        """Wait until more is there than `before` a chunk was asked for, that was not there.

        Raises IncompleteError when all should have been there, and what `now` raises.
        """
        if before.row.state == "complete":
            raise IncompleteError
        known = before.row
        await self._until(
            lambda row: (row.stored_count, row.state) != (known.stored_count, known.state)
        )

    async def completed(self) -> Content:
        """Wait until its sender has completed it.

        Raises RolledBackError for one that is, without the description that completed it; what
        `now` raises, NoConnectionError.
        """
        while (content := self.now()).manifest.root is None:
            if content.row.state == "complete":
                raise RolledBackError
            if not await self._until(_is_later_than(content.row)):
                request = requests.ContentMissing(content_id=content.content_id)
                await self._session.request(request, replies.Shared)
        self.goes_on()
        return content

    async def _until(self, arrived: Callable[[Row], bool]) -> bool:
        """Wait until it changed so, at most for POLL_SECONDS; says whether it did."""
        try:
            async with asyncio.timeout(POLL_SECONDS), self._session.changed:
                while not arrived(self.now().row):
                    self._tell()
                    await self._session.changed.wait()
        except TimeoutError:
            return False
        return True

    def _tell(self) -> None:
        """Say once that it is still being sent, and whenever its sender is away.

        Who came back has another member_id: it is the name that says so until they share again.
        """
        content, members = self.now(), self._session.state.members
        sender = content.manifest.sender
        if content.row.sender not in members and sender not in members.values():
            if not self._waits:
                self._waits = True
                self._session.say(f"Waiting for {sender}: {self.name} is not all there yet…")
        elif not self._told:
            self._told = True
            self._session.say(f"{self.name} is still being sent: it is taken as it comes.")

    def goes_on(self) -> None:
        """Say that it goes on, if its sender was away."""
        if self._waits:
            self._waits = False
            self._session.say("It goes on.")


def _is_later_than(known: Row) -> Callable[[Row], bool]:
    return lambda row: row.revision != known.revision
