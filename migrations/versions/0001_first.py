"""The first schema: the seeds' three tables with what protocol v1 needs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "instance",
        sa.Column("id", sa.INTEGER, primary_key=True),
        sa.Column("realm", sa.BLOB, nullable=False),
        sa.Column("created_at", sa.INTEGER, nullable=False),
    )
    op.create_table(
        "sessions",
        sa.Column("session_id", sa.TEXT, primary_key=True),
        sa.Column("fingerprint_iv", sa.BLOB, nullable=False),
        sa.Column("fingerprint_data", sa.BLOB, nullable=False),
        sa.Column("created_at", sa.INTEGER, nullable=False),
        sa.Column("last_activity", sa.INTEGER, nullable=False),
        sa.Column("suite", sa.INTEGER, nullable=False),
        sa.Column("salt", sa.BLOB, nullable=False),
        sa.Column("iterations", sa.INTEGER, nullable=False),
        sa.Column("server_key", sa.BLOB, nullable=False),
        sa.Column("key_box", sa.BLOB, nullable=False),
        sa.Column("epoch", sa.INTEGER, nullable=False),
        sa.Column("owner_hash", sa.BLOB, nullable=False),
        sa.Column("revision", sa.INTEGER, nullable=False),
        sa.Column("reset_revision", sa.INTEGER, nullable=False),
        sa.Column("content_count", sa.INTEGER, nullable=False),
        sa.Column("reserved_bytes", sa.INTEGER, nullable=False),
    )
    _create_content_tables()
    _create_chunk_tables()
    op.create_table(
        "gc",
        sa.Column("id", sa.INTEGER, primary_key=True),
        sa.Column("session_id", sa.TEXT, nullable=False),
        sa.Column("blob_id", sa.TEXT, nullable=False),
        sa.Column("created_at", sa.INTEGER, nullable=False),
    )


def _create_content_tables() -> None:
    op.create_table(
        "content_metadata",
        sa.Column("content_id", sa.TEXT, nullable=False),
        sa.Column("session_id", sa.TEXT, nullable=False),
        sa.Column("content_type", sa.TEXT, nullable=False),
        sa.Column("total_chunks", sa.INTEGER),
        sa.Column("total_size", sa.INTEGER),
        sa.Column("created_at", sa.INTEGER, nullable=False),
        sa.Column("encryption_iv", sa.BLOB, nullable=False),
        sa.Column("additional_metadata", sa.BLOB, nullable=False),
        sa.Column("is_complete", sa.INTEGER, nullable=False),
        sa.Column("last_accessed", sa.INTEGER, nullable=False),
        sa.Column("is_damaged", sa.INTEGER, nullable=False),
        sa.Column("pinned", sa.INTEGER, nullable=False),
        sa.Column("blob_id", sa.TEXT, nullable=False),
        sa.Column("position", sa.INTEGER, nullable=False),
        sa.Column("revision", sa.INTEGER, nullable=False),
        sa.Column("manifest_revision", sa.INTEGER, nullable=False),
        sa.Column("chunk_size", sa.INTEGER, nullable=False),
        sa.Column("stored_count", sa.INTEGER, nullable=False),
        sa.Column("stored_bytes", sa.INTEGER, nullable=False),
        sa.Column("content_box", sa.BLOB, nullable=False),
        sa.Column("sender", sa.TEXT),
        sa.Column("inline_chunk", sa.BLOB),
        sa.PrimaryKeyConstraint("session_id", "content_id"),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.session_id"], ondelete="CASCADE"),
    )
    op.create_index("content_by_position", "content_metadata", ["session_id", "position"])
    op.create_index("content_by_revision", "content_metadata", ["session_id", "revision"])


def _create_chunk_tables() -> None:
    op.create_table(
        "chunk_metadata",
        sa.Column("content_id", sa.TEXT, nullable=False),
        sa.Column("chunk_index", sa.INTEGER, nullable=False),
        sa.Column("size", sa.INTEGER, nullable=False),
        sa.Column("created_at", sa.INTEGER, nullable=False),
        sa.Column("session_id", sa.TEXT, nullable=False),
        sa.Column("sha256", sa.BLOB, nullable=False),
        sa.PrimaryKeyConstraint("session_id", "content_id", "chunk_index"),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.session_id"], ondelete="CASCADE"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "removals",
        sa.Column("session_id", sa.TEXT, nullable=False),
        sa.Column("content_id", sa.TEXT, nullable=False),
        sa.Column("revision", sa.INTEGER, nullable=False),
        sa.PrimaryKeyConstraint("session_id", "content_id"),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.session_id"], ondelete="CASCADE"),
        sqlite_with_rowid=False,
    )
    op.create_index("removal_by_revision", "removals", ["session_id", "revision"])
