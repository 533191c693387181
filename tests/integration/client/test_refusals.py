"""What a hostile server could give in place of a chunk: refused, each with its own error."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from sharethings.client import errors
from sharethings.client.download import Download
from sharethings.client.saving import save
from sharethings.client.sizes import MEDIUM_CHUNK_BYTES as CHUNK_BYTES
from sharethings.client.upload import share_file
from sharethings.protocol.errors import ChunkNotFoundError
from tests.files import make_file
from tests.integration.client.members import join, readable, until

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from sharethings.client.contents import Content
    from sharethings.client.session import Session
    from sharethings.crypto.chunk import ChunkCipher
    from tests.programs import Server as Program

    Fetch = Callable[[str, int], Awaitable[bytes]]

PREFIX = b"another"


async def shared(member: Session, file: Path, size: int) -> Content:
    make_file(file, size)
    content_id = await share_file(member, file, lambda _: None)
    await until(member, lambda: content_id in member.state.contents)
    await until(member, lambda: readable(member, content_id).row.state == "complete")
    return readable(member, content_id)


@dataclass(frozen=True, slots=True)
class Liar:
    """Ways to lie about the chunk at `index`; `fetch` gives the true chunks."""

    fetch: Fetch
    cipher: ChunkCipher
    content_id: str
    other_id: str
    index: int

    async def truth(self) -> bytes:
        return await self.fetch(self.content_id, self.index)

    async def of_another_place(self) -> bytes:
        return await self.fetch(self.content_id, self.index + 1)

    async def of_another_content(self) -> bytes:
        return await self.fetch(self.other_id, self.index)

    async def with_a_bit_turned(self) -> bytes:
        chunk = await self.truth()
        return chunk[:5000] + bytes([chunk[5000] ^ 1]) + chunk[5001:]

    async def without_its_magic(self) -> bytes:
        return b"??" + (await self.truth())[2:]

    async def cut(self) -> bytes:
        return (await self.truth())[:-1]

    async def empty(self) -> bytes:
        return b""

    async def extended(self) -> bytes:
        return await self.truth() + b"?"

    async def ending_before_its_time(self) -> bytes:
        return self.cipher.seal(self.index, bytes(CHUNK_BYTES), PREFIX, last=True)

    async def going_on_after_its_end(self) -> bytes:
        return self.cipher.seal(self.index, bytes(CHUNK_BYTES), PREFIX, last=False)

    async def of_another_attempt(self) -> bytes:
        plain = self.cipher.open(self.index, await self.truth(), last=False)
        return self.cipher.seal(self.index, plain, PREFIX, last=False)

    async def left_out(self) -> bytes:
        raise ChunkNotFoundError


LIES = [
    (errors.MisplacedError, 0, Liar.of_another_place),
    (errors.ForeignError, 1, Liar.of_another_content),
    (errors.ForeignError, 1, Liar.with_a_bit_turned),
    (errors.ForeignError, 1, Liar.without_its_magic),
    (errors.CutError, 1, Liar.cut),
    (errors.CutError, 2, Liar.cut),
    (errors.CutError, 1, Liar.empty),
    (errors.CutError, 1, Liar.ending_before_its_time),
    (errors.ExtendedError, 1, Liar.extended),
    (errors.ExtendedError, 2, Liar.going_on_after_its_end),
    (errors.MixedError, 1, Liar.of_another_attempt),
    (errors.IncompleteError, 1, Liar.left_out),
]


async def test_each_lie_about_a_chunk_has_its_own_error(program: Program, tmp_path: Path):
    async with await join(program) as tia:
        content = await shared(tia, tmp_path / "one", 3 * CHUNK_BYTES)
        other = await shared(tia, tmp_path / "two", 3 * CHUNK_BYTES)
        cipher = Download(tia, content)._cipher
        honest = tia.bulk.get
        for error, place, lie in LIES:

            async def get(
                token: str,
                session_id: str,
                content_id: str,
                index: int,
                place: int = place,
                lie: Callable[[Liar], Awaitable[bytes]] = lie,
            ) -> bytes:
                async def fetch(content_id: str, index: int) -> bytes:
                    return await honest(token, session_id, content_id, index)

                liar = Liar(fetch, cipher, content_id, other.content_id, index)
                return await (lie if index == place else Liar.truth)(liar)

            tia.bulk.get = get  # type: ignore[method-assign]
            with pytest.raises(errors.DamagedError) as refused:
                await save(tia, content, tmp_path / "got", lambda _: None)
            assert refused.type is error, (lie.__name__, refused.value)
            assert not await asyncio.to_thread(lambda: list(tmp_path.glob("got*"))), lie.__name__
