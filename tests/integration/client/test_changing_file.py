"""A file that changes while it is sent for the first time is sent once more, as it is then."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

import pytest

from sharethings.client.errors import FileChangedError
from sharethings.client.saving import save
from sharethings.client.upload import share_file
from sharethings.protocol import replies
from tests.files import MIB, make_file, sha256_of
from tests.integration.client.members import Puts, join, readable, until

if TYPE_CHECKING:
    from pathlib import Path

    from tests.programs import Server as Program

SIZE = 12 * MIB
"""More chunks than are read ahead of what is sent."""
OWN_KEYS = replies.Policy(idle_seconds=0, deduplicates=False)
SAID = "ledger.db is sent as new: it changed while it was being sent."


def change(file: Path, piece: bytes) -> None:
    """Put another piece at the end; the time of the change is another one, however soon it is."""
    before = file.stat()
    with file.open("ab") as opened:
        opened.write(piece)
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns + 1))


@pytest.mark.parametrize("own_keys", [False, True], ids=["equal keys", "own keys"])
async def test_a_file_that_changes_once_is_sent_as_it_is_then(
    program: Program, tmp_path: Path, own_keys: bool
):
    file, memory, got = tmp_path / "ledger.db", tmp_path / "memory", tmp_path / "got"
    make_file(file, SIZE)
    said, told = list[str](), list[int]()
    async with await join(program, say=said.append) as tia:
        tia.policy = OWN_KEYS if own_keys else tia.policy
        puts = Puts(tia, 1)
        sharing = asyncio.create_task(share_file(tia, file, told.append, memory=memory))
        await puts.stopped.wait()
        await asyncio.to_thread(change, file, b"one more")
        puts.released.set()
        content_id = await sharing
        await until(tia, lambda: set(tia.state.contents) == {content_id})
        assert len(tia.state.removed) == 1, "what was sent of it before is removed"
        await save(tia, readable(tia, content_id), got, lambda _: None)
    assert (said, sum(told)) == ([SAID], SIZE + len(b"one more"))
    assert sha256_of(got) == sha256_of(file)
    assert list(memory.iterdir()) == []


async def test_a_file_that_changes_again_is_left_with_its_sentence(
    program: Program, tmp_path: Path
):
    file, said = tmp_path / "ledger.db", list[str]()
    make_file(file, SIZE)
    async with await join(program, say=said.append) as tia:
        put = tia.bulk.put

        async def changing(
            token: str, session_id: str, content_id: str, index: int, chunk: bytes, digest: bytes
        ):
            await asyncio.to_thread(change, file, b"more")
            return await put(token, session_id, content_id, index, chunk, digest)

        tia.bulk.put = changing  # type: ignore[method-assign]
        with pytest.raises(FileChangedError, match=r"ledger\.db changed while it was being sent"):
            await share_file(tia, file, lambda _: None)
        await until(tia, lambda: not tia.state.contents)
        assert (said, len(tia.state.removed)) == ([SAID], 2)
