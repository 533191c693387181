"""How an upload ends: done, kept to go on with, or removed, and what its member is told of that."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from sharethings.client.errors import ClientError, GivenUpError
from sharethings.client.retry import may_go_on
from sharethings.protocol import replies, requests
from sharethings.protocol.errors import (
    ContentNotFoundError,
    ProtocolError,
    SessionNotFoundError,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sharethings.client.session import Session
    from sharethings.client.unfinished import Header, Unfinished

ABANDON_SECONDS = 5.0
TOLD_SECONDS = 5.0
"""An answer may overtake what is told."""


class Ending:
    """What there is of an upload on the server and in this machine's notes, and its end."""

    def __init__(self, session: Session, content_id: str, notes: Unfinished[Header] | None) -> None:
        """Take the content's id, and the notes that are taken of it if there are any."""
        self.content_id = content_id
        self.is_placed = False
        self._session = session
        self._notes = notes

    @asynccontextmanager
    async def abandoning(self) -> AsyncIterator[None]:
        """Remove what was sent when nothing can go on with it: nobody else has its keys.

        What is noted down is kept when the failure may pass; the member is told how to go on
        and how to remove it, the latter also when the server cannot be asked.

        Raises GivenUpError for what is gone though no member removed it, else what ended it.
        """
        try:
            yield
        except BaseException as error:
            removal = f"sharethings remove {self.content_id}"
            is_noted = self._notes is not None and self._notes.header is not None
            if is_noted and may_go_on(error):
                self._session.say(
                    "What was sent is kept: the same command goes on with it. "
                    f"To remove it instead: {removal}"
                )
                raise
            if not await self.remove():
                self._session.say(
                    f"A part of it may be left on the server. Remove it later: {removal}"
                )
            if isinstance(error, ContentNotFoundError) and await self._is_given_up():
                raise GivenUpError from error
            raise
        if self._notes is not None:
            self._notes.forget()

    async def _is_given_up(self) -> bool:
        """Say whether it is gone and no member was told to have removed it while it was sent.

        Why something went is told to those who are there; who was away learns only that it did.
        """
        if not self.is_placed:
            return True
        state = self._session.state
        try:
            async with asyncio.timeout(TOLD_SECONDS), self._session.changed:
                await self._session.changed.wait_for(lambda: self.content_id not in state.contents)
        except TimeoutError:
            return False
        return state.removed.get(self.content_id) in {None, "unfinished"}

    async def remove(self) -> bool:
        """Remove it from the server and from what is noted down; say whether the former is done."""
        if self._notes is not None:
            self._notes.forget()
        request = requests.ContentRemove(content_id=self.content_id)
        try:
            async with asyncio.timeout(ABANDON_SECONDS):
                await self._session.request(request, replies.Changed)
        except (ContentNotFoundError, SessionNotFoundError):
            pass
        except (ProtocolError, ClientError, TimeoutError):
            return False
        return True
