"""Reports: what an act is answered with, as --json prints it. Times are ms since 1970."""

from __future__ import annotations

from typing import Literal

import msgspec

from sharethings.records import ContentState, Growth, Upload
from sharethings.storage.backup import Manifest
from sharethings.storage.blob_check import Fault, FaultKind


class SessionRow(msgspec.Struct, frozen=True):
    """One session. `stored_bytes` are sealed bytes that have arrived."""

    session_id: str
    created_at: int
    last_activity: int
    expires_at: int | None
    members_count: int
    contents_count: int
    unfinished_count: int
    damaged_count: int
    stored_bytes: int


class Sessions(msgspec.Struct, frozen=True):
    """The sessions that were asked for."""

    sessions: list[SessionRow]


class ContentRow(msgspec.Struct, frozen=True):
    """One content of a session; `chunk_count` is None while nobody knows it."""

    content_id: str
    state: ContentState
    pinned: bool
    created_at: int
    expires_at: int | None
    chunk_count: int | None
    stored_count: int
    stored_bytes: int


class Session(msgspec.Struct, frozen=True):
    """A session with its settings and contents, newest first.

    `idle_seconds` 0: it never expires. `contents_max` 0: as many as the server allows.
    `held_bytes` is what counts in its quota: chunks, promised ones too, and rows.
    """

    session: SessionRow
    revision: int
    epoch: int
    held_bytes: int
    idle_seconds: int
    contents_max: int
    drops_oldest: bool
    deduplicates: bool
    contents: list[ContentRow]


class Stats(msgspec.Struct, frozen=True):
    """The whole server. `ending_count`: sessions that are over and still being taken away."""

    version: str
    schema: str | None
    is_running: bool
    sessions_count: int
    ending_count: int
    members_count: int
    contents_count: int
    unfinished_count: int
    damaged_count: int
    pinned_count: int
    chunks_count: int
    stored_bytes: int
    database_bytes: int
    disk_free_bytes: int
    disk_total_bytes: int
    last_day: Growth
    last_week: Growth
    oldest: SessionRow | None
    largest: SessionRow | None


class Verified(msgspec.Struct, frozen=True):
    """What was looked at, and the faults: their number by kind, and the first ones."""

    deep: bool
    sessions_count: int
    blobs_count: int
    chunks_count: int
    bytes_count: int
    kinds: dict[FaultKind, int]
    marked_count: int
    faults: list[Fault]


class BackedUp(msgspec.Struct, frozen=True):
    """A backup that was made."""

    directory: str
    manifest: Manifest


class Restored(msgspec.Struct, frozen=True):
    """A backup that was restored; `replaced` is where what was there is now.

    `damaged_count`: contents of it that are damaged.
    """

    replaced: str | None
    manifest: Manifest
    damaged_count: int


class Cleaned(msgspec.Struct, frozen=True):
    """What went, or unless `done` would go, and the sealed bytes that this frees.

    `spared_count`: unfinished uploads that stay, for a chunk came in the last `quiet_seconds`.
    """

    done: bool
    sessions: list[SessionRow]
    uploads: list[Upload]
    quiet_seconds: int
    spared_count: int
    unreferenced: list[Fault]
    freed_bytes: int


class Finding(msgspec.Struct, frozen=True):
    """One thing that was looked at; `advice` says what to do unless it is ok.

    `figures` are the numbers that the sentence rounds.
    """

    name: str
    level: Literal["ok", "warning", "fault"]
    sentence: str
    advice: str
    figures: dict[str, int] = {}

    @classmethod
    def judge(
        cls,
        name: str,
        good: bool,
        sentence: str,
        advice: str,
        level: Literal["warning", "fault"] = "fault",
        **figures: int,
    ) -> Finding:
        """Make the finding of a thing that is `good` or of that level."""
        return cls(name, "ok" if good else level, sentence, "" if good else advice, figures)


class Examined(msgspec.Struct, frozen=True):
    """What a doctor found."""

    is_running: bool
    findings: list[Finding]


class Migrated(msgspec.Struct, frozen=True):
    """The schema before and after, and the newest that this version knows."""

    before: str | None
    after: str | None
    newest: str


Report = Sessions | Session | Stats | Verified | BackedUp | Cleaned | Examined
