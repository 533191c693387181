"""Announcements of the control plane: hints about rows (protocol.md 9).

An announcement `noun:past` goes to the members of a session. Those with a `revision` are
gapless: a client that sees a number skipped asks `content:list` with its last one.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from sharethings.protocol.ids import ContentId, MemberId, Revision, SealedEvent
from sharethings.protocol.replies import Content, Member, Message

RemovalReason = Literal["removed", "cleared", "expired", "displaced", "unfinished"]
"""`displaced`: the session holds only so many; `unfinished`: no chunk came for too long."""
EndReason = Literal["expired", "removed"]


class Announcement(Message, frozen=True, kw_only=True):
    """Something happened in the session; `event` is its name on the wire."""

    event: ClassVar[str]


class MemberJoined(Announcement, frozen=True, kw_only=True):
    """A member came in; they hear it too, before the reply to their join."""

    event = "member:joined"
    revision: Revision
    member: Member


class MemberLeft(Announcement, frozen=True, kw_only=True):
    """A member left, or the connection was lost."""

    event = "member:left"
    revision: Revision
    member_id: MemberId


class ContentChanged(Announcement, frozen=True, kw_only=True):
    """A content was shared, completed, renamed or pinned: its whole row as it is now."""

    event = "content:changed"
    revision: Revision
    content: Content


class ContentProgressed(Announcement, frozen=True, kw_only=True):
    """Chunks of a content arrived; at most ten of these a second and content."""

    event = "content:progressed"
    content_id: ContentId
    stored_count: int
    stored_bytes: int


class ContentRemoved(Announcement, frozen=True, kw_only=True):
    """Contents are gone, for one reason and under one revision."""

    event = "content:removed"
    revision: Revision
    content_ids: list[ContentId]
    reason: RemovalReason


class ContentsCleared(Announcement, frozen=True, kw_only=True):
    """All contents are gone."""

    event = "contents:cleared"
    revision: Revision
    reason: RemovalReason


class SessionEnded(Announcement, frozen=True, kw_only=True):
    """The session is gone with all that was in it; its tokens have ended."""

    event = "session:ended"
    reason: EndReason


class MemberIdled(Announcement, frozen=True, kw_only=True):
    """Said to one member: nothing was heard of you for long, the connection ends.

    Come back when somebody looks.
    """

    event = "member:idled"
    idle_seconds: int


class EventSent(Announcement, frozen=True, kw_only=True):
    """A member sent a sealed event."""

    event = "event:sent"
    member_id: MemberId
    sealed: SealedEvent


ANNOUNCEMENTS: dict[str, type[Announcement]] = {
    kind.event: kind
    for kind in (
        MemberJoined,
        MemberLeft,
        ContentChanged,
        ContentProgressed,
        ContentRemoved,
        ContentsCleared,
        SessionEnded,
        MemberIdled,
        EventSent,
    )
}
