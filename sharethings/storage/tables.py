"""The tables. Names and columns of the seeds are kept; migrations/ makes them.

`chunk_metadata.content_id` is the id of the blob whose bytes the chunk is part of: the content
itself unless two contents share a blob (protocol.md 8). `content_type` is a constant and
`additional_metadata` the sealed manifest, whose nonce is `encryption_iv`: the server knows
nothing else about a content.
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
)

metadata = MetaData()

SEALED_CONTENT_TYPE = "application/octet-stream"

instance = Table(
    "instance",
    metadata,
    Column("id", INTEGER, primary_key=True),
    Column("realm", BLOB, nullable=False),
    Column("created_at", INTEGER, nullable=False),
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
    PrimaryKeyConstraint("session_id", "content_id"),
    ForeignKeyConstraint(["session_id"], ["sessions.session_id"], ondelete="CASCADE"),
    Index("content_by_position", "session_id", "position"),
    Index("content_by_revision", "session_id", "revision"),
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
    PrimaryKeyConstraint("session_id", "content_id"),
    ForeignKeyConstraint(["session_id"], ["sessions.session_id"], ondelete="CASCADE"),
    Index("removal_by_revision", "session_id", "revision"),
    sqlite_with_rowid=False,
)

garbage = Table(
    "gc",
    metadata,
    Column("id", INTEGER, primary_key=True),
    Column("session_id", TEXT, nullable=False),
    Column("blob_id", TEXT, nullable=False),
    Column("created_at", INTEGER, nullable=False),
)
