"""A place: the store and the rules that acts work on, of a running server or a stopped one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sharethings.admin.errors import UnusableError
from sharethings.core.clock import Clock
from sharethings.server import Core, Store, compose
from sharethings.storage.connections import DatabaseError
from sharethings.storage.data_directory import DataDirectoryError
from sharethings.storage.migrate import known_schemas, read_schema

if TYPE_CHECKING:
    from sharethings.config import Settings
    from sharethings.core.announce import Announce
    from sharethings.protocol.announcements import Announcement
    from sharethings.transport.http.probe import Probes

Progress = Callable[[int, int], None]
"""Told (done, in all) while an act runs; what is counted depends on the act."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where acts are done. `is_running`: a server works here too, has members, and `probes`."""

    store: Store
    core: Core
    settings: Settings
    clock: Clock
    is_running: bool
    probes: Probes | None = None


class _Nobody:
    """Announcements of a stopped server: nobody is there to hear them."""

    async def __call__(
        self, session_id: str, announcement: Announcement, *, skip: str | None = None
    ) -> None:
        """Do nothing."""


NOBODY: Announce = _Nobody()


def check_schema(store: Store) -> None:
    """Raise UnusableError unless the database has the schema that this version works on."""
    schema, newest = read_schema(store.directory.database), known_schemas()[0]
    if schema != newest:
        raise UnusableError(
            f"The database has schema {schema}; this version works on {newest}. "
            "Run: sharethings admin migrate"
        )


@asynccontextmanager
async def stopped(settings: Settings) -> AsyncIterator[Place]:
    """Open the data directory of a stopped server, under its lock; nothing in it is changed.

    Raises UnusableError when there is none, somebody uses it, or it cannot be read.
    """
    root = settings.data_directory.absolute()
    if not (root / "sharethings.db").exists():
        raise UnusableError(f"There is no data of a server in {root}. Say where with --data-dir.")
    clock = Clock()
    try:
        store = Store(settings, clock)
        try:
            await asyncio.to_thread(check_schema, store)
            await store.database.open()
            try:
                yield Place(
                    store,
                    compose(store, NOBODY, settings, clock),
                    settings,
                    clock,
                    is_running=False,
                )
            finally:
                await store.database.close()
        finally:
            store.directory.close()
    except (DataDirectoryError, DatabaseError) as error:
        raise UnusableError(str(error)) from error
