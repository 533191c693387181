"""Check one blob: its rows against its files, both ways, and against the contents that count it.

Runs on any connection to the database, given as `Ask`, and blocks: call it in a thread, or for a
second look in a job of the writer, where rows and files cannot move.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import repeat
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from sharethings.storage.chunk_files import SUFFIX, ChunkFiles, list_chunks

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
FAULT_WORDS: dict[FaultKind, str] = {
    "database": "the database itself is damaged",
    "missing": "stored chunks have no file",
    "size": "files have another size than was stored",
    "digest": "files have other bytes than were stored",
    "damaged": "chunks are marked as damaged and await the same bytes again",
    "incomplete": "complete contents lack chunks",
    "counter": "counters are wrong",
    "unreferenced_rows": "chunks belong to no content",
    "unreferenced_file": "files belong to no chunk",
    "unknown_file": "files are not of this server",
}
ROWS_PER_PAGE = 1000


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


def _misfit(row: ChunkRow, size: int | None) -> FaultKind | None:
    if row.is_damaged:
        return "damaged"
    if size is None:
        return "missing"
    return None if size == row.size else "size"


def misfits(
    rows: Iterable[ChunkRow], files: dict[int, int]
) -> Iterator[tuple[ChunkRow, FaultKind | None]]:
    """Compare rows with the sizes of files, by index; gives what does not fit of each row.

    Takes out of `files` what has a row: what is left belongs to none.
    """
    for row in rows:
        yield row, _misfit(row, files.pop(row.chunk_index, None))


@dataclass
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
        files, strangers = self._files()
        for page in self._pages():
            yield from self._check_page(page, files)
        if not contents and self.chunks_count:
            yield self._fault("unreferenced_rows", None, self._good_bytes)
        for content in contents:
            yield from self._check_counts(*content)
        for size in strangers:
            yield self._fault("unknown_file", size=size)
        for index, size in files.items():
            yield self._fault("unreferenced_file", index, size)

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

    def _check_page(self, page: list[ChunkRow], files: dict[int, int]) -> Iterator[Fault]:
        kinds = [kind for _, kind in misfits(page, files)]
        if self._inline is not None:
            kinds = [_misfit(row, len(self._inline)) for row in page]
        wrong = repeat(False) if self.pool is None else self.pool.map(self._is_wrong, page, kinds)
        for row, kind, is_wrong in zip(page, kinds, wrong, strict=False):
            self.chunks_count += 1
            self.tell(row.size)
            if not row.is_damaged:
                self._good_count += 1
                self._good_bytes += row.size
            if kind is not None or is_wrong:
                yield self._fault(kind or "digest", row.chunk_index, row.size)

    def _is_wrong(self, row: ChunkRow, kind: FaultKind | None) -> bool:
        """Say whether a chunk that fits otherwise has another digest."""
        if kind is not None:
            return False
        if self._inline is not None:
            return hashlib.sha256(self._inline).digest() != row.digest
        try:
            return ChunkFiles.digest(self._folder / f"{row.chunk_index}{SUFFIX}") != row.digest
        except OSError:
            return True

    @cached_property
    def _inline(self) -> bytes | None:
        """The only chunk of a small content, which lives in its row."""
        rows = self.ask(
            "SELECT inline_chunk FROM content_metadata "
            "WHERE session_id = ? AND blob_id = ? AND inline_chunk IS NOT NULL",
            (self.session_id, self.blob_id),
        )
        return next((row[0] for row in rows), None)

    def _files(self) -> tuple[dict[int, int], list[int]]:
        """List the folder: chunk files, and what is none; a file in its place is none."""
        try:
            return list_chunks(self._folder)
        except FileNotFoundError:
            return {}, []
        except NotADirectoryError:
            return {}, [0]

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

    def is_wrong(self, chunk_index: int) -> bool:
        """Say whether one chunk has other bytes than its row says."""
        rows = [row for row in self._rows(chunk_index, 1) if row.chunk_index == chunk_index]
        return any(not row.is_damaged and self._is_wrong(row, None) for row in rows)
