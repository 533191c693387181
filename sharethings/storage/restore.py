"""Restore a backup: brought in beside what is there, checked, and swapped in.

1. `bring`: everything is copied into `incoming/`, and checked there to the last byte.
2. `commit`: `incoming/` becomes `restored/`. From here on the restore happens; before, it has not.
3. `finish_restore`: each part moves to its place, what was there into `replaced-<time>/`. It can
   be cut anywhere and begun again; who opens the data directory next goes on with it.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from collections import Counter
from contextlib import closing, suppress
from typing import TYPE_CHECKING, NamedTuple

import msgspec
import structlog

from sharethings.storage.backup import (
    DATABASE,
    FORMAT,
    MANIFEST,
    SESSIONS,
    ChunkPlace,
    Manifest,
    check_room,
    files_of,
    mark_damaged,
    sync,
    sync_tree,
)
from sharethings.storage.blob_check import FAULT_WORDS
from sharethings.storage.chunk_files import ChunkFiles
from sharethings.storage.connections import DatabaseError
from sharethings.storage.migrate import known_schemas, migrate
from sharethings.storage.verify import verify

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sharethings.storage.blob_check import FaultKind

INCOMING = "incoming"
RESTORED = "restored"
NAME_FILE = "replaced-name"
"""In `restored/`: the name of the folder that takes what was there."""
OTHER = "Restore another backup, or copy this one here again."
INSTEAD = " Or add --damaged: what is whole is restored, and the rest marked as damaged."
LOST: set[FaultKind] = {"missing", "size", "digest"}
"""Faults of single chunks, which the same bytes heal."""
log = structlog.get_logger(__name__)


class BackupError(Exception):
    """The folder is no backup that can be restored; the message says why."""


class Brought(NamedTuple):
    """What a backup says of itself, and how many of its contents are damaged now."""

    manifest: Manifest
    damaged_count: int


def read_manifest(source: Path) -> Manifest:
    """Read what a backup says of itself. Raises BackupError."""
    try:
        manifest = msgspec.json.decode((source / MANIFEST).read_bytes(), type=Manifest)
    except OSError as error:
        raise BackupError(f"{source} is no backup: {error.strerror} ({MANIFEST}).") from error
    except msgspec.DecodeError as error:
        raise BackupError(f"The {MANIFEST} of {source} cannot be read: {error}.") from error
    if manifest.format != FORMAT or manifest.schema not in known_schemas():
        raise BackupError(
            f"The backup is of version {manifest.version} (schema {manifest.schema}), which is "
            "newer than this one. Install that version."
        )
    if ChunkFiles.digest(source / DATABASE).hex() != manifest.database_sha256:
        raise BackupError(f"The database of the backup is not the one that was written. {OTHER}")
    return manifest


def bring(
    source: Path, root: Path, progress: Callable[[int, int], None], *, damaged: bool = False
) -> Brought:
    """Copy a backup into `incoming/` and check every byte of the copy.

    `progress` is told (done, in all) bytes, of the copying and then of the check. Raises
    BackupError when something does not fit, OSError when it cannot be read or written. With
    `damaged` chunks that do not fit are marked as such, and only the database must be whole.
    """
    manifest = read_manifest(source)
    incoming = root / INCOMING
    shutil.rmtree(incoming, ignore_errors=True)
    check_room(root, manifest.bytes_count + (source / DATABASE).stat().st_size)
    (incoming / SESSIONS).mkdir(mode=0o700, parents=True)
    _copy(source, incoming, lambda done: progress(done, 2 * manifest.bytes_count))
    lost = _check(
        incoming,
        lambda done, whole: progress(manifest.bytes_count + done, manifest.bytes_count + whole),
        damaged=damaged,
    )
    with closing(sqlite3.connect(incoming / DATABASE)) as database:
        mark_damaged(database, lost)
        (damaged_count,) = database.execute(
            "SELECT count(*) FROM content_metadata WHERE is_damaged = 1"
        ).fetchone()
    moment = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    (incoming / NAME_FILE).write_text(f"replaced-{moment}-{os.urandom(2).hex()}")
    sync_tree(incoming, (path for path in incoming.rglob("*") if path.is_file()))
    return Brought(manifest, damaged_count)


def _copy(source: Path, incoming: Path, tell: Callable[[int], None]) -> None:
    shutil.copyfile(source / DATABASE, incoming / DATABASE)
    try:
        migrate(incoming / DATABASE, incoming)  # an older one, so that it can be checked
    except DatabaseError as error:
        raise BackupError(f"The database of the backup is damaged. {error} {OTHER}") from error
    for older in incoming.glob("before-*.db"):
        older.unlink()
    done = 0
    with closing(sqlite3.connect(incoming / DATABASE)) as database:
        for chunk in files_of(database):
            target = chunk.below(incoming / SESSIONS)
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with suppress(FileNotFoundError):  # said by the check, unless it was lost before
                shutil.copyfile(chunk.below(source / SESSIONS), target)
            done += chunk.size
            tell(done)


def _check(
    incoming: Path, progress: Callable[[int, int], None], *, damaged: bool
) -> Iterator[ChunkPlace]:
    """Give the chunks that were lost, if `damaged` allows any. Raises BackupError."""
    found = verify(incoming / DATABASE, incoming / SESSIONS, deep=True, progress=progress)
    kinds = Counter(fault.kind for fault in found.faults if fault.kind != "damaged")
    if kinds and (not damaged or "database" in kinds):
        said = "; ".join(f"{kind} ({count}): {FAULT_WORDS[kind]}" for kind, count in kinds.items())
        instead = "" if "database" in kinds else INSTEAD
        raise BackupError(f"The backup is damaged, nothing was restored. {said}. {OTHER}{instead}")
    return (
        ChunkPlace(fault.session_id, fault.blob_id, fault.chunk_index, fault.size_bytes)
        for fault in found.faults
        if fault.kind in LOST and fault.chunk_index is not None
    )


def commit(root: Path) -> None:
    """Decide: what is in `incoming/` takes the place of what is there."""
    (root / INCOMING).rename(root / RESTORED)
    sync(root)


def finish_restore(root: Path) -> Path | None:
    """Finish a restore that was decided; gives where what was there is now, None for nothing.

    Call it with the lock of the data directory, before anything in it is opened.
    """
    shutil.rmtree(root / INCOMING, ignore_errors=True)
    restored = root / RESTORED
    if not restored.exists():
        return None
    replaced = root / (restored / NAME_FILE).read_text()
    for _ in swap(root, replaced):
        pass
    with suppress(OSError):  # it has something in it
        (replaced / SESSIONS).rmdir()
        replaced.rmdir()
    log.warning("restored", replaced=replaced.name)
    return replaced if replaced.exists() else None


def swap(root: Path, replaced: Path) -> Iterator[str]:
    """Move everything to its place; yields after each step what it was."""
    restored = root / RESTORED
    replaced.mkdir(mode=0o700, exist_ok=True)
    yield f"made {replaced.name}"
    for old in ((f"{DATABASE}-wal", f"{DATABASE}-shm", DATABASE), (SESSIONS,)):
        name = old[-1]
        if not (restored / name).exists():
            continue  # in its place already, and the old one away
        for one in old:
            with suppress(FileNotFoundError):
                (root / one).rename(replaced / one)
                yield f"moved {one} away"
        for folder in (replaced, root):
            sync(folder)
        (restored / name).rename(root / name)
        yield f"moved {name} in"
        sync(root)
    (root / "trash").mkdir(mode=0o700, exist_ok=True)
    restored.rename(root / "trash" / replaced.name)  # emptied with the rest of the trash
    sync(root)
    yield "done"
