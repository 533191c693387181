"""Members of one session, by the client library."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from sharethings.client.contents import Content
from sharethings.client.server import Server
from sharethings.client.session import Session

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.programs import Server as Program

SECONDS = 60
PASSPHRASE = "correct-horse-battery-staple"


async def join(
    program: Program,
    name: str = "Tia",
    *,
    create: bool = True,
    url: str | None = None,
    say: Callable[[str], None] = lambda _sentence: None,
) -> Session:
    place = Server.parse(url or program.url)
    return await Session.open(place, "Balcony garden", name, PASSPHRASE, create=create, say=say)


async def until(session: Session, condition: Callable[[], object]) -> None:
    async with asyncio.timeout(SECONDS), session.changed:
        await session.changed.wait_for(condition)


def readable(session: Session, content_id: str) -> Content:
    found = session.state.contents[content_id]
    assert isinstance(found, Content)
    return found


class Puts:
    """Notes the chunks that a member has sent, and lets `stop_after` of them pass for now."""

    def __init__(self, member: Session, stop_after: int = 1000) -> None:
        self.indexes: list[int] = []
        self.stopped = asyncio.Event()
        self.released = asyncio.Event()
        self._passing = asyncio.Semaphore(stop_after)
        self._stop_after = stop_after
        self._put = member.bulk.put
        member.bulk.put = self._note  # type: ignore[method-assign]

    async def _note(
        self, token: str, session_id: str, content_id: str, index: int, chunk: bytes, digest: bytes
    ):
        if self._passing.locked():
            await self.released.wait()
        else:
            await self._passing.acquire()
        try:
            stored = await self._put(token, session_id, content_id, index, chunk, digest)
        except Exception:  # its sender tries again, which must not wait for itself
            self._passing.release()
            raise
        self.indexes.append(index)
        if len(self.indexes) == self._stop_after:
            self.stopped.set()
        return stored
