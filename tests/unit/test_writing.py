"""Large files, as the system takes them."""

from __future__ import annotations

import ctypes
import errno
import os
from typing import TYPE_CHECKING

import pytest

from sharethings import writing
from sharethings.writing import LACKS, PIECE_BYTES, begin_writeback, parts_of, write_all

if TYPE_CHECKING:
    from pathlib import Path


def test_all_is_written_where_the_descriptor_stands(tmp_path: Path):
    data = os.urandom(2 * PIECE_BYTES + 1)
    with (tmp_path / "file").open("wb", buffering=0) as file:
        file.write(b"before")
        write_all(file.fileno(), data)
        begin_writeback(file.fileno())
    assert (tmp_path / "file").read_bytes() == b"before" + data


@pytest.mark.parametrize("size", [0, 1, PIECE_BYTES, 2 * PIECE_BYTES + 1])
def test_the_parts_are_small_and_the_whole(size: int):
    data = os.urandom(size)
    parts = list(parts_of(data))
    assert b"".join(parts) == data
    assert max(map(len, parts), default=0) <= PIECE_BYTES
    assert len(parts) == -(-size // PIECE_BYTES)


def test_a_pipe_has_no_writeback():
    reader, writer = os.pipe()
    begin_writeback(writer)
    os.close(reader)
    os.close(writer)


@pytest.mark.parametrize("number", [errno.EIO, errno.ENOSPC, *sorted(LACKS)], ids=str)
def test_a_disk_that_refuses_is_told_and_a_call_that_lacks_is_not(
    monkeypatch: pytest.MonkeyPatch, number: int
):
    def refuse(*_arguments: int) -> int:
        ctypes.set_errno(number)
        return -1

    monkeypatch.setattr(writing, "_sync_file_range", refuse)
    if number in LACKS:
        begin_writeback(0)
    else:
        with pytest.raises(OSError, match=os.strerror(number)):
            begin_writeback(0)


def test_without_the_call_nothing_is_done(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(writing, "_sync_file_range", None)
    begin_writeback(-1)
