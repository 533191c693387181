"""Backup of a running or stopped server, and restore into the data directory of a stopped one."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sharethings import __version__
from sharethings.admin import acts, reports
from sharethings.admin.errors import AdminError, SpaceError, UnusableError, UsageError
from sharethings.admin.work import in_thread
from sharethings.storage import backup, instance_rows, restore
from sharethings.storage.data_directory import DataDirectory, DataDirectoryError
from sharethings.storage.faults import Fault, fault_of
from sharethings.storage.migrate import known_schemas

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sharethings.admin.place import Place, Progress
    from sharethings.config import Settings


def _failure(error: Exception, sentence: str) -> AdminError:
    """Give what the operator is told when the disk refuses; of a full one also what to do."""
    if fault_of(error) is Fault.FULL:
        return SpaceError(f"{sentence} {Fault.FULL.value}")
    return UnusableError(sentence)


@contextmanager
def _told() -> Iterator[None]:
    """Translate what a disk refuses."""
    try:
        yield
    except FileExistsError as error:
        raise UsageError(
            f"{error.filename} is there already. Choose another name, or remove it."
        ) from error
    except sqlite3.Error as error:
        raise _failure(error, f"The database cannot be copied: {error}.") from error
    except OSError as error:
        place = f": {error.filename}" if error.filename else ""
        raise _failure(error, f"{error.strerror}{place}.") from error
    except (restore.BackupError, DataDirectoryError) as error:
        raise UnusableError(str(error)) from error


def _check_target(root: Path, target: Path) -> None:
    """Raise UsageError for a place where a backup cannot or should not be."""
    if not target.is_absolute():
        raise UsageError("The place of a backup is an absolute path.")
    if not target.parent.is_dir():
        raise UsageError(f"There is no folder {target.parent}. Make it first.")
    if target.resolve().is_relative_to(root.resolve()):
        raise UsageError(
            f"A backup in the data directory {root} is lost with it. Choose a place elsewhere, "
            "best on another disk."
        )


async def back_up(place: Place, act: acts.Backup, progress: Progress) -> reports.BackedUp:
    """Back up everything. Nothing leaves the disk meanwhile; members go on sharing."""
    target = Path(act.directory)
    store = place.store
    await asyncio.to_thread(_check_target, store.directory.root, target)
    if not place.is_running:
        await store.doubt(was_clean=await store.database.read(instance_rows.is_clean))
    if store.doubtful:
        raise UnusableError(
            "What was stored before the machine went down is not yet checked. A server does it "
            "when it has started: back up when its log says doubts_settled."
        )
    with _told():
        async with store.collector.paused():
            manifest = await in_thread(
                lambda tell: backup.back_up(
                    store.directory.root,
                    target,
                    version=__version__,
                    schema=known_schemas()[0],
                    now=place.clock.now_ms(),
                    progress=tell,
                ),
                progress,
            )
    return reports.BackedUp(str(target), manifest)


async def restore_backup(
    settings: Settings, source: Path, progress: Progress, *, damaged: bool = False
) -> reports.Restored:
    """Put a backup in the place of what is in the data directory. Raises AdminError.

    With `damaged` one whose chunks are not all whole, too.
    """
    with _told():
        directory = await asyncio.to_thread(DataDirectory, settings.data_directory.absolute())
        try:
            root = directory.root
            manifest, damaged_count = await in_thread(
                lambda tell: restore.bring(source.absolute(), root, tell, damaged=damaged),
                progress,
            )
            restore.commit(root)
            replaced = await asyncio.to_thread(restore.finish_restore, root)
        finally:
            directory.close()
    return reports.Restored(None if replaced is None else str(replaced), manifest, damaged_count)
