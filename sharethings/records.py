"""Frozen records that storage gives and rules work on. Times are milliseconds since 1970."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

ContentState = Literal["uploading", "complete", "damaged"]

CONTENT_BYTES = 20 * 1024
"""What a content counts beside its chunks, in the quotas of its session and of who sends it.

Its manifest at the largest (protocol/limits.py), its rows with their indexes, and the memory of
its removal: together 18.6 KB at most, as measured (tests/unit/core/test_row_quota.py).
"""


@dataclass(frozen=True, slots=True)
class Session:
    """A row of `sessions`: everything public or derived, nothing that opens a content.

    `idle_seconds` 0: it never expires, and `expires_at` is None. `contents_max` 0: as many
    contents as the server allows.
    """

    session_id: str
    suite: int
    salt: bytes
    iterations: int
    fingerprint_iv: bytes
    fingerprint_data: bytes
    server_key: bytes
    key_box: bytes
    epoch: int
    owner_hash: bytes
    created_at: int
    last_activity: int
    revision: int
    reset_revision: int
    content_count: int
    reserved_bytes: int
    idle_seconds: int
    contents_max: int
    drops_oldest: bool
    deduplicates: bool
    expires_at: int | None
    ended_at: int | None = None

    @property
    def held_bytes(self) -> int:
        """What counts in its quota: chunks that were promised to it or came, and its rows."""
        return self.reserved_bytes + self.content_count * CONTENT_BYTES


@dataclass(frozen=True, slots=True)
class Member:
    """Who acts: made by a join, asked for by every door of `core`."""

    session_id: str
    member_id: str
    joined_at: int
    address: str


@dataclass(frozen=True, slots=True)
class Content:
    """A row of `content_metadata`. Sizes are sealed bytes."""

    session_id: str
    content_id: str
    blob_id: str
    position: int
    revision: int
    manifest_revision: int
    state: ContentState
    pinned: bool
    chunk_size: int
    chunk_count: int | None
    total_size: int | None
    stored_count: int
    stored_bytes: int
    created_at: int
    content_box: bytes
    manifest: bytes
    sender: str | None
    inline_chunk: bytes | None
    expires_at: int | None = None


class Tally(NamedTuple):
    """How far a content has arrived: of its row, what each of its chunks is counted with."""

    session_id: str
    content_id: str
    blob_id: str
    chunk_count: int | None
    total_size: int | None
    stored_count: int
    stored_bytes: int


@dataclass(frozen=True, slots=True)
class Chunk:
    """A row of `chunk_metadata`: `size` sealed bytes whose SHA-256 is `digest`.

    `is_damaged`: the stored bytes are lost or others; the right ones are awaited.
    """

    chunk_index: int
    size: int
    digest: bytes
    is_damaged: bool = False


@dataclass(frozen=True, slots=True)
class Changes:
    """What happened to the contents of a session after some revision.

    `through` is the revision up to which the answer is whole; `reset` says that older
    knowledge must be forgotten.
    """

    revision: int
    through: int
    contents: list[Content]
    removed: list[str] = field(default_factory=list)
    more: bool = False
    reset: bool = False


@dataclass(frozen=True, slots=True)
class Usage:
    """What a session holds; `stored_bytes` are sealed bytes that have arrived."""

    session_id: str
    created_at: int
    last_activity: int
    expires_at: int | None
    contents_count: int
    unfinished_count: int
    damaged_count: int
    stored_bytes: int


@dataclass(frozen=True, slots=True)
class Totals:
    """What a server holds; `ending_count`: sessions that are over and not yet taken away."""

    sessions_count: int
    ending_count: int
    contents_count: int
    unfinished_count: int
    damaged_count: int
    pinned_count: int
    chunks_count: int
    stored_bytes: int


@dataclass(frozen=True, slots=True)
class Growth:
    """What came in a stretch of time and is still there."""

    sessions_count: int
    contents_count: int
    stored_bytes: int


@dataclass(frozen=True, slots=True)
class Upload:
    """An unfinished content; `last_chunk_at` is when its last chunk came, or when it began."""

    session_id: str
    content_id: str
    last_chunk_at: int
    stored_bytes: int
