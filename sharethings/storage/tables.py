"""The tables. Names and columns of the seeds are kept; migrations/ makes them.

`chunk_metadata.content_id` is the id of the blob whose bytes the chunk is part of: the content
itself unless two contents share a blob (protocol.md 8). `content_type` is a constant and
`additional_metadata` the sealed manifest, whose nonce is `encryption_iv`: the server knows
nothing else about a content. `stored_count` and `stored_bytes` count the chunks of its blob that
can be read: neither those that have not arrived nor damaged ones. Its `last_accessed` is when
its last chunk arrived, or when somebody went on with its upload; `sender` is who did last.

Times are milliseconds since 1970. A session with `ended_at` is gone for everybody; the sweeper
takes its rows away piece by piece.
"""

from __future__ import annotations

from sqlalchemy import (
    BLOB,
    INTEGER,
    TEXT,
    Column,
    ForeignKeyConstraint,
    Index,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    text,
)

metadata = MetaData()

SEALED_CONTENT_TYPE = "application/octet-stream"

instance = Table(
    "instance",
    metadata,
    Column("id", INTEGER, primary_key=True),
    Column("realm", BLOB, nullable=False),
    Column("created_at", INTEGER, nullable=False),
    Column("is_clean", INTEGER, nullable=False, server_default="0"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("session_id", TEXT, primary_key=True),
    Column("fingerprint_iv", BLOB, nullable=False),
    Column("fingerprint_data", BLOB, nullable=False),
    Column("created_at", INTEGER, nullable=False),
    Column("last_activity", INTEGER, nullable=False),
    Column("suite", INTEGER, nullable=False),
    Column("salt", BLOB, nullable=False),
    Column("iterations", INTEGER, nullable=False),
    Column("server_key", BLOB, nullable=False),
    Column("key_box", BLOB, nullable=False),
    Column("epoch", INTEGER, nullable=False),
    Column("owner_hash", BLOB, nullable=False),
    Column("revision", INTEGER, nullable=False),
    Column("reset_revision", INTEGER, nullable=False),
    Column("content_count", INTEGER, nullable=False),
    Column("reserved_bytes", INTEGER, nullable=False),
    Column("idle_seconds", INTEGER, nullable=False, server_default="86400"),
    Column("contents_max", INTEGER, nullable=False, server_default="0"),
    Column("drops_oldest", INTEGER, nullable=False, server_default="0"),
    Column("deduplicates", INTEGER, nullable=False, server_default="1"),
    Column("expires_at", INTEGER),
    Column("ended_at", INTEGER),
    Index("session_by_expiry", "expires_at", sqlite_where=text("expires_at IS NOT NULL")),
    Index("session_by_end", "ended_at", sqlite_where=text("ended_at IS NOT NULL")),
)

contents = Table(
    "content_metadata",
    metadata,
    Column("content_id", TEXT, nullable=False),
    Column("session_id", TEXT, nullable=False),
    Column("content_type", TEXT, nullable=False),
    Column("total_chunks", INTEGER),
    Column("total_size", INTEGER),
    Column("created_at", INTEGER, nullable=False),
    Column("encryption_iv", BLOB, nullable=False),
    Column("additional_metadata", BLOB, nullable=False),
    Column("is_complete", INTEGER, nullable=False),
    Column("last_accessed", INTEGER, nullable=False),
    Column("is_damaged", INTEGER, nullable=False),
    Column("pinned", INTEGER, nullable=False),
    Column("blob_id", TEXT, nullable=False),
    Column("position", INTEGER, nullable=False),
    Column("revision", INTEGER, nullable=False),
    Column("manifest_revision", INTEGER, nullable=False),
    Column("chunk_size", INTEGER, nullable=False),
    Column("stored_count", INTEGER, nullable=False),
    Column("stored_bytes", INTEGER, nullable=False),
    Column("content_box", BLOB, nullable=False),
    Column("sender", TEXT),
    Column("inline_chunk", BLOB),
    Column("expires_at", INTEGER),
    PrimaryKeyConstraint("session_id", "content_id"),
    ForeignKeyConstraint(["session_id"], ["sessions.session_id"], ondelete="CASCADE"),
    Index("content_by_position", "session_id", "position"),
    Index("content_by_revision", "session_id", "revision"),
    Index("content_by_blob", "session_id", "blob_id"),
    Index(
        "content_by_expiry",
        "expires_at",
        sqlite_where=text("expires_at IS NOT NULL AND pinned = 0"),
    ),
    Index("content_unfinished", "last_accessed", sqlite_where=text("is_complete = 0")),
)

chunks = Table(
    "chunk_metadata",
    metadata,
    Column("content_id", TEXT, nullable=False),
    Column("chunk_index", INTEGER, nullable=False),
    Column("size", INTEGER, nullable=False),
    Column("created_at", INTEGER, nullable=False),
    Column("session_id", TEXT, nullable=False),
    Column("sha256", BLOB, nullable=False),
    Column("is_damaged", INTEGER, nullable=False, server_default="0"),
    PrimaryKeyConstraint("session_id", "content_id", "chunk_index"),
    ForeignKeyConstraint(["session_id"], ["sessions.session_id"], ondelete="CASCADE"),
    sqlite_with_rowid=False,
)

removals = Table(
    "removals",
    metadata,
    Column("session_id", TEXT, nullable=False),
    Column("content_id", TEXT, nullable=False),
    Column("revision", INTEGER, nullable=False),
    Column("removed_at", INTEGER, nullable=False, server_default="0"),
    PrimaryKeyConstraint("session_id", "content_id"),
    ForeignKeyConstraint(["session_id"], ["sessions.session_id"], ondelete="CASCADE"),
    Index("removal_by_revision", "session_id", "revision"),
    Index("removal_by_age", "removed_at"),
    sqlite_with_rowid=False,
)

garbage = Table(
    "gc",
    metadata,
    Column("id", INTEGER, primary_key=True),
    Column("session_id", TEXT, nullable=False),
    Column("blob_id", TEXT, nullable=False),
    Column("created_at", INTEGER, nullable=False),
    Index("garbage_by_blob", "session_id", "blob_id"),
)
