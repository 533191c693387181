"""Back up a store, also while a server works on it.

A backup is a folder of its own: `sharethings.db`, a snapshot of one moment; `sessions/`, the
chunk files of that snapshot; `manifest.json`. It appears under its name whole or not at all.
Files under their names never change, so they are hard links where the file system lets them be,
and copies elsewhere. The caller sees to it that no file is taken away meanwhile.
"""

from __future__ import annotations

import errno
import math
import os
import shutil
import sqlite3
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from sharethings.sizes import size_text
from sharethings.storage.chunk_files import SUFFIX, ChunkFiles

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

DATABASE = "sharethings.db"
SESSIONS = "sessions"
MANIFEST = "manifest.json"
FORMAT = 1
LAST_BACKUP = "backups/last"
"""In the data directory: where the last backup went; its time is that of the backup."""
NO_LINK = {errno.EXDEV, errno.EPERM, errno.EMLINK, errno.EOPNOTSUPP, errno.EACCES}
"""Why a link cannot be made where a copy can."""
FILES_QUERY = (
    "SELECT session_id, content_id, chunk_index, size FROM chunk_metadata AS chunk "
    "WHERE EXISTS (SELECT 1 FROM content_metadata AS content "
    "WHERE content.session_id = chunk.session_id AND content.blob_id = chunk.content_id "
    "AND content.inline_chunk IS NULL)"
)
"""Small contents are in their row and have no file; of removed ones there may be rows still."""


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a backup holds. `damaged_count`: chunks that were lost already when it was made."""

    format: int
    version: str
    schema: str
    created_at: int
    sessions_count: int
    contents_count: int
    chunks_count: int
    bytes_count: int
    damaged_count: int
    linked_count: int
    database_sha256: str


class ChunkPlace(NamedTuple):
    """A chunk that has a file."""

    session_id: str
    blob_id: str
    chunk_index: int
    size: int

    def below(self, sessions: Path) -> Path:
        """Give its file below a folder of sessions."""
        return sessions / self.session_id / self.blob_id / f"{self.chunk_index}{SUFFIX}"


def files_of(database: sqlite3.Connection) -> Iterator[ChunkPlace]:
    """Give the chunks that have a file, in no order."""
    return (ChunkPlace(*row) for row in database.execute(FILES_QUERY))


def sync(path: Path) -> None:
    """Bring a file, or the names in a folder, onto the disk.

    Raises OSError also for what failed in an earlier `os.sync`, which tells nobody.
    """
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(file)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error
    finally:
        os.close(file)


def sync_tree(folder: Path, written: Iterable[Path]) -> None:
    """Bring the files that were written, and all names in and below a folder, onto the disk."""
    os.sync()  # all files at once: one by one it takes ten times as long
    for path in written:
        sync(path)
    for name, _, _ in os.walk(folder):
        sync(Path(name))


def check_room(folder: Path, needed_bytes: int) -> None:
    """Raise OSError (ENOSPC) unless so much is free where `folder` is."""
    free = shutil.disk_usage(folder).free
    if free < needed_bytes:
        needed = size_text(needed_bytes, math.ceil)
        text = f"{needed} are needed, {size_text(free, math.floor)} are free"
        raise OSError(errno.ENOSPC, text, str(folder))


def back_up(
    root: Path,
    target: Path,
    *,
    version: str,
    schema: str,
    now: int,
    progress: Callable[[int, int], None],
) -> Manifest:
    """Back up the store in `root` as `target`. `progress` is told (done, in all) bytes.

    Raises FileExistsError when `target` or `target`.part is there, OSError and sqlite3.Error
    when it cannot be made; then nothing of it is left.
    """
    if target.exists():
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target))
    part = target.with_name(f"{target.name}.part")
    part.mkdir(mode=0o700)
    try:
        _snapshot(root / DATABASE, part / DATABASE)
        with closing(sqlite3.connect(part / DATABASE)) as database:
            gathered = _gather(database, root / SESSIONS, part / SESSIONS, progress)
            mark_damaged(database, gathered.lost)
            counts = _count(database)
        manifest = Manifest(
            format=FORMAT,
            version=version,
            schema=schema,
            created_at=now,
            linked_count=gathered.linked_count,
            database_sha256=ChunkFiles.digest(part / DATABASE).hex(),
            **counts,
        )
        _write(part / MANIFEST, msgspec.json.format(msgspec.json.encode(manifest), indent=2))
        sync_tree(part, (part / DATABASE, *gathered.copied))
        part.rename(target)
        sync(target.parent)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    with suppress(OSError):  # only who asks for its age misses it
        (root / LAST_BACKUP).write_text(f"{target}\n", "utf-8")
    return manifest


def _snapshot(database: Path, target: Path) -> None:
    """Copy the database.

    SQLite does not say why it cannot make a file. The system does, or it goes at the second try.
    """
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        copy = partial(connection.execute, "VACUUM INTO ?", (str(target),))
        try:
            copy()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_CANTOPEN:
                raise
            target.unlink(missing_ok=True)
            target.touch()
            target.with_name("probe").touch()
            target.with_name("probe").unlink()
            copy()
    target.chmod(0o600)


class _Gathered(NamedTuple):
    """The chunk files of a backup: how many were linked, which were copied, which were lost."""

    linked_count: int
    copied: list[Path]
    lost: list[ChunkPlace]


def _gather(
    database: sqlite3.Connection,
    sessions: Path,
    target: Path,
    progress: Callable[[int, int], None],
) -> _Gathered:
    """Link or copy all files."""
    (whole,) = database.execute("SELECT coalesce(sum(size), 0) FROM chunk_metadata").fetchone()
    target.mkdir(mode=0o700)
    if target.stat().st_dev != sessions.stat().st_dev:
        check_room(target, whole)
    done, linked = 0, 0
    copied: list[Path] = []
    lost: list[ChunkPlace] = []
    for chunk in files_of(database):
        stamp = ChunkFiles.stamp(chunk.below(sessions))
        if stamp is None or stamp.size != chunk.size:
            lost.append(chunk)
        elif _take(chunk.below(sessions), chunk.below(target)):
            linked += 1
        else:
            copied.append(chunk.below(target))
        done += chunk.size
        progress(done, whole)
    return _Gathered(linked, copied, lost)


def _take(source: Path, target: Path) -> bool:
    """Link a file, or copy it; says which. Makes its folders."""
    try:
        os.link(source, target, follow_symlinks=False)
    except FileNotFoundError:
        target.parent.mkdir(mode=0o700, parents=True)
        return _take(source, target)
    except OSError as error:
        if error.errno not in NO_LINK:
            raise
        shutil.copyfile(source, target)
        return False
    return True


def mark_damaged(database: sqlite3.Connection, lost: Iterable[ChunkPlace]) -> None:
    """Note chunks that are not in a backup as damaged, as the rules do."""
    database.execute("PRAGMA journal_mode=DELETE")
    with database:
        for chunk in lost:
            place = (chunk.session_id, chunk.blob_id)
            marked = database.execute(
                "UPDATE chunk_metadata SET is_damaged = 1 WHERE is_damaged = 0 "
                "AND session_id = ? AND content_id = ? AND chunk_index = ?",
                (*place, chunk.chunk_index),
            )
            if marked.rowcount:
                database.execute(
                    "UPDATE content_metadata SET stored_count = stored_count - 1, "
                    "stored_bytes = stored_bytes - ?, is_damaged = is_complete "
                    "WHERE session_id = ? AND blob_id = ?",
                    (chunk.size, *place),
                )
                database.execute(  # a stream holds what can be read of it
                    "UPDATE sessions SET reserved_bytes = reserved_bytes - ? WHERE session_id = ? "
                    "AND EXISTS (SELECT 1 FROM content_metadata AS content WHERE "
                    "content.session_id = sessions.session_id AND blob_id = ? "
                    "AND total_size IS NULL)",
                    (chunk.size, *place),
                )


def _count(database: sqlite3.Connection) -> dict[str, int]:
    rows = database.execute(
        "SELECT (SELECT count(*) FROM sessions) AS sessions_count, "
        "(SELECT count(*) FROM content_metadata) AS contents_count, "
        "count(*) AS chunks_count, coalesce(sum(size), 0) AS bytes_count, "
        "coalesce(sum(is_damaged), 0) AS damaged_count FROM chunk_metadata"
    )
    names = [column[0] for column in rows.description]
    return dict(zip(names, rows.fetchone(), strict=True))


def _write(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
