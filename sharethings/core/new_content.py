"""A new content, as its request describes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sharethings.protocol.bulk import check_chunk_header, manifest_revision
from sharethings.protocol.errors import InvalidRequestError, RevisionConflictError
from sharethings.protocol.ids import decode_bytes
from sharethings.protocol.limits import CHUNK_OVERHEAD_BYTES
from sharethings.records import Content

if TYPE_CHECKING:
    from sharethings.protocol import requests
    from sharethings.records import Member


def new_content(member: Member, request: requests.ContentShare, now: int) -> Content:
    """Give the content that a member asks for, at no position yet.

    Raises InvalidRequestError, RevisionConflictError or ChunkMalformedError.
    """
    if request.chunk_size & (request.chunk_size - 1):
        raise InvalidRequestError("chunk_size: not a power of two.")
    manifest = decode_bytes(request.manifest)
    if manifest_revision(manifest) != 1:
        raise RevisionConflictError("The first manifest of a content has revision 1.")
    chunk = None if request.chunk is None else decode_bytes(request.chunk)
    if chunk is not None:
        if request.blob_id != request.content_id:
            raise InvalidRequestError("blob_id: a content with its chunk has its own.")
        if request.chunk_count != 1 or request.total_size != len(chunk):
            raise InvalidRequestError("chunk: goes with chunk_count 1 and its own size.")
        check_chunk_header(
            chunk[:16], len(chunk), index=0, chunk_size=request.chunk_size, chunk_count=1
        )
    _check_total(request.chunk_count, request.total_size, request.chunk_size)
    lifetime = request.lifetime_seconds
    return Content(
        session_id=member.session_id,
        content_id=request.content_id,
        blob_id=request.blob_id,
        position=0,
        revision=0,
        manifest_revision=1,
        state="uploading" if chunk is None else "complete",
        pinned=False,
        chunk_size=request.chunk_size,
        chunk_count=request.chunk_count,
        total_size=request.total_size,
        stored_count=0 if chunk is None else 1,
        stored_bytes=0 if chunk is None else len(chunk),
        created_at=now,
        content_box=decode_bytes(request.content_box),
        manifest=manifest,
        sender=member.member_id,
        inline_chunk=chunk,
        expires_at=None if lifetime is None else now + lifetime * 1000,
    )


def _check_total(chunk_count: int | None, total_size: int | None, chunk_size: int) -> None:
    """Refuse a sum of sealed bytes that cannot be that of so many chunks (protocol.md 6)."""
    if (chunk_count is None) != (total_size is None):
        raise InvalidRequestError("chunk_count and total_size go together.")
    if chunk_count is None or total_size is None:
        return
    plain = total_size - chunk_count * CHUNK_OVERHEAD_BYTES
    smallest = (chunk_count - 1) * chunk_size + (1 if chunk_count > 1 else 0)
    if not smallest <= plain <= chunk_count * chunk_size:
        raise InvalidRequestError("total_size: not the sum of so many chunks of this size.")
