"""What carries the acts of a session: the present connection, and trying again over lost ones.

Patience is for a server that gives nothing: it counts from the last act of the session that went
well, never from the beginning of one that takes long. One that is away comes back by itself, and
what moves is left alone over night: it is waited for long. One that is there and refuses is not.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from sharethings.client.control import REQUEST_SECONDS
from sharethings.client.errors import NoConnectionError
from sharethings.client.retry import is_passing, wait_seconds
from sharethings.client.waiting import Waiting
from sharethings.client.window import Window
from sharethings.protocol.errors import BusyError, NotJoinedError, ProtocolError, ThrottledError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sharethings.client.control import Control
    from sharethings.protocol.replies import Message
    from sharethings.protocol.requests import Request

    R = TypeVar("R", bound=Message)
    T = TypeVar("T")

PATIENCE_SECONDS = 60.0
"""With a server that refuses what it may take later, and with the first join."""
AWAY_SECONDS = 1800.0
"""With a server that is away once it was joined. So long servers keep what rests, by default."""
AWAY = (NoConnectionError, BusyError, ThrottledError)
"""Busy is what proxies say of it, and what it says itself while it stops or is restored.

Who is throttled has no server either, for as long as it says, and that passes by itself.
"""
TRIES_COUNT = 5
"""So often an act is tried at least, if its tries last long: a slow one is not given up at once."""


@dataclass(frozen=True, slots=True)
class Link:
    """A connection that has joined."""

    control: Control
    token: str


class Links:
    """The connections of a session, one after the other."""

    def __init__(self, url: str, say: Callable[[str], None]) -> None:
        """Take the server's address and who tells the member why it waits."""
        self.say = say
        self.changed = asyncio.Condition()
        self.patience_seconds = PATIENCE_SECONDS
        self.away_seconds = AWAY_SECONDS
        self.window = Window()
        self.end: Exception | None = None
        self._url = url
        self._waiting = Waiting(say, url)
        self._link: Link | None = None
        self._went_well_at = time.monotonic()

    async def _tell(self) -> None:
        async with self.changed:
            self.changed.notify_all()

    async def joined(self) -> Link:
        """Give the present connection; waits for one.

        Raises NoConnectionError after `away_seconds`, and what ended the session.
        """
        try:
            async with asyncio.timeout(self.away_seconds), self.changed:
                await self.changed.wait_for(lambda: self._is_linked() or self.end)
        except TimeoutError:
            raise NoConnectionError(f"{self._url} did not come back in time.") from None
        if self._link is None:
            raise self.end or NoConnectionError()
        return self._link

    async def joined_after(self, link: Link) -> None:
        """Wait for another connection than `link`, however long that takes."""
        async with self.changed:
            await self.changed.wait_for(lambda: self._is_linked() and self._link is not link)

    def _is_linked(self) -> bool:
        """Say whether there is a link that still carries: of a lost one the keeper learns later."""
        return self._link is not None and not self._link.control.lost.is_set()

    async def persist(self, act: Callable[[Link], Awaitable[T]]) -> T:
        """Do `act` on a joined connection, again when its failure passes by itself.

        Gives up, raising the last failure, when nothing has gone well for `patience_seconds`
        since the first, nor would before the next try; for `away_seconds` if the server is away.
        """
        attempt = 0
        since: dict[bool, float] = {}  # who refuses when it is back has not done so meanwhile
        while True:
            link = await self.joined()
            try:
                done = await act(link)
            except (ProtocolError, NoConnectionError) as error:
                is_away = isinstance(error, AWAY)
                failed_at = since.setdefault(is_away, time.monotonic())
                patience = self.away_seconds if is_away else self.patience_seconds
                wait = wait_seconds(error, attempt)
                attempt += 1
                if not is_passing(error) or wait > patience:
                    raise
                ends_at = max(failed_at, self._went_well_at) + patience
                if attempt >= TRIES_COUNT and time.monotonic() + wait > ends_at:
                    raise
                self._waiting.begin(error)
                if isinstance(error, NotJoinedError):
                    await link.control.close()
                if not link.control.lost.is_set():
                    await asyncio.sleep(wait)
            else:
                self._went_well_at = time.monotonic()
                self._waiting.end()
                return done

    async def request(self, request: Request, kind: type[R], seconds: float = REQUEST_SECONDS) -> R:
        """Ask, over lost connections too: every request of the protocol may be asked twice.

        An answer is waited for `seconds`, then it is asked again.
        """
        return await self.persist(lambda link: link.control.request(request, kind, seconds))
