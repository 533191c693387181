"""A server that loses the same parts again and again is not sent them for ever."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sharethings.client.errors import PartsLostError
from sharethings.client.saving import save
from sharethings.client.upload import share_file, share_text
from sharethings.protocol import replies
from tests.files import MIB, make_file, sha256_of
from tests.integration.client.members import join, readable, until

if TYPE_CHECKING:
    from pathlib import Path

    from tests.programs import Server as Program

COUNT = 3


@pytest.mark.parametrize("deduplicates", [True, False], ids=["equal keys", "own keys"])
async def test_what_is_lost_again_is_kept_to_go_on_with(
    program: Program, tmp_path: Path, deduplicates: bool
):
    file, memory, told = tmp_path / "film.mkv", tmp_path / "memory", list[str]()
    digest = make_file(file, COUNT * MIB)
    async with await join(program, say=told.append) as tia:
        tia.policy = replies.Policy(idle_seconds=0, deduplicates=deduplicates)
        put, sent, moved = tia.bulk.put, list[int](), list[int]()

        async def losing(
            token: str, session_id: str, content_id: str, index: int, chunk: bytes, digest: bytes
        ):
            stored = await put(token, session_id, content_id, index, chunk, digest)
            sent.append(index)
            if index == 1:
                next(program.data_directory.glob("sessions/*/*/1.bin")).unlink()
            return stored

        tia.bulk.put = losing  # type: ignore[method-assign]
        with pytest.raises(PartsLostError):
            await share_file(tia, file, moved.append, memory=memory)
        assert sorted(sent) == [0, 1, 1, 2]
        assert 0 <= sum(moved) < COUNT * MIB
        (content_id,) = tia.state.contents
        assert told[-1].startswith("What was sent is kept: the same command goes on with it.")
        tia.bulk.put = put  # type: ignore[method-assign]
        moved.clear()
        assert await share_file(tia, file, moved.append, memory=memory) == content_id
        assert sum(moved) == COUNT * MIB
        await until(tia, lambda: readable(tia, content_id).row.state == "complete")
        await save(tia, readable(tia, content_id), tmp_path / "got", lambda _: None)
    assert sha256_of(tmp_path / "got") == digest


async def test_a_long_text_is_sent_again_where_it_was_lost(program: Program, tmp_path: Path):
    """It travels as a file does: its size is known, and it is there to be read again."""
    text = "".join(f"line {number}\n" for number in range(10_000))
    async with await join(program) as tia:
        put, lost = tia.bulk.put, list[int]()

        async def losing(
            token: str, session_id: str, content_id: str, index: int, chunk: bytes, digest: bytes
        ):
            assert readable(tia, content_id).row.chunk_count is not None
            stored = await put(token, session_id, content_id, index, chunk, digest)
            if not lost:
                lost.append(index)
                next(program.data_directory.glob(f"sessions/*/*/{index}.bin")).unlink()
            return stored

        tia.bulk.put = losing  # type: ignore[method-assign]
        content_id = await share_text(tia, text)
        assert lost
        await until(tia, lambda: readable(tia, content_id).row.state == "complete")
        assert readable(tia, content_id).manifest.kind == "text"
        await save(tia, readable(tia, content_id), tmp_path / "got", lambda _: None)
    assert (tmp_path / "got").read_text() == text
