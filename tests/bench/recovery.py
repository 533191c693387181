"""How long the scan at the start takes: 100,000 chunks in 1,000 contents, under 10 s."""

from __future__ import annotations

import secrets
import sqlite3
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from sharethings.storage.chunk_files import ChunkFiles
from sharethings.storage.data_directory import DataDirectory
from sharethings.storage.disk import Disk
from sharethings.storage.migrate import migrate
from sharethings.storage.recovery import recover
from tests.bench.rig import figures

if TYPE_CHECKING:
    from tests.bench.rig.figures import Figures

SESSIONS_COUNT, CONTENTS_COUNT, CHUNKS_COUNT, CHUNK_BYTES = 10, 1_000, 100_000, 64


def _fill(directory: DataDirectory) -> None:
    sessions = [secrets.token_hex(32) for _ in range(SESSIONS_COUNT)]
    each = CHUNKS_COUNT // CONTENTS_COUNT
    with closing(sqlite3.connect(directory.database)) as connection, connection:
        for session_id in sessions:
            count = CONTENTS_COUNT // SESSIONS_COUNT
            connection.execute(
                "INSERT INTO sessions (session_id, fingerprint_iv, fingerprint_data, created_at,"
                " last_activity, suite, salt, iterations, server_key, key_box, epoch, owner_hash,"
                " revision, reset_revision, content_count, reserved_bytes)"
                " VALUES (?, x'', x'', 0, 0, 1, x'', 0, x'', x'', 1, x'', 0, 0, ?, ?)",
                (session_id, count, count * each * CHUNK_BYTES),
            )
        for number in range(CONTENTS_COUNT):
            _fill_content(connection, directory, sessions[number % SESSIONS_COUNT], each)


def _fill_content(
    connection: sqlite3.Connection, directory: DataDirectory, session_id: str, count: int
) -> None:
    content_id = secrets.token_hex(16)
    connection.execute(
        "INSERT INTO content_metadata (session_id, content_id, blob_id, content_type,"
        " total_chunks, total_size, created_at, encryption_iv, additional_metadata, is_complete,"
        " last_accessed, is_damaged, pinned, position, revision, manifest_revision, chunk_size,"
        " stored_count, stored_bytes, content_box)"
        " VALUES (?, ?, ?, '', ?, ?, 0, x'', x'', 1, 0, 0, 0, 0, 0, 2, 16384, ?, ?, x'')",
        (session_id, content_id, content_id, *(count, count * CHUNK_BYTES) * 2),
    )
    folder = directory.root / "sessions" / session_id / content_id
    folder.mkdir(parents=True)
    for index in range(count):
        (folder / f"{index}.bin").write_bytes(bytes(CHUNK_BYTES))
    connection.executemany(
        "INSERT INTO chunk_metadata (session_id, content_id, chunk_index, size, created_at,"
        " sha256) VALUES (?, ?, ?, ?, 0, zeroblob(32))",
        [(session_id, content_id, index, CHUNK_BYTES) for index in range(count)],
    )


def scan() -> Figures:
    """Scan twice: as it is, and with a tenth of the files gone and as many left over."""
    with tempfile.TemporaryDirectory() as folder:
        directory = DataDirectory(Path(folder) / "data")
        migrate(directory.database, directory.root / "backups")
        _fill(directory)
        files = ChunkFiles(directory.root, Disk())
        began = time.monotonic()
        whole = recover(directory.database, files)
        seconds = time.monotonic() - began
        for path in (directory.root / "sessions").glob("*/*/*0.bin"):
            path.rename(path.with_name(f"1{path.name}"))
        hurt = recover(directory.database, files)
        directory.close()
    return {
        "chunks": whole.chunks,
        "seconds": seconds,
        "corrected": whole.counters_corrected + whole.files_removed + whole.chunks_damaged,
        "hurt_seconds": hurt.seconds,
        "hurt_chunks_damaged": hurt.chunks_damaged,
        "hurt_files_removed": hurt.files_removed,
    }


def measure() -> dict[str, object]:
    """Give medians, and the line of the target."""
    seen = figures.interleaved({"ours": scan})
    what, seconds = "start with 100,000 chunks: seconds", seen["ours"]["seconds"]
    return {**seen, "lines": [figures.line(what, "under 10 s", seconds, "<= 10")]}
