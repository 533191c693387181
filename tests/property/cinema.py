"""Films and notes on a hostile server, the ways of a reader to them, and lies on these."""

from __future__ import annotations

import asyncio
import io
import random
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from sharethings.client.contents import Content
from sharethings.client.control import Control
from sharethings.client.download import Download
from sharethings.client.errors import ClientError
from sharethings.client.join import enter
from sharethings.client.pages import catch_up
from sharethings.client.pipe import Pipe
from sharethings.client.sending import Upload
from sharethings.client.upload import share_text
from sharethings.protocol import replies
from sharethings.protocol.ids import decode_bytes
from sharethings.protocol.limits import CHUNK_SIZE_MIN_BYTES
from tests.property import lies
from tests.property.hostile import PLACE

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from sharethings.client.keys import SessionKeys
    from sharethings.client.session import Session
    from tests.property.hostile import Hostile
    from tests.property.lie import Lie

    Told = dict[str, int]

CHUNK_COUNT = 4
FILM_BYTES = CHUNK_COUNT * CHUNK_SIZE_MIN_BYTES


class Cinema:
    """A session with films and notes on a hostile server, and a reader who has seen them all."""

    def __init__(self, hostile: Hostile, session: Session) -> None:
        self.hostile = hostile
        self.session = session
        self.given = b""
        """What the last reading has given out."""

    async def film(self, letter: bytes) -> lies.Film:
        """Share four full chunks."""
        plain = letter * FILM_BYTES
        upload = Upload(self.session, "file", "film.mkv", "", CHUNK_SIZE_MIN_BYTES)
        pieces = Pipe(io.BytesIO(plain)).pieces(CHUNK_SIZE_MIN_BYTES)
        await upload.send_stream(pieces, lambda _: None)
        return self._film(upload.content_id, plain)

    async def note(self, note: str) -> lies.Film:
        return self._film(await share_text(self.session, note), note.encode())

    def _film(self, content_id: str, plain: bytes) -> lies.Film:
        row, keys = self.hostile.rows[content_id], self.session.keys
        count = -(-len(plain) // row.chunk_size)
        chunks = [self.hostile.chunks.get((content_id, index)) for index in range(count)]
        if row.chunk is not None:
            chunks = [decode_bytes(row.chunk)]
        cipher = keys.chunk_cipher(keys.content_key(row), row.blob_id, row.chunk_size)
        again = [
            cipher.seal(index, piece, b"another", last=index == count - 1)
            for index, piece in enumerate(_cut(plain, row.chunk_size))
        ]
        older = self.hostile.older.get(content_id, row.manifest)
        return lies.Film(row, plain, older, tuple(filter(None, chunks)), tuple(again))

    async def enter(self, keys: SessionKeys) -> replies.Joined:
        """Join, or join again, over a new connection."""
        control = Control(PLACE, self.session.bulk._http)
        await control.open()
        try:
            return await enter(control, keys, since=None)
        finally:
            await control.close()

    async def look(self) -> None:
        """Ask what there is, and take it in."""
        link = await self.session.joined()
        await catch_up(self.session.state, lambda ask: link.control.request(ask, replies.Page))

    async def hear(self) -> None:
        """Be told of each content as it is now, and take it in."""
        last = self.session.state.revision or 0
        for row in self.hostile.listed():
            last += 1
            await self.hostile.announce("content:changed", {"revision": last, "content": row})
        async with asyncio.timeout(10), self.session.changed:
            await self.session.changed.wait_for(lambda: self.session.state.revision == last)

    def found(self, content_id: str) -> Content:
        """Give a content that was listed. Raises what is wrong with it."""
        found = self.session.state.contents[content_id]
        if not isinstance(found, Content):
            raise found.reason
        return found

    async def read(self, content_id: str) -> bytes:
        self.given = b""
        async for piece in Download(self.session, self.found(content_id)).pieces():
            self.given += piece
        return self.given


def dice(seed: int) -> random.Random:
    """Give the same throws at every run."""
    return random.Random(seed)  # noqa: S311 - not secret


def _cut(plain: bytes, size: int) -> list[bytes]:
    return [plain[at : at + size] for at in range(0, len(plain), size)]


async def refuse(
    hostile: Hostile,
    untrue: Iterable[Lie],
    door: Callable[[], Awaitable[object]],
    check: Callable[[], object] = lambda: None,
    also: frozenset[type[Exception]] = frozenset(),
) -> Told:
    """Tell each lie at a door; gives how many of each kind were refused, `also` with others."""
    told: Counter[str] = Counter()
    await door()  # as it is without any
    for lie in untrue:
        hostile.lie = lie
        with pytest.raises(ClientError) as refused:
            await door()
        assert refused.type in {lie.error, *also}, (lie, refused.value)
        check()
        told[lie.kind] += 1
    hostile.lie = None
    await door()  # nothing of them has stayed
    return told
