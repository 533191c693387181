"""Requests of the control plane: decode, find the door, call it, encode.

Every request is answered, `{"result": …}` or `{"error": …}`; an unexpected fault is logged once
and answered as `internal`. A connection that floods is told to wait and then closed.

Requests of a connection are handled in order. A share gives, as soon as its place among all
writes is taken, what is left to do, and the next share begins: those that are under way together
share a commit. Whatever is no share begins when all before it are answered.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import msgspec
import structlog

from sharethings.core.throttle import Pace
from sharethings.metrics import OK
from sharethings.protocol import replies, requests
from sharethings.protocol.errors import (
    InternalError,
    InvalidRequestError,
    NotJoinedError,
    ProtocolError,
    ThrottledError,
)
from sharethings.transport.address import client_address
from sharethings.transport.socket.connections import Connection, Connections

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

    from sharethings.config import Settings
    from sharethings.records import Content, Member
    from sharethings.server import Core
    from sharethings.transport.socket.engine import Reply, StrictServer

    Rest = Coroutine[Any, Any, replies.Message]
    Door = Callable[[Connection, Any], Awaitable[replies.Message | Rest]]

OVERRUNS_MAX = 100
"""Refused events after which a connection is closed: 5 s of 20 a second."""
BEGUN_MAX = 32
"""Shares of one connection that wait for a commit at once."""
BEGUN_MAX_BYTES = 2 * 1024 * 1024
"""What they and those of all others may be as they came; in memory they take twice as much.

Beyond it each connection waits for its own, as if all were sent one after the other. So a commit
tells a member about as much as they may leave unread for a moment (waiting.py), and not more.
"""
log = structlog.get_logger(__name__)


class Control:
    """The doors of the control plane and the connections that knock."""

    def __init__(
        self,
        server: StrictServer,
        connections: Connections,
        core: Core,
        settings: Settings,
        count: Callable[[str, str], None],
    ) -> None:
        """Register all events of the protocol; `count` is told (plane, outcome) of each."""
        self._count = count
        self._server = server
        self._connections = connections
        self._core = core
        self._settings = settings
        self._doors: dict[type[requests.Request], Door] = {
            requests.SessionHello: self._hello,
            requests.SessionCreate: self._create,
            requests.SessionJoin: self._join,
            requests.SessionLeave: self._leave,
            requests.ContentList: self._list,
            requests.ContentShare: self._share,
            requests.ContentMissing: self._missing,
            requests.ContentComplete: lambda c, r: core.contents.complete(_member(c), r),
            requests.ContentReport: lambda c, r: core.damage.report(_member(c), r),
            requests.ContentRename: lambda c, r: core.contents.rename(_member(c), r),
            requests.ContentPin: lambda c, r: core.contents.pin(_member(c), r),
            requests.ContentRemove: lambda c, r: core.contents.remove(_member(c), r.content_id),
            requests.ContentClear: lambda c, _: core.contents.clear(_member(c)),
            requests.EventSend: lambda c, r: core.sessions.send_event(_member(c), r),
        }
        self._begun_bytes = 0
        server.on_open = self._opened
        server.on_close = self._closed
        server.on_event = self._received

    def _opened(self, eio_sid: str, environ: dict[str, Any]) -> bool:
        request = environ["aiohttp.request"]
        rate = self._settings.control_events_per_second
        pace = Pace(rate, self._settings.control_events_burst, self._core.clock)
        address = client_address(request, self._settings.trusted_proxies)
        connection = Connection(eio_sid, address, pace)
        try:
            self._connections.open(connection)
        except ProtocolError as error:
            log.warning("connection_refused", code=error.code)
            return False
        self._await_join(connection)
        return True

    def _await_join(self, connection: Connection) -> None:
        if connection.deadline is not None:
            connection.deadline.cancel()
        connection.deadline = asyncio.get_running_loop().call_later(
            self._settings.unjoined_seconds, self._close_unjoined, connection
        )

    def _close_unjoined(self, connection: Connection) -> None:
        if connection.member is None:
            self._server.start_background_task(self._server.eio.cut, connection.eio_sid)

    async def _closed(self, eio_sid: str) -> None:
        connection = self._connections.close(eio_sid)
        if connection is None:
            return
        if connection.deadline is not None:
            connection.deadline.cancel()
        if connection.token is not None:
            self._core.tokens.release(connection.token)
        await connection.all_answered()
        if connection.member is not None:
            await self._core.sessions.leave(connection.member)
            log.info("lost", session=connection.member.session_id[:8])

    async def _received(self, eio_sid: str, event: str, arguments: list[Any], reply: Reply) -> None:
        connection = self._connections.get(eio_sid)
        if connection is None:
            await reply({"error": NotJoinedError().failure()})
            return
        connection.sid = self._server.manager.sid_from_eio_sid(eio_sid, "/")
        connection.heard_at = self._core.clock.monotonic()
        async with connection.turn:  # polling and a WebSocket may speak at the same time
            answer = await self._answer(event, self._call(connection, event, arguments))
            if isinstance(answer, dict):
                await connection.all_answered()
                await reply(answer)
            else:
                before = connection.begun[-1] if connection.begun else None
                begun = asyncio.create_task(self._finish(event, answer, before, reply))
                connection.begun.append(begun)
                begun.add_done_callback(connection.begun.remove)

    async def _finish(
        self, event: str, rest: Rest, before: asyncio.Task[None] | None, reply: Reply
    ) -> None:
        """End what has begun; it is answered after what has begun before it."""
        answer = await self._answer(event, rest)
        if before is not None and not before.done():
            await asyncio.wait((before,))
        await reply(answer)

    async def _answer(
        self, event: str, act: Coroutine[Any, Any, replies.Message | Rest]
    ) -> dict[str, Any] | Rest:
        """Give what `act` is answered with, or what is left to do."""
        try:
            result = await act
        except ProtocolError as error:
            self._count("control", error.code)
            return {"error": error.failure()}
        except Exception:
            log.exception("event_failed", noun_verb=event[:32])
            self._count("control", InternalError.code)
            return {"error": InternalError().failure()}
        if not isinstance(result, replies.Message):
            return result
        self._count("control", OK)
        return {"result": result}

    async def _slow_down(self, connection: Connection) -> None:
        wait = connection.pace.take()
        if not wait:
            connection.overruns = 0
            return
        connection.overruns += 1
        if connection.overruns > OVERRUNS_MAX:
            log.warning("flood_closed")
            await self._server.eio.cut(connection.eio_sid)
        raise ThrottledError(retry_after_seconds=max(1, round(wait)))

    async def _call(
        self, connection: Connection, event: str, data: list[Any]
    ) -> replies.Message | Rest:
        await self._slow_down(connection)
        kind = requests.REQUESTS.get(event)
        if kind is None:
            raise InvalidRequestError("There is no such request.")
        if len(data) > 1:
            raise InvalidRequestError("A request carries one object.")
        try:
            request = msgspec.convert(data[0] if data else {}, kind, strict=True)
        except msgspec.ValidationError as error:
            raise InvalidRequestError(f"{event}: {error}") from error
        except RecursionError as error:
            raise InvalidRequestError(f"{event}: nested too deep") from error
        except UnicodeEncodeError as error:
            raise InvalidRequestError(f"{event}: not all of it is text") from error
        may_begin = len(connection.begun) < BEGUN_MAX and self._begun_bytes < BEGUN_MAX_BYTES
        if kind is not requests.ContentShare or not may_begin:
            await connection.all_answered()
            if self._connections.get(connection.eio_sid) is None:
                raise NotJoinedError  # it has hung up meanwhile
        return await self._doors[kind](connection, request)

    async def _hello(
        self, connection: Connection, request: requests.SessionHello
    ) -> replies.Message:
        connection.challenge, reply = await self._core.sessions.hello(request)
        return reply

    async def _create(
        self, connection: Connection, request: requests.SessionCreate
    ) -> replies.Message:
        return await self._core.sessions.create(request, connection.address)

    async def _join(self, connection: Connection, request: requests.SessionJoin) -> replies.Message:
        if connection.member is not None:
            raise InvalidRequestError("This connection has joined a session already.")
        challenge, connection.challenge = connection.challenge, None
        guest = await self._core.sessions.prove(request, challenge, connection.address)
        if self._connections.get(connection.eio_sid) is None:
            raise NotJoinedError  # it has hung up meanwhile
        await self._server.enter_room(connection.sid, request.session_id)
        try:
            joined = await self._core.sessions.enter(guest, request.since)
        except BaseException:
            await self._server.leave_room(connection.sid, request.session_id)
            raise
        connection.member, connection.token = guest.member, joined.token
        self._connections.enter(connection)
        if self._connections.get(connection.eio_sid) is None:
            await self._end(connection)
            raise NotJoinedError
        log.info("joined", session=request.session_id[:8])
        return joined

    async def _leave(self, connection: Connection, _request: object) -> replies.Message:
        _member(connection)
        await self._end(connection)
        self._await_join(connection)
        return replies.Done()

    async def _end(self, connection: Connection) -> None:
        self._connections.leave(connection)
        member, token = connection.member, connection.token
        connection.member = connection.token = None
        if token is not None:
            self._core.tokens.revoke(token)
        if member is not None:
            await self._server.leave_room(connection.sid, member.session_id)
            await self._core.sessions.leave(member)
            log.info("left", session=member.session_id[:8])

    async def _list(self, connection: Connection, request: requests.ContentList) -> replies.Message:
        if request.since is not None and request.before is not None:
            raise InvalidRequestError("since and before do not go together.")
        return await self._core.sessions.list_contents(
            _member(connection), since=request.since, before=request.before, limit=request.limit
        )

    async def _share(self, connection: Connection, request: requests.ContentShare) -> Rest:
        begun = await self._core.sharing.begin(_member(connection), request)
        size = len(request.manifest) + len(request.chunk or "")
        self._begun_bytes += size
        return self._shared(begun, size)

    async def _shared(self, begun: Coroutine[Any, Any, Content], size: int) -> replies.Message:
        try:
            return await self._core.contents.missing(await begun)
        finally:
            self._begun_bytes -= size

    async def _missing(
        self, connection: Connection, request: requests.ContentMissing
    ) -> replies.Message:
        content = self._core.contents.get(_member(connection), request.content_id)
        return await self._core.contents.missing(content)


def _member(connection: Connection) -> Member:
    if connection.member is None:
        raise NotJoinedError
    return connection.member
