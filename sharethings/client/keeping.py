"""Who sends an upload stays its sender, and the server keeps it (docs/decisions/0018)."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from sharethings.client.errors import ClientError
from sharethings.protocol import replies
from sharethings.protocol.errors import ProtocolError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sharethings.client.links import Link
    from sharethings.client.session import Session
    from sharethings.protocol.requests import ContentShare

KEEP_TIMES = 3
"""So often an upload is shared again in the time after which the server gives it up."""
KEEP_LEAST_SECONDS = 0.25
"""No more often, whatever a server says of itself."""


@asynccontextmanager
async def shared(session: Session, request: ContentShare) -> AsyncIterator[replies.Shared]:
    """Share what is sent meanwhile; again on each later connection, and a few times in between.

    A member who has joined again is another one, who must take the upload over; and of a stream
    that is quiet for long nothing else is heard. That it could not be shared again is not
    raised: what is wrong with the content its chunks meet as well.
    """
    last: Link
    wait_seconds = max(session.unfinished_seconds / KEEP_TIMES, KEEP_LEAST_SECONDS)

    async def share(link: Link) -> replies.Shared:
        nonlocal last
        last = link
        return await link.control.request(request, replies.Shared)

    async def keep() -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(wait_seconds):
                    await session.joined_after(last)
            with suppress(ProtocolError, ClientError):
                await session.persist(share)

    answer = await session.persist(share)
    keeping = asyncio.create_task(keep(), name="upload keeper")
    try:
        yield answer
    finally:
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)
