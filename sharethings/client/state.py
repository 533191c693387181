"""What a member knows of a session; announcements and pages change it. No I/O.

Rows are the truth and announcements hints: a skipped revision makes `apply` ask for a listing.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import msgspec

from sharethings.client.contents import Content, Unreadable
from sharethings.client.errors import RolledBackError
from sharethings.protocol.announcements import (
    Announcement,
    ContentChanged,
    ContentProgressed,
    ContentRemoved,
    ContentsCleared,
    EventSent,
    MemberIdled,
    MemberJoined,
    MemberLeft,
    RemovalReason,
    SessionEnded,
)

if TYPE_CHECKING:
    from sharethings.client.keys import SessionKeys
    from sharethings.protocol.replies import Content as Row
    from sharethings.protocol.replies import Member, Page


@dataclass(slots=True)
class State:
    """Contents by id, names of members by id, and the revision up to which all is known."""

    keys: SessionKeys
    revision: int | None = None
    contents: dict[str, Content | Unreadable] = field(default_factory=dict)
    members: dict[str, str | None] = field(default_factory=dict)
    removed: dict[str, RemovalReason | None] = field(default_factory=dict)
    """Ids of what is gone, and why where that was told."""
    _profiles: dict[str, tuple[int, str]] = field(default_factory=dict)
    """Of each member that was ever met, the newest profile's seq, and the name in it."""
    _manifests: dict[str, int] = field(default_factory=dict)
    """Of each content that was ever read, the newest revision of its manifest."""

    def ordered(self) -> list[Content | Unreadable]:
        """Give the contents, oldest first."""
        return sorted(self.contents.values(), key=lambda content: content.row.position)

    def oldest_position(self) -> int | None:
        """Give the position of the oldest content that is known."""
        return min((content.row.position for content in self.contents.values()), default=None)

    def take_page(self, page: Page, *, since: bool) -> None:
        """Merge a page; `since` says that it answers what changed after a revision."""
        if page.reset:
            self.contents.clear()
            self.removed.clear()
        for content_id in page.removed:
            self._remove(content_id)
        for row in page.contents:
            self._merge(row)
        if self.revision is None or since:
            self.revision = page.through
        self.members = {}
        for member in page.members:
            self._meet(member)

    def apply(self, announcement: Announcement) -> bool:
        """Apply an announcement; say False when a revision was skipped before it."""
        if isinstance(announcement, EventSent):
            self._hear(announcement.member_id, announcement.sealed)
        if isinstance(announcement, ContentProgressed):
            self._count(announcement)
        if isinstance(announcement, EventSent | ContentProgressed | SessionEnded | MemberIdled):
            return True
        revision: int = announcement.revision  # type: ignore[attr-defined]
        if self.revision is None or revision <= self.revision:
            return True
        if revision > self.revision + 1:
            return False
        self.revision = revision
        self._change(announcement)
        return True

    def _change(self, announcement: Announcement) -> None:
        match announcement:
            case MemberJoined(member=member):
                self._meet(member)
            case MemberLeft(member_id=member_id):
                self.members.pop(member_id, None)
            case ContentChanged(content=row):
                self._merge(row)
            case ContentRemoved(content_ids=content_ids, reason=reason):
                for content_id in content_ids:
                    self._remove(content_id, reason)
            case ContentsCleared(reason=reason):
                for content_id in list(self.contents):
                    self._remove(content_id, reason)

    def _merge(self, row: Row) -> None:
        known = self.contents.get(row.content_id)
        newer = known is None or row.revision > known.row.revision
        if newer and row.content_id not in self.removed:
            self.contents[row.content_id] = self._open(row)

    def _open(self, row: Row) -> Content | Unreadable:
        """Open a row, unless its manifest is older than one that was read: not even after a reset.

        The server could take back what a completing manifest has fixed, or a rename.
        """
        opened = self.keys.open_content(row)
        if isinstance(opened, Content):
            if opened.manifest_revision < self._manifests.get(row.content_id, 0):
                return Unreadable(row, RolledBackError)
            self._manifests[row.content_id] = opened.manifest_revision
        return opened

    def _count(self, told: ContentProgressed) -> None:
        known = self.contents.get(told.content_id)
        if known is not None:
            row = msgspec.structs.replace(
                known.row, stored_count=told.stored_count, stored_bytes=told.stored_bytes
            )
            self.contents[told.content_id] = replace(known, row=row)

    def _remove(self, content_id: str, reason: RemovalReason | None = None) -> None:
        self.contents.pop(content_id, None)
        if self.removed.get(content_id) is None:
            self.removed[content_id] = reason

    def _meet(self, member: Member) -> None:
        _, name = self._profiles.get(member.member_id, (0, None))
        self.members.setdefault(member.member_id, name)
        for sealed in member.events:
            self._hear(member.member_id, sealed)

    def _hear(self, member_id: str, sealed: str) -> None:
        """Take a profile, unless a newer one was heard: a server could give an old one again."""
        seq, event = self.keys.open_event(member_id, sealed) or (0, {})
        newest, _ = self._profiles.get(member_id, (0, None))
        if event.get("t") == "profile" and seq >= newest:
            name = str(event.get("name", ""))
            self._profiles[member_id] = (seq, name)
            self.members[member_id] = name
