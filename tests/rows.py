"""Rows of the database, as they are given to the rules."""

from __future__ import annotations

from sharethings.records import Content


def a_content(revision: int, size_bytes: int) -> Content:
    """Give a row whose manifest has a size."""
    return Content(
        session_id="ab" * 32,
        content_id=f"{revision:032x}",
        blob_id=f"{revision:032x}",
        position=revision,
        revision=revision,
        manifest_revision=1,
        state="complete",
        pinned=False,
        chunk_size=16_384,
        chunk_count=1,
        total_size=40,
        stored_count=1,
        stored_bytes=40,
        created_at=0,
        content_box=b"",
        manifest=bytes(size_bytes),
        sender=None,
        inline_chunk=None,
    )
