"""Arrivals: chunks that have come at the same time get their rows as one set.

Looked up, counted and inserted one by one they cost the writer many times what a commit does
(docs/decisions/0001).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from sharethings.core.quota import check_session
from sharethings.protocol.errors import (
    ChunkConflictError,
    ChunkMalformedError,
    ContentNotFoundError,
    ProtocolError,
)
from sharethings.storage import chunk_rows, content_rows, session_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sharethings.config import Settings
    from sharethings.core.clock import Clock
    from sharethings.core.ports import Incoming
    from sharethings.core.quota import Reservation
    from sharethings.records import Chunk, Content, Tally
    from sharethings.storage.chunk_rows import Place
    from sharethings.storage.database import Connection

Outcome: TypeAlias = "Chunk | list[Tally]"
"""The chunk that is stored already, or the contents of its blob with the new ones counted in."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A chunk whose bytes are all here, for a content as it was when the request came."""

    content: Content
    chunk: Chunk
    incoming: Incoming
    reservation: Reservation

    @property
    def place(self) -> Place:
        """Which chunk it is."""
        return (self.content.session_id, self.content.blob_id, self.chunk.chunk_index)


class Arrivals:
    """Stores what has come; `store` is a job for `Database.write_batched`."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        """Take the limit of a session and the clock."""
        self._settings = settings
        self._clock = clock

    def store(
        self, connection: Connection, arrivals: list[Arrival]
    ) -> Sequence[Outcome | Exception]:
        """Give chunks names and rows: bytes before rows, and rows in one set.

        Gives for each arrival what became of it, or why it is refused. Raises what the database
        raises: then nothing of them stays.
        """
        batch = _Batch(connection, arrivals, self._settings.session_bytes)
        added: list[Chunk | _Blob | Exception] = []
        for arrival in arrivals:
            try:
                added.append(batch.add(arrival))
            except (ProtocolError, OSError) as error:
                added.append(error)
        batch.write(self._clock.now_ms())
        return [one.counted if isinstance(one, _Blob) else one for one in added]


class _Batch:
    """What the database says of some arrivals, and what it is to say when they are stored."""

    def __init__(self, connection: Connection, arrivals: list[Arrival], session_bytes: int) -> None:
        self._connection = connection
        self._session_bytes = session_bytes
        places = [one.place for one in arrivals]
        self._chunks = chunk_rows.get_chunks(connection, places)
        blobs = {place[:2] for place in places if place not in self._chunks}
        self._blobs = {
            blob: _Blob(tallies)
            for blob, tallies in content_rows.tallies(connection, blobs).items()
        }
        self._fresh: list[tuple[Content, Chunk]] = []
        self._held: Counter[str] = Counter()

    def add(self, arrival: Arrival) -> Chunk | _Blob:
        """Give a chunk its name; changes nothing when it raises."""
        place, chunk = arrival.place, arrival.chunk
        stored = self._chunks.get(place)
        if stored is not None:
            if stored.digest != chunk.digest:
                raise ChunkConflictError
            return stored
        blob = self._blobs.get(place[:2])
        mine = None if blob is None else blob.tallies.get(arrival.content.content_id)
        if blob is None or mine is None:
            raise ContentNotFoundError
        blob.check(mine, chunk)
        size = 0 if mine.total_size is not None else chunk.size
        self._hold(arrival, size)
        arrival.incoming.keep(arrival.content, chunk.chunk_index)
        if size:
            self._held[mine.session_id] += size
        self._chunks[place] = chunk
        blob.count += 1
        blob.size += chunk.size
        self._fresh.append((arrival.content, chunk))
        return blob

    def _hold(self, arrival: Arrival, size_bytes: int) -> None:
        """Check that a session may hold bytes that were not promised to it."""
        if not size_bytes:
            return
        session_id = arrival.content.session_id
        held = session_rows.reserve(self._connection, session_id, 0) + self._held[session_id]
        check_session(size_bytes, held_bytes=held, limit_bytes=self._session_bytes)
        arrival.reservation.take(size_bytes)

    def write(self, now: int) -> None:
        """Write the rows of what was added; `now` in ms."""
        if not self._fresh:
            return
        chunk_rows.insert_chunks(self._connection, self._fresh, now)
        counted = [one for blob in self._blobs.values() for one in blob.sum_up()]
        content_rows.count_stored(self._connection, counted, now)
        for session_id, size in self._held.items():
            session_rows.reserve(self._connection, session_id, size)


class _Blob:
    """The contents of a blob, and what came to all of them: they are cut alike."""

    __slots__ = ("count", "counted", "size", "tallies")

    def __init__(self, tallies: list[Tally]) -> None:
        self.tallies = {one.content_id: one for one in tallies}
        self.count = self.size = 0
        self.counted: list[Tally] = []

    def check(self, mine: Tally, chunk: Chunk) -> None:
        """Raise ChunkMalformedError for a chunk that is not part of what was declared."""
        if mine.chunk_count is not None and chunk.chunk_index >= mine.chunk_count:
            raise ChunkMalformedError(f"The content has no chunk {chunk.chunk_index}.")
        stored_bytes = mine.stored_bytes + self.size + chunk.size
        if mine.total_size is not None and stored_bytes > mine.total_size:
            raise ChunkMalformedError("The chunks are larger than the content declared.")

    def sum_up(self) -> list[Tally]:
        """Count in what came, if anything did; gives the contents as they are then."""
        if self.count:
            self.counted = [
                one._replace(
                    stored_count=one.stored_count + self.count,
                    stored_bytes=one.stored_bytes + self.size,
                )
                for one in self.tallies.values()
            ]
        return self.counted
