"""Migrate the database of a stopped server; a running one has done it at its start."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from sharethings.admin import reports
from sharethings.admin.errors import UnusableError
from sharethings.storage.connections import DatabaseError
from sharethings.storage.data_directory import DataDirectory, DataDirectoryError
from sharethings.storage.migrate import known_schemas, migrate, read_schema

if TYPE_CHECKING:
    from sharethings.config import Settings


async def migrate_store(settings: Settings, *, confirmed: bool) -> reports.Migrated:
    """Say which schema there is and which is the newest; with `confirmed` migrate to it.

    The database is copied whole into `backups/` first. Raises UnusableError.
    """
    root = settings.data_directory.absolute()
    if not (root / "sharethings.db").exists():
        raise UnusableError(f"There is no data of a server in {root}. Say where with --data-dir.")
    newest = known_schemas()[0]
    try:
        directory = DataDirectory(root)
        try:
            before = await asyncio.to_thread(read_schema, directory.database)
            if confirmed:
                await asyncio.to_thread(migrate, directory.database, root / "backups")
            after = await asyncio.to_thread(read_schema, directory.database)
        finally:
            directory.close()
    except (DataDirectoryError, DatabaseError) as error:
        raise UnusableError(str(error)) from error
    return reports.Migrated(before=before, after=after, newest=newest)
