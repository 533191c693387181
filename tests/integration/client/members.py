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
