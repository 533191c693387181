"""What a server does before it listens: rows and chunk files are compared both ways.

A file without row is one whose row was not committed: it goes. A row without its bytes tells of
a disk that lost some. While a content is unfinished they are forgotten, and whoever sends it is
asked for them again; of a complete one they are damaged until the same bytes come again.
All changes are one transaction, before the first request. No file is opened: what a fall of the
machine may have torn is looked at when the server is ready (core/doubts.py).
"""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass
from heapq import merge
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from sharethings.storage.blob_check import ChunkRow, misfits
from sharethings.storage.connections import explain

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sharethings.storage.blob_check import FaultKind
    from sharethings.storage.chunk_files import ChunkFiles, Folder

    Place = tuple[str, str]

ROWS = """
    SELECT session_id, content_id, chunk_index, size, sha256, is_damaged FROM chunk_metadata k
    WHERE NOT EXISTS (
        SELECT 1 FROM content_metadata c
        WHERE c.session_id = k.session_id AND c.blob_id = k.content_id
            AND c.inline_chunk IS NOT NULL)
    ORDER BY session_id, content_id, chunk_index"""
UNFINISHED = """
    SELECT session_id, blob_id FROM content_metadata WHERE is_complete = 0
    EXCEPT SELECT session_id, blob_id FROM content_metadata WHERE is_complete = 1"""
FORGET_ORPHANS = """
    DELETE FROM chunk_metadata WHERE NOT EXISTS (
        SELECT 1 FROM content_metadata c WHERE c.session_id = chunk_metadata.session_id
            AND c.blob_id = chunk_metadata.content_id)"""
FORGET_CHUNK = """
    DELETE FROM chunk_metadata WHERE session_id = ? AND content_id = ? AND chunk_index = ?"""
MARK_CHUNK = """
    UPDATE chunk_metadata SET is_damaged = 1
    WHERE session_id = ? AND content_id = ? AND chunk_index = ?"""
DAMAGED = """
    SELECT session_id, content_id FROM content_metadata
    WHERE is_complete = 1 AND is_damaged = 0 AND stored_count < total_chunks"""
BUMP = "UPDATE sessions SET revision = revision + 1 WHERE session_id = ? RETURNING revision"
MARK_CONTENT = """
    UPDATE content_metadata SET is_damaged = 1, revision = ?
    WHERE session_id = ? AND content_id = ?"""
COUNT_CHUNKS = """
    UPDATE content_metadata SET stored_count = s.count, stored_bytes = s.size FROM (
        SELECT c.session_id, c.content_id, count(k.size) count, coalesce(sum(k.size), 0) size
        FROM content_metadata c LEFT JOIN chunk_metadata k
            ON k.session_id = c.session_id AND k.content_id = c.blob_id AND k.is_damaged = 0
            AND (c.total_chunks IS NULL OR k.chunk_index < c.total_chunks)
        GROUP BY c.session_id, c.content_id) s
    WHERE content_metadata.session_id = s.session_id
        AND content_metadata.content_id = s.content_id
        AND (stored_count, stored_bytes) <> (s.count, s.size)"""
COUNT_CONTENTS = """
    UPDATE sessions SET content_count = s.count, reserved_bytes = s.size FROM (
        SELECT s.session_id, coalesce(sum(b.count), 0) count, coalesce(sum(b.size), 0) size
        FROM sessions s LEFT JOIN (
            SELECT session_id, count(*) count, max(coalesce(total_size, stored_bytes)) size
            FROM content_metadata GROUP BY session_id, blob_id) b
            ON b.session_id = s.session_id
        GROUP BY s.session_id) s
    WHERE sessions.session_id = s.session_id AND ended_at IS NULL
        AND (content_count, reserved_bytes) <> (s.count, s.size)"""

ROW_SIDE, FILE_SIDE = 0, 1
LOST: set[FaultKind | None] = {"missing", "size"}


@dataclass(slots=True)
class Found:
    """What was found and put right; `strangers` are names that are not ours and were left."""

    chunks: int = 0
    files_removed: int = 0
    chunks_forgotten: int = 0
    chunks_damaged: int = 0
    counters_corrected: int = 0
    strangers: int = 0
    was_clean: bool = True
    seconds: float = 0.0


def recover(database: Path, files: ChunkFiles) -> Found:
    """Compare rows with files and put right what differs; the server counts as running then.

    Raises DatabaseError for what the disk refuses.
    """
    began = time.monotonic()
    with explain(database), closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("PRAGMA secure_delete=ON")
        connection.execute("BEGIN IMMEDIATE")
        found = _Recovery(connection, files).run()
        connection.execute("COMMIT")
    found.seconds = round(time.monotonic() - began, 3)
    return found


class _Recovery:
    """One scan, in the open transaction of `connection`."""

    def __init__(self, connection: sqlite3.Connection, files: ChunkFiles) -> None:
        self._connection = connection
        self._files = files
        self._found = Found()
        self._lost: list[tuple[Place, int]] = []
        self._unfinished: set[Place] = set(self._all(UNFINISHED))

    def _all(self, statement: str, *values: object) -> list[Any]:
        return self._connection.execute(statement, values).fetchall()

    def _count(self, statement: str, *values: object) -> int:
        return self._connection.execute(statement, values).rowcount

    def run(self) -> Found:
        self._found.was_clean = self._all("SELECT is_clean FROM instance") != [(0,)]
        self._count("UPDATE instance SET is_clean = 0")
        self._count(FORGET_ORPHANS)
        both: Iterator[tuple[Place, int, Any]] = merge(self._rows(), self._folders())
        for place, group in groupby(both, key=itemgetter(0)):
            sides = {side: what for _, side, what in group}
            self._compare(place, sides.get(ROW_SIDE, []), sides.get(FILE_SIDE))
        for place, index in self._lost:
            self._lose(place, index)
        self._count("DELETE FROM gc")  # what they named had no rows, and is in trash/ by now
        for statement in (COUNT_CHUNKS, COUNT_CONTENTS):
            self._found.counters_corrected += self._count(statement)
        for session_id, content_id in self._all(DAMAGED):
            ((revision,),) = self._all(BUMP, session_id)
            self._count(MARK_CONTENT, revision, session_id, content_id)
        return self._found

    def _rows(self) -> Iterator[tuple[Place, int, list[ChunkRow]]]:
        cursor = self._connection.execute(ROWS)
        for place, group in groupby(cursor, key=itemgetter(0, 1)):
            yield place, ROW_SIDE, [ChunkRow(*row[2:]) for row in group]

    def _folders(self) -> Iterator[tuple[Place, int, Folder]]:
        for folder in self._files.walk():
            self._found.strangers += folder.strangers
            if folder.blob_id:
                yield (folder.session_id, folder.blob_id), FILE_SIDE, folder

    def _compare(self, place: Place, rows: list[ChunkRow], folder: Folder | None) -> None:
        left = {} if folder is None else folder.sizes
        self._found.chunks += len(rows)
        self._lost += [
            (place, row.chunk_index) for row, kind in misfits(rows, left) if kind in LOST
        ]
        if folder is not None:
            self._found.files_removed += len(left)
            if rows or folder.strangers:
                self._files.drop(*place, left)
            else:
                self._files.bury(*place)

    def _lose(self, place: Place, index: int) -> None:
        if place in self._unfinished:
            self._found.chunks_forgotten += self._count(FORGET_CHUNK, *place, index)
        else:
            self._found.chunks_damaged += self._count(MARK_CHUNK, *place, index)
