"""Check one blob: its rows against its files, both ways, and against the contents that count it.

Runs on any connection to the database, given as `Ask`, and blocks: call it in a thread, or for a
second look in a job of the writer, where rows and files cannot move.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from sharethings.storage.chunk_files import ChunkFiles

if TYPE_CHECKING:
    from concurrent.futures import Executor
    from pathlib import Path

Ask = Callable[[str, tuple[Any, ...]], Iterable[Any]]
"""Runs a query with its parameters and gives the rows."""
FaultKind = Literal[
    "database",
    "missing",
    "size",
    "digest",
    "damaged",
    "incomplete",
    "counter",
    "unreferenced_rows",
    "unreferenced_file",
    "unknown_file",
]
ROWS_PER_PAGE = 1000
SUFFIX = ".bin"


@dataclass(frozen=True, slots=True)
class Fault:
    """What does not fit. `size_bytes`: what lies on the disk for nothing, or is lost."""

    kind: FaultKind
    session_id: str = ""
    blob_id: str = ""
    chunk_index: int | None = None
    size_bytes: int = 0
    detail: str = ""


class ChunkRow(NamedTuple):
    """A row of a chunk as a check sees it."""

    chunk_index: int
    size: int
    digest: bytes
    is_damaged: int


@dataclass(slots=True)
class BlobCheck:
    """One look at a blob; iterate `faults`. What was looked at is counted on the way."""

    ask: Ask
    sessions: Path
    session_id: str
    blob_id: str
    pool: Executor | None
    """Where digests are computed; None: sizes are enough."""
    tell: Callable[[int], None]
    """Told the size of each chunk that was looked at; may raise to end the look."""
    chunks_count: int = 0
    _files_count: int = 0
    _good_count: int = 0
    _good_bytes: int = 0

    def faults(self) -> Iterator[Fault]:
        """Give what does not fit."""
        contents = list(
            self.ask(
                "SELECT content_id, is_complete, is_damaged, total_chunks, stored_count, "
                "stored_bytes FROM content_metadata WHERE session_id = ? AND blob_id = ?",
                (self.session_id, self.blob_id),
            )
        )
        for page in self._pages():
            yield from self._check_page(page)
        if not contents and self.chunks_count:
            yield self._fault("unreferenced_rows", None, self._good_bytes)
        for content in contents:
            yield from self._check_counts(*content)
        yield from self._check_folder()

    def _fault(
        self, kind: FaultKind, index: int | None = None, size: int = 0, detail: str = ""
    ) -> Fault:
        return Fault(kind, self.session_id, self.blob_id, index, size, detail)

    def _pages(self) -> Iterator[list[ChunkRow]]:
        page = self._rows(0, ROWS_PER_PAGE)
        while page:
            yield page
            page = self._rows(page[-1].chunk_index + 1, ROWS_PER_PAGE)

    def _rows(self, first: int, count: int) -> list[ChunkRow]:
        rows = self.ask(
            "SELECT chunk_index, size, sha256, is_damaged FROM chunk_metadata "
            "WHERE session_id = ? AND content_id = ? AND chunk_index >= ? "
            "ORDER BY chunk_index LIMIT ?",
            (self.session_id, self.blob_id, first, count),
        )
        return [ChunkRow(*row) for row in rows]

    def _check_page(self, page: list[ChunkRow]) -> Iterator[Fault]:
        check = self._checker()
        kinds = map(check, page) if self.pool is None else self.pool.map(check, page)
        for row, (kind, there) in zip(page, kinds, strict=True):
            self.chunks_count += 1
            self.tell(row.size)
            self._files_count += there
            if not row.is_damaged:
                self._good_count += 1
                self._good_bytes += row.size
            if kind is not None:
                yield self._fault(kind, row.chunk_index, row.size)

    def _checker(self) -> Callable[[ChunkRow], tuple[FaultKind | None, bool]]:
        """Give how a chunk is looked at: its file, or the row that holds a small content."""
        rows = self.ask(
            "SELECT inline_chunk FROM content_metadata "
            "WHERE session_id = ? AND blob_id = ? AND inline_chunk IS NOT NULL",
            (self.session_id, self.blob_id),
        )
        inline = next((row[0] for row in rows), None)
        return self._check_file if inline is None else partial(self._check_inline, inline)

    def _check_file(self, row: ChunkRow) -> tuple[FaultKind | None, bool]:
        """Give what is wrong with a chunk, and whether its file is there."""
        path = self._folder / f"{row.chunk_index}{SUFFIX}"
        stamp = ChunkFiles.stamp(path)
        if row.is_damaged:
            return "damaged", stamp is not None
        if stamp is None:
            return "missing", False
        if stamp.size != row.size:
            return "size", True
        try:
            wrong = self.pool is not None and ChunkFiles.digest(path) != row.digest
        except OSError:
            wrong = True
        return "digest" if wrong else None, True

    def _check_inline(self, inline: bytes, row: ChunkRow) -> tuple[FaultKind | None, bool]:
        if row.is_damaged:
            return "damaged", False
        if row.size != len(inline):
            return "size", False
        wrong = self.pool is not None and hashlib.sha256(inline).digest() != row.digest
        return "digest" if wrong else None, False

    @property
    def _folder(self) -> Path:
        return self.sessions / self.session_id / self.blob_id

    def _check_counts(
        self,
        content_id: str,
        is_complete: int,
        is_damaged: int,
        total: int | None,
        count: int,
        size: int,
    ) -> Iterator[Fault]:
        if (count, size) != (self._good_count, self._good_bytes):
            yield self._fault(
                "counter",
                detail=f"content {content_id[:8]} counts {count} chunks of {size} bytes, "
                f"stored are {self._good_count} of {self._good_bytes}",
            )
        if is_complete and not is_damaged and self._good_count != total:
            yield self._fault(
                "incomplete",
                detail=f"content {content_id[:8]} is complete with {self._good_count} of {total}",
            )

    def _check_folder(self) -> Iterator[Fault]:
        """Look for files without a row, if there are more files than rows have."""
        try:
            with os.scandir(self._folder) as entries:
                if sum(1 for _ in entries) == self._files_count:
                    return
            entries = os.scandir(self._folder)
        except FileNotFoundError:
            return
        except NotADirectoryError:
            yield self._fault("unknown_file")
            return
        with entries:
            for entry in entries:
                name = entry.name.removesuffix(SUFFIX)
                size = entry.stat(follow_symlinks=False).st_size
                if not (name.isdecimal() and entry.name == f"{int(name)}{SUFFIX}"):
                    yield self._fault("unknown_file", size=size)
                elif not self._has_row(int(name)):
                    yield self._fault("unreferenced_file", int(name), size)

    def is_wrong(self, chunk_index: int) -> bool:
        """Say whether one chunk has other bytes than its row says; needs a `pool`."""
        rows = [row for row in self._rows(chunk_index, 1) if row.chunk_index == chunk_index]
        return any(self._checker()(row)[0] == "digest" for row in rows)

    def _has_row(self, chunk_index: int) -> bool:
        return any(row.chunk_index == chunk_index for row in self._rows(chunk_index, 1))
