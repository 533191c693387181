"""Damage on the server's disk: refused by who reads, told to all, healed by the same file."""

from __future__ import annotations

import io
import random
from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec
import pytest

from sharethings.client.download import Download
from sharethings.client.errors import DamagedError
from sharethings.client.pipe import Pipe
from sharethings.client.saving import save
from sharethings.client.sending import Upload
from sharethings.client.sizes import SMALL_CHUNK_BYTES
from sharethings.client.upload import share_file, share_text
from sharethings.crypto.errors import CryptoError
from sharethings.protocol.errors import ChunkDamagedError
from tests.files import MIB, make_file, sha256_of
from tests.integration.client.members import join, readable, until

if TYPE_CHECKING:
    from pathlib import Path

    from sharethings.client.session import Session
    from tests.programs import Server as Program

DAMAGED_COUNT = 1000


def chunk_files(program: Program) -> list[Path]:
    """Give all chunk files in the order of their indexes."""
    found = program.data_directory.glob("sessions/*/*/*.bin")
    return sorted(found, key=lambda path: int(path.stem))


def is_in_state(member: Session, content_id: str, state: str) -> bool:
    return content_id in member.state.contents and (
        member.state.contents[content_id].row.state == state
    )


async def shared(member: Session, file: Path) -> str:
    content_id = await share_file(member, file, lambda _: None)
    await until(member, lambda: is_in_state(member, content_id, "complete"))
    return content_id


async def test_a_damaged_chunk_is_reported_told_and_healed(program: Program, tmp_path: Path):
    file, got = tmp_path / "film.mkv", tmp_path / "got"
    digest = make_file(file, 3 * MIB)
    async with await join(program) as tia, await join(program, "Ada") as ada:
        content_id = await shared(tia, file)
        await until(ada, lambda: is_in_state(ada, content_id, "complete"))
        path = chunk_files(program)[1]
        data = bytearray(path.read_bytes())
        data[5000] ^= 1
        path.write_bytes(data)
        with pytest.raises(DamagedError, match="The server was told"):
            await save(ada, readable(ada, content_id), got, lambda _: None)
        await until(tia, lambda: is_in_state(tia, content_id, "damaged"))
        with pytest.raises(ChunkDamagedError):
            await save(ada, readable(ada, content_id), got, lambda _: None)
        await shared(tia, file)
        await until(ada, lambda: is_in_state(ada, content_id, "complete"))
        await save(ada, readable(ada, content_id), got, lambda _: None)
    assert sha256_of(got) == digest


async def test_a_text_that_does_not_open_is_reported(program: Program):
    async with await join(program) as tia:
        content_id = await share_text(tia, "Meet at nine")
        await until(tia, lambda: content_id in tia.state.contents)
        content = readable(tia, content_id)
        chunk = content.row.chunk
        assert chunk is not None
        row = msgspec.structs.replace(content.row, chunk=chunk[:-4] + "AAAA")
        with pytest.raises(DamagedError, match="The server was told"):
            await anext(Download(tia, replace(content, row=row)).pieces())
        assert is_in_state(tia, content_id, "complete")


def spoil(paths: list[Path], chance: random.Random) -> None:
    """Damage each file in another way: a bit, a cut, something added, or two of them swapped."""
    for path in paths:
        data = path.read_bytes()
        way = chance.randrange(4)
        if way == 0:
            place = chance.randrange(len(data))
            data = (
                data[:place] + bytes([data[place] ^ 1 << chance.randrange(8)]) + data[place + 1 :]
            )
        elif way == 1:
            data = data[: chance.randrange(len(data))]
        elif way == 2:
            data += chance.randbytes(chance.randrange(1, 100))
        else:
            other = chance.choice([one for one in paths if one != path])
            data = other.read_bytes()
            if data == path.read_bytes():
                data = bytes(len(data))
        path.write_bytes(data)


async def test_a_thousand_damaged_chunks_are_all_refused(program: Program):
    chance = random.Random(3)  # noqa: S311 - the same damage at every run
    async with await join(program) as tia:
        upload = Upload(tia, "file", "sand", "", SMALL_CHUNK_BYTES)
        plain = io.BytesIO(chance.randbytes(DAMAGED_COUNT * SMALL_CHUNK_BYTES))
        await upload.send_stream(Pipe(plain).pieces(SMALL_CHUNK_BYTES), lambda _: None)
        await until(tia, lambda: is_in_state(tia, upload.content_id, "complete"))
        originals = [path.read_bytes() for path in chunk_files(program)]
        assert len(originals) == DAMAGED_COUNT
        spoil(chunk_files(program), chance)
        spoilt = [path.read_bytes() for path in chunk_files(program)]
        assert all(one != other for one, other in zip(originals, spoilt, strict=True))
        download = Download(tia, readable(tia, upload.content_id))

        async def is_refused(index: int) -> bool:
            place = (tia.keys.session_id, upload.content_id, index)
            try:
                chunk = await tia.persist(lambda link: tia.bulk.get(link.token, *place))
                download._cipher.open(index, chunk, last=index == DAMAGED_COUNT - 1)
            except (ChunkDamagedError, CryptoError):
                return True
            return False

        results = [await is_refused(index) for index in range(DAMAGED_COUNT)]
        assert results == [True] * DAMAGED_COUNT
