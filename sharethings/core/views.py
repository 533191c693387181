"""From records to what members are told (protocol/requests.py)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sharethings.protocol import replies
from sharethings.protocol.ids import encode_bytes
from sharethings.protocol.limits import PAGE_BYTES_MAX

if TYPE_CHECKING:
    from sharethings.core.presence import Present
    from sharethings.records import Changes, Content, Session


def view_content(content: Content) -> replies.Content:
    """Give a content as members see it."""
    return replies.Content(
        content_id=content.content_id,
        blob_id=content.blob_id,
        position=content.position,
        revision=content.revision,
        state=content.state,
        pinned=content.pinned,
        chunk_size=content.chunk_size,
        chunk_count=content.chunk_count,
        total_size=content.total_size,
        stored_count=content.stored_count,
        stored_bytes=content.stored_bytes,
        created_at=content.created_at,
        content_box=encode_bytes(content.content_box),
        manifest=encode_bytes(content.manifest),
        sender=content.sender,
        chunk=None if content.inline_chunk is None else encode_bytes(content.inline_chunk),
        expires_at=content.expires_at,
    )


def view_policy(session: Session) -> replies.Policy:
    """Give what holds for a session."""
    return replies.Policy(
        idle_seconds=session.idle_seconds,
        contents_max=session.contents_max,
        drops_oldest=session.drops_oldest,
        deduplicates=session.deduplicates,
    )


def view_member(present: Present) -> replies.Member:
    """Give a member as the others see them."""
    return replies.Member(
        member_id=present.member.member_id,
        joined_at=present.member.joined_at,
        events=[encode_bytes(sealed) for sealed in present.events.values()],
    )


def view_page(changes: Changes, members: list[Present], *, by_revision: bool) -> replies.Page:
    """Give a part of a listing, cut where it would hold more than PAGE_BYTES_MAX."""
    contents: list[replies.Content] = []
    size_bytes = 0
    for content in changes.contents:
        size_bytes += len(content.manifest) + len(content.inline_chunk or b"")
        if contents and size_bytes > PAGE_BYTES_MAX:
            break
        contents.append(view_content(content))
    cut = len(contents) < len(changes.contents)
    through = changes.through
    removed = changes.removed
    if cut and by_revision and not changes.reset:
        through = contents[-1].revision
    return replies.Page(
        revision=changes.revision,
        through=through,
        contents=contents,
        removed=removed,
        members=[view_member(present) for present in members],
        more=changes.more or cut,
        reset=changes.reset,
    )
