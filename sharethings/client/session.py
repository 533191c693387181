"""A member of a session: joins, follows it, and comes back by itself (protocol.md 4 and 9).

A rejoin is a join with the keys in hand and `since`: recovery has no code of its own.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Self

from sharethings.client.bulk import Bulk
from sharethings.client.connector import open_http
from sharethings.client.control import Control
from sharethings.client.errors import ConnectionLostError, NoConnectionError
from sharethings.client.join import NO_WISHES, enter
from sharethings.client.keys import SessionKeys
from sharethings.client.links import AWAY_SECONDS, Link, Links
from sharethings.client.pages import PAGE_SECONDS, catch_up, load_back
from sharethings.client.retry import until_it_passes, wait_seconds
from sharethings.client.state import State
from sharethings.client.waiting import Waiting
from sharethings.crypto.kdf import derive_session_id
from sharethings.protocol import replies, requests
from sharethings.protocol.announcements import EventSent, MemberIdled, SessionEnded
from sharethings.protocol.errors import (
    NotJoinedError,
    ProtocolError,
    SessionNotFoundError,
    ThrottledError,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    import aiohttp

    from sharethings.client.join import Wishes
    from sharethings.client.pages import Ask
    from sharethings.client.server import Server
    from sharethings.protocol.bulk import ServerConfig

ENDED = {
    "expired": "The session has ended: nobody was in it for the time that it is kept.",
    "removed": "The session was removed by the operator of the server.",
}


class Session(Links):
    """An open session; use as `async with await Session.open(…) as session`."""

    def __init__(
        self,
        bulk: Bulk,
        http: aiohttp.ClientSession,
        server: Server,
        keys: SessionKeys,
        name: str,
        say: Callable[[str], None],
    ) -> None:
        """Use `open`."""
        super().__init__(server.url, say)
        self.bulk = bulk
        self.keys = keys
        self.member_name = name
        self.state = State(keys)
        self.policy: replies.Policy
        self.unfinished_seconds: int  # the server gives up an upload of which it hears nothing
        self.lifetime_seconds: int | None = None  # of what is shared from now on; None: for good
        self._http = http
        self._server = server
        self._keeper: asyncio.Task[None] | None = None

    @classmethod
    async def open(
        cls,
        server: Server,
        session_name: str,
        member_name: str,
        passphrase: str,
        *,
        create: bool = False,
        wishes: Wishes = NO_WISHES,
        say: Callable[[str], None] = lambda _sentence: None,
    ) -> Session:
        """Join a session, with `create` make it when there is none, as the `wishes` are.

        `say` is given sentences for the member: why it waits, what it must clean up.

        Raises NoConnectionError, SessionNotFoundError, WrongPassphraseError,
        ServerRefusedError, CryptoError for a name that is too long.
        """
        http = open_http(server)
        try:
            bulk = Bulk(server, http)
            config = await _config(bulk, Waiting(say, server.url))
            session_id = derive_session_id(bytes.fromhex(config.realm), session_name).hex()
            keys = SessionKeys(session_id, passphrase)
            session = cls(bulk, http, server, keys, member_name, say)
            session.unfinished_seconds = config.limits.unfinished_seconds
            await session._join_first(wishes if create else None)
        except BaseException:
            await http.close()
            raise
        session._keeper = asyncio.create_task(session._keep_joined(), name="session keeper")
        return session

    async def __aenter__(self) -> Self:
        """Give the session."""
        return self

    async def __aexit__(self, *_exception: object) -> None:
        """Leave it."""
        await self.close()

    async def close(self) -> None:
        """Leave the session and disconnect."""
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.gather(self._keeper, return_exceptions=True)
        if self._link is not None:
            with suppress(ProtocolError, NoConnectionError):
                await self._link.control.request(requests.SessionLeave(), replies.Done)
            await self._link.control.close()
        await self._http.close()

    async def _join_first(self, create: Wishes | None) -> None:
        """Join; a server that was there and goes away meanwhile is waited for, as later on."""
        try:
            await self._join(create=create)
        except ConnectionLostError as error:
            lost = error
        else:
            return
        self._waiting.begin(lost)
        try:
            async with asyncio.timeout(self.patience_seconds):
                await until_it_passes(lambda: self._join(create=create))
        except TimeoutError:
            raise lost from None
        self._waiting.end()

    async def _join(self, *, create: Wishes | None = None) -> None:
        control = Control(self._server, self._http)
        try:
            await control.open()
            revision = self.state.revision
            joined = await enter(control, self.keys, since=revision, create=create)
            self.policy = joined.policy
            if revision is None:
                self.state.take_page(joined.page, since=False)
            else:
                await catch_up(self.state, _asking(control), joined.page)
            profile = {"t": "profile", "name": self.member_name}
            sealed = self.keys.seal_event(profile, kept=True)
            await control.request(requests.EventSend(sealed=sealed, sort="profile"), replies.Done)
            self.state.apply(EventSent(member_id=self.keys.member_id, sealed=sealed))  # not told us
        except BaseException:
            await control.close()
            raise
        self._link = Link(control, joined.token)
        await self._tell()

    async def _keep_joined(self) -> None:
        """Follow the connection; when it is lost, join again until that cannot help."""
        while self._link is not None:
            try:
                was_idle = await self._follow(self._link)
                await self._link.control.close()
                self._link = None
                if not was_idle:
                    self._waiting.begin(NoConnectionError())
                await self._rejoin()
                self._waiting.end()
            except Exception as error:  # noqa: BLE001 - given to whoever waits
                self.end = error
                self._link = None
                await self._tell()

    async def _follow(self, link: Link) -> bool:
        """Take in what is told until the connection ends; says whether it was only idle.

        Raises SessionNotFoundError when the session has ended.
        """
        was_idle = False
        while (announcement := await link.control.announcements.get()) is not None:
            was_idle = isinstance(announcement, MemberIdled)
            if isinstance(announcement, SessionEnded):
                await link.control.close()
                raise SessionNotFoundError(ENDED[announcement.reason])
            if not self.state.apply(announcement):
                await self._catch_up(link)
            await self._tell()
        return was_idle

    async def _catch_up(self, link: Link) -> None:
        async def act() -> None:
            if link.control.lost.is_set():
                return
            try:
                await catch_up(self.state, _asking(link.control))
            except NotJoinedError:
                await link.control.close()  # the rejoin catches up

        await until_it_passes(act)

    async def _rejoin(self) -> None:
        await until_it_passes(self._join)

    async def load_all(self) -> None:
        """Load the older contents that the first page left out."""
        await load_back(self.state, partial(self.request, kind=replies.Page, seconds=PAGE_SECONDS))


def _asking(control: Control) -> Ask:
    return partial(control.request, kind=replies.Page, seconds=PAGE_SECONDS)


async def _config(bulk: Bulk, waiting: Waiting) -> ServerConfig:
    """Ask the server's configuration; who is throttled waits, up to `AWAY_SECONDS`.

    Only here: later it is the join that is throttled, and its member should know at once.
    """
    ends_at = time.monotonic() + AWAY_SECONDS
    while True:
        try:
            config = await bulk.config()
        except ThrottledError as error:
            wait = wait_seconds(error, 0)
            if time.monotonic() + wait > ends_at:
                raise
            waiting.begin(error)
            await asyncio.sleep(wait)
        else:
            waiting.end()
            return config
