"""The same file twice in a session: sent once, taken up after a cut, and safe from liars."""

from __future__ import annotations

import asyncio
import os
import secrets
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest

from sharethings.client.equal import EQUAL_FROM_BYTES, Equal, read_through
from sharethings.client.errors import FileChangedError
from sharethings.client.saving import save
from sharethings.client.sending import Upload
from sharethings.client.source import FileSource
from sharethings.client.upload import share_file
from sharethings.protocol import replies, requests
from sharethings.protocol.errors import ProtocolError
from tests.files import MIB, make_file, sha256_of
from tests.integration.client.members import join, readable, until

if TYPE_CHECKING:
    from pathlib import Path

    from sharethings.client.session import Session
    from tests.programs import Server as Program


class Sent:
    """Notes which chunks a member puts."""

    def __init__(self, member: Session) -> None:
        self.indexes: list[int] = []
        self._put = member.bulk.put
        member.bulk.put = self._note  # type: ignore[method-assign]

    async def _note(
        self, token: str, session_id: str, content_id: str, index: int, chunk: bytes, digest: bytes
    ):
        self.indexes.append(index)
        return await self._put(token, session_id, content_id, index, chunk, digest)


async def shared(member: Session, file: Path) -> str:
    content_id = await share_file(member, file, lambda _: None)
    await until(member, lambda: content_id in member.state.contents)
    await until(member, lambda: readable(member, content_id).row.state == "complete")
    return content_id


async def equal_of(member: Session, file: Path) -> Equal:
    equal = await read_through(member, FileSource(file))
    assert equal is not None
    return equal


async def test_the_second_share_of_a_file_sends_no_chunk(program: Program, tmp_path: Path):
    file, again, got = tmp_path / "film.mkv", tmp_path / "copy.mkv", tmp_path / "got"
    digest = make_file(file, 5 * MIB + 7)
    again.write_bytes(file.read_bytes())
    async with await join(program) as tia, await join(program, "Ada") as ada:
        first = await shared(tia, file)
        sent = Sent(ada)
        second = await shared(ada, again)
        assert sent.indexes == []
        blobs = {readable(ada, one).row.blob_id for one in (first, second)}
        assert len(blobs | {first, second}) == 3
        await tia.request(requests.ContentRemove(content_id=first), replies.Changed)
        await save(tia, readable(ada, second), got, lambda _: None)
    assert sha256_of(got) == digest
    assert len(list(program.data_directory.glob("sessions/*/*"))) == 1


async def test_an_upload_that_was_cut_goes_on_where_it_was(program: Program, tmp_path: Path):
    file, got = tmp_path / "film.mkv", tmp_path / "got"
    digest = make_file(file, 6 * MIB)
    async with await join(program) as tia:
        source = FileSource(file)
        cut = Upload(tia, "file", "film.mkv", "", MIB, await equal_of(tia, file))
        await tia.request(cut._share(source.layout), replies.Shared)
        for index in (0, 1, 4):
            await cut._put(index, cut._sealer.seal(index, source.read(index), last=False))
    program.kill()
    program.start()
    async with await join(program) as tia:
        sent = Sent(tia)
        told: list[int] = []
        content_id = await share_file(tia, file, told.append)
        assert sorted(sent.indexes) == [2, 3, 5]
        assert sum(told) == 6 * MIB
        await until(tia, lambda: readable(tia, content_id).row.state == "complete")
        await save(tia, readable(tia, content_id), got, lambda _: None)
    assert sha256_of(got) == digest


@pytest.mark.parametrize("lie", ["a chunk", "the cut"])
async def test_who_puts_other_bytes_in_place_of_a_file_deceives_nobody(
    program: Program, tmp_path: Path, lie: str
):
    file, got = tmp_path / "ledger.bin", tmp_path / "got"
    digest = make_file(file, 3 * MIB)
    async with await join(program) as tia, await join(program, "Mallory") as mallory:
        equal = await equal_of(mallory, file)
        count = 3 if lie == "a chunk" else 2
        content_id = secrets.token_hex(16)
        _, box = mallory.keys.new_content(content_id)
        poison = requests.ContentShare(
            content_id=content_id,
            blob_id=equal.keys.blob_id.hex(),
            chunk_size=MIB,
            chunk_count=count,
            total_size=count * (MIB + 32),
            content_box=box,
            manifest=mallory.keys.seal_manifest(bytes(32), content_id, 1, {"v": 1}),
        )
        await mallory.request(poison, replies.Shared)
        chunk = b"ST\x01\x10" + bytes(7) + (1).to_bytes(4, "big") + b"\0" + os.urandom(MIB + 16)
        if lie == "a chunk":
            link = await mallory.joined()
            await mallory.bulk.put(
                link.token, mallory.keys.session_id, content_id, 1, chunk, sha256(chunk).digest()
            )
        told: list[int] = []
        honest = await share_file(tia, file, told.append)
        await until(tia, lambda: honest in tia.state.contents)
        await until(tia, lambda: readable(tia, honest).row.state == "complete")
        assert sum(told) == 3 * MIB
        assert readable(tia, honest).row.blob_id == honest
        assert set(tia.state.contents) == {content_id, honest}
        await save(tia, readable(tia, honest), got, lambda _: None)
    assert sha256_of(got) == digest


async def test_a_liar_who_is_quicker_deceives_nobody_either(program: Program, tmp_path: Path):
    file, got = tmp_path / "ledger.bin", tmp_path / "got"
    digest = make_file(file, 2 * MIB)
    async with await join(program) as tia, await join(program, "Mallory") as mallory:
        put = tia.bulk.put
        lies: list[bytes] = []

        async def overtaken(
            token: str, session_id: str, content_id: str, index: int, chunk: bytes, digest: bytes
        ):
            if not lies:
                lies.append(chunk[:-1] + bytes([chunk[-1] ^ 1]))
                link = await mallory.joined()
                lie = sha256(lies[0]).digest()
                await mallory.bulk.put(link.token, session_id, content_id, index, lies[0], lie)
            return await put(token, session_id, content_id, index, chunk, digest)

        tia.bulk.put = overtaken  # type: ignore[method-assign]
        honest = await shared(tia, file)
        assert set(tia.state.contents) == {honest}
        await save(tia, readable(tia, honest), got, lambda _: None)
    assert sha256_of(got) == digest


async def test_a_session_may_store_every_file_by_itself(program: Program, tmp_path: Path):
    file = tmp_path / "photo.jpg"
    make_file(file, EQUAL_FROM_BYTES)
    small = tmp_path / "small.jpg"
    make_file(small, EQUAL_FROM_BYTES - 1)
    async with await join(program) as tia:
        assert await read_through(tia, FileSource(small)) is None
        assert await read_through(tia, FileSource(file)) is not None
        tia.policy = replies.Policy(idle_seconds=0, deduplicates=False)
        content_id = await shared(tia, file)
        assert readable(tia, content_id).row.blob_id == content_id


async def test_no_other_bytes_are_sealed_under_the_keys_of_a_file(program: Program, tmp_path: Path):
    """Not even when the file changed without its time telling so."""
    file = tmp_path / "database.bin"
    make_file(file, 2 * MIB)
    async with await join(program) as tia:
        source = FileSource(file)
        upload = Upload(tia, "file", "database.bin", "", MIB, await equal_of(tia, file))
        before = await asyncio.to_thread(file.stat)
        with file.open("r+b") as opened:
            opened.seek(MIB + 5)
            opened.write(b"changed")
        os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
        with pytest.raises(FileChangedError):
            await upload.send_file(source, lambda _: None)
        os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns + 1))
        with pytest.raises(FileChangedError, match=r"database\.bin changed"):
            await upload.send_file(source, lambda _: None)


async def test_a_conflict_of_a_content_of_its_own_is_told(program: Program, tmp_path: Path):
    file = tmp_path / "small.bin"
    make_file(file, EQUAL_FROM_BYTES - 1)
    async with await join(program) as tia:
        put = tia.bulk.put

        async def twice(
            token: str, session_id: str, content_id: str, index: int, chunk: bytes, digest: bytes
        ):
            other = chunk[:-1] + bytes([chunk[-1] ^ 1])
            await put(token, session_id, content_id, index, other, sha256(other).digest())
            return await put(token, session_id, content_id, index, chunk, digest)

        tia.bulk.put = twice  # type: ignore[method-assign]
        with pytest.raises(ProtocolError, match="Other bytes are stored"):
            await share_file(tia, file, lambda _: None)
