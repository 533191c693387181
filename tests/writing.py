"""What is asked of the system while large files are written."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from sharethings import writing

if TYPE_CHECKING:
    import pytest


def calls_of_writing(monkeypatch: pytest.MonkeyPatch) -> list[int | str]:
    """Note in a list how many bytes each write(2) is given, and when writeback is begun."""
    calls: list[int | str] = []
    write = os.write

    def noted_write(file: int, data: bytes | memoryview) -> int:
        calls.append(len(data))
        return write(file, data)

    def begun(*_arguments: int) -> int:
        calls.append("writeback")
        return 0

    monkeypatch.setattr(os, "write", noted_write)
    monkeypatch.setattr(writing, "_sync_file_range", begun)
    return calls
