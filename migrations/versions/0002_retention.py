"""What ends when, blobs that contents share, and chunks found damaged."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

DAY_SECONDS = 86_400


def _integer(name: str, default: int | None = None) -> sa.Column[int]:
    if default is None:
        return sa.Column(name, sa.INTEGER)
    return sa.Column(name, sa.INTEGER, nullable=False, server_default=str(default))


def upgrade() -> None:
    for table, columns in {
        "instance": [_integer("is_clean", 0)],
        "sessions": [
            _integer("idle_seconds", DAY_SECONDS),
            _integer("contents_max", 0),
            _integer("drops_oldest", 0),
            _integer("deduplicates", 1),
            _integer("expires_at"),
            _integer("ended_at"),
        ],
        "content_metadata": [_integer("expires_at")],
        "chunk_metadata": [_integer("is_damaged", 0)],
        "removals": [_integer("removed_at", 0)],
    }.items():
        for column in columns:
            op.add_column(table, column)
    op.execute("UPDATE sessions SET expires_at = last_activity + idle_seconds * 1000")
    _create_indexes()


def _create_indexes() -> None:
    for name, table, columns, where in (
        ("session_by_expiry", "sessions", ["expires_at"], "expires_at IS NOT NULL"),
        ("session_by_end", "sessions", ["ended_at"], "ended_at IS NOT NULL"),
        (
            "content_by_expiry",
            "content_metadata",
            ["expires_at"],
            "expires_at IS NOT NULL AND pinned = 0",
        ),
        ("content_unfinished", "content_metadata", ["last_accessed"], "is_complete = 0"),
        ("content_by_blob", "content_metadata", ["session_id", "blob_id"], None),
        ("garbage_by_blob", "gc", ["session_id", "blob_id"], None),
        ("removal_by_age", "removals", ["removed_at"], None),
    ):
        op.create_index(
            name, table, columns, sqlite_where=None if where is None else sa.text(where)
        )
