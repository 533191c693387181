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
"""The chunk that is stored already, or the contents of its blob with a new one counted in."""


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
        outcomes: list[Outcome | Exception] = []
        for arrival in arrivals:
            try:
                outcomes.append(batch.add(arrival))
            except (ProtocolError, OSError) as error:
                outcomes.append(error)
        batch.write(self._clock.now_ms())
        return outcomes


class _Batch:
    """What the database says of some arrivals, and what it is to say when they are stored."""

    def __init__(self, connection: Connection, arrivals: list[Arrival], session_bytes: int) -> None:
        self._connection = connection
        self._session_bytes = session_bytes
        self._chunks = chunk_rows.get_chunks(connection, [one.place for one in arrivals])
        blobs = {one.place[:2] for one in arrivals if one.place not in self._chunks}
        self._tallies = content_rows.tallies(connection, blobs)
        self._fresh: list[Arrival] = []
        self._held: Counter[str] = Counter()

    def add(self, arrival: Arrival) -> Outcome:
        """Give a chunk its name; changes nothing when it raises."""
        place, chunk = arrival.place, arrival.chunk
        stored = self._chunks.get(place)
        if stored is not None:
            if stored.digest != chunk.digest:
                raise ChunkConflictError
            return stored
        mine, counted = self._count(arrival)
        size = 0 if mine.total_size is not None else chunk.size
        self._hold(arrival, size)
        arrival.incoming.keep(arrival.content, chunk.chunk_index)
        if size:
            self._held[mine.session_id] += size
        self._chunks[place] = chunk
        self._tallies[place[:2]] = counted
        self._fresh.append(arrival)
        return counted

    def _count(self, arrival: Arrival) -> tuple[Tally, list[Tally]]:
        """Give the content and all of its blob, the chunk counted in: they are cut alike."""
        chunk = arrival.chunk
        counted = [
            one._replace(
                stored_count=one.stored_count + 1, stored_bytes=one.stored_bytes + chunk.size
            )
            for one in self._tallies.get(arrival.place[:2], ())
        ]
        content_id = arrival.content.content_id
        mine = next((one for one in counted if one.content_id == content_id), None)
        if mine is None:
            raise ContentNotFoundError
        if mine.chunk_count is not None and chunk.chunk_index >= mine.chunk_count:
            raise ChunkMalformedError(f"The content has no chunk {chunk.chunk_index}.")
        if mine.total_size is not None and mine.stored_bytes > mine.total_size:
            raise ChunkMalformedError("The chunks are larger than the content declared.")
        return mine, counted

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
        rows = [(one.content, one.chunk) for one in self._fresh]
        chunk_rows.insert_chunks(self._connection, rows, now)
        blobs = {one.place[:2] for one in self._fresh}
        counted = [one for blob in blobs for one in self._tallies[blob]]
        content_rows.count_stored(self._connection, counted, now)
        for session_id, size in self._held.items():
            session_rows.reserve(self._connection, session_id, size)
