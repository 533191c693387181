"""The composition root: opens the data directory, database and rules; closes in order."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import structlog

from sharethings.core.chunks import Chunks
from sharethings.core.collector import Collector
from sharethings.core.contents import Contents
from sharethings.core.damage import Damage
from sharethings.core.doubts import Doubts
from sharethings.core.endings import Endings
from sharethings.core.presence import Presence
from sharethings.core.removals import Removals
from sharethings.core.scrub import Scrub
from sharethings.core.sessions import Sessions
from sharethings.core.sharing import Sharing
from sharethings.core.space import Space
from sharethings.core.sweeper import Sweeper
from sharethings.core.tokens import Tokens
from sharethings.protocol.errors import BusyError, ProtocolError
from sharethings.storage import blob_rows, content_rows, instance_rows
from sharethings.storage.ballast import Ballast
from sharethings.storage.boot import forget, is_same, note
from sharethings.storage.chunk_files import ChunkFiles
from sharethings.storage.connections import explain
from sharethings.storage.data_directory import DataDirectory
from sharethings.storage.database import Database
from sharethings.storage.disk import Disk
from sharethings.storage.migrate import migrate
from sharethings.storage.recovery import recover

if TYPE_CHECKING:
    from sharethings.config import Settings
    from sharethings.core.announce import Announce
    from sharethings.core.clock import Clock
    from sharethings.records import Content
    from sharethings.storage.database import Connection

REALM_BYTES = 16
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Core:
    """All doors of the rules, and what transport needs beside them."""

    sessions: Sessions
    sharing: Sharing
    contents: Contents
    endings: Endings
    removals: Removals
    sweeper: Sweeper
    chunks: Chunks
    damage: Damage
    doubts: Doubts
    scrub: Scrub
    space: Space
    tokens: Tokens
    presence: Presence
    clock: Clock


class Store:
    """What holds the data: directory, database, files, collector."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        """Lock the data directory. Raises DataDirectoryError."""
        self.directory = DataDirectory(settings.data_directory.absolute())
        self._ballast = Ballast(self.directory.root / "ballast", settings.ballast_bytes)
        self.disk = Disk(
            self._ballast,
            is_read_only=settings.read_only,
            monotonic=clock.monotonic,
        )
        syncs = settings.durability != "fast"
        self.database = Database(self.directory.database, self.disk, syncs=syncs)
        self.files = ChunkFiles(self.directory.root, self.disk, settings.durability)
        self.collector = Collector(self.database, self.files)
        self.doubtful: set[tuple[str, str]] = set()
        self.realm = b""
        self._clock = clock

    async def open(self) -> None:
        """Migrate, recover and open the database. Raises DatabaseError.

        In the room of the ballast, so that a server starts on a full disk too.
        """
        with explain(self.directory.root):
            self._ballast.give_up()
        backups = self.directory.root / "backups"
        await asyncio.to_thread(migrate, self.directory.database, backups)
        found = await asyncio.to_thread(recover, self.directory.database, self.files)
        await self.database.open()
        await self.doubt(was_clean=found.was_clean)
        with explain(self.directory.root):
            forget(self.directory.root, self.disk)
        if not self.doubtful:
            self.trust()
        log.info("recovered", doubtful=len(self.doubtful), **asdict(found))
        fresh = secrets.token_bytes(REALM_BYTES)
        self.realm = await self.database.write(
            lambda connection: instance_rows.realm(connection, fresh, self._clock.now_ms()),
            frees=True,
        )
        self.disk.refill()
        self.collector.start()

    async def doubt(self, *, was_clean: bool) -> None:
        """Find the blobs that a fall of the machine may have torn, after an end not `was_clean`."""
        if not was_clean and not is_same(self.directory.root):
            self.doubtful |= await self.database.read(_unfinished_blobs)

    def trust(self) -> None:
        """Note that no stored bytes are in doubt: as long as the machine runs, they stay whole."""
        note(self.directory.root)

    async def close(self) -> None:
        """Finish, bring everything onto the disk, and unlock."""
        await self.collector.stop()
        if self.realm:
            await self._settle()
        await self.database.close()
        self.directory.close()

    async def _settle(self) -> None:
        """Sync what no completion has synced, so that no start need read it."""
        if not self.files.syncs or self.doubtful:
            return
        try:
            for content, indexes in await self.database.read(_begun):
                if indexes and await self.files.sync(content, indexes):
                    raise BusyError  # the next start finds out which
            await self.database.write(instance_rows.mark_clean, frees=True)
        except ProtocolError as error:
            log.warning("not_settled", code=error.code)

    async def is_ready(self) -> bool:
        """Say whether the database answers."""
        return (
            await self.database.read(
                lambda connection: connection.exec_driver_sql("SELECT 1").scalar()
            )
            == 1
        )


def _unfinished_blobs(connection: Connection) -> set[tuple[str, str]]:
    return {(one.session_id, one.blob_id) for one in content_rows.unfinished(connection)}


def _begun(connection: Connection) -> list[tuple[Content, list[int]]]:
    """Give contents that are not complete, and the indexes of their chunks to sync."""
    return [
        (one, blob_rows.unsynced(connection, one.session_id, one.blob_id))
        for one in content_rows.unfinished(connection)
    ]


def compose(store: Store, announce: Announce, settings: Settings, clock: Clock) -> Core:
    """Put the rules together."""
    database, files = store.database, store.files
    tokens = Tokens(clock)
    presence = Presence(settings.members_per_session)
    space = Space(store.directory, store.disk, settings, clock)
    collector = store.collector
    removals = Removals(announce, collector, clock)
    damage = Damage(database, files, announce, clock)
    doubts = Doubts(database, damage, store.doubtful, store.trust)
    contents = Contents(database, files, doubts, removals, collector, announce, clock)
    endings = Endings(database, presence, tokens, announce, collector, clock)
    return Core(
        sessions=Sessions(database, presence, tokens, announce, settings, clock),
        sharing=Sharing(database, space, removals, collector, announce, settings, clock),
        contents=contents,
        endings=endings,
        removals=removals,
        sweeper=Sweeper(database, endings, removals, settings, clock),
        chunks=Chunks(database, files, contents, damage, space, announce, settings, clock),
        damage=damage,
        doubts=doubts,
        scrub=Scrub(database, damage, settings, clock),
        space=space,
        tokens=tokens,
        presence=presence,
        clock=clock,
    )
