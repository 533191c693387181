"""What a server answers to requests, and the views that announcements share (protocol.md 4 to 9).

Unknown fields are ignored by clients, so that a newer server can say more to an older one.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from sharethings.protocol.errors import Failure
from sharethings.protocol.ids import (
    BlobId,
    Box,
    Bytes12,
    Bytes16,
    Bytes32,
    ContentId,
    InlineChunk,
    MemberId,
    MomentMs,
    Revision,
    SealedEvent,
    SealedManifest,
)

ContentState = Literal["uploading", "complete", "damaged"]


class Message(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a server says: replies, views, announcements."""


class Done(Message, frozen=True, kw_only=True):
    """Nothing to tell but that it is done."""


class Changed(Message, frozen=True, kw_only=True):
    """Done; the session has this revision since."""

    revision: Revision


class Member(Message, frozen=True, kw_only=True):
    """Somebody who is in the session now; `events` are the sealed ones kept for them."""

    member_id: MemberId
    joined_at: MomentMs
    events: list[SealedEvent] = []


class Content(Message, frozen=True, kw_only=True):
    """A content as members see it; all that describes it is sealed in `manifest`.

    `position` orders contents by when they were shared, `revision` is the session's at the
    last change. `chunk_count` and `total_size` (sealed bytes) are absent while a stream of
    unknown length is being sent. `sender` is the member who shared it, or went on with its upload
    last: while it is "uploading" and no such member is here, it waits for one. `chunk` is the
    only chunk of a small content. At `expires_at` it goes, unless it is pinned.
    """

    content_id: ContentId
    blob_id: BlobId
    position: Revision
    revision: Revision
    state: ContentState
    pinned: bool = False
    chunk_size: int
    chunk_count: int | None = None
    total_size: int | None = None
    stored_count: int = 0
    stored_bytes: int = 0
    created_at: MomentMs
    content_box: Box
    manifest: SealedManifest
    sender: MemberId | None = None
    chunk: InlineChunk | None = None
    expires_at: MomentMs | None = None


class Policy(Message, frozen=True, kw_only=True):
    """What holds for a session, chosen at its creation within what the operator allows.

    `idle_seconds`: it ends so long after the last member left and nothing happened, 0 never.
    `contents_max`: so many contents at most, 0 as many as the server takes; a further one is
    refused, or with `drops_oldest` takes the place of the oldest that is not pinned.
    `deduplicates`: the same file is stored once (protocol.md 8).
    """

    idle_seconds: int
    contents_max: int = 0
    drops_oldest: bool = False
    deduplicates: bool = True


class Page(Message, frozen=True, kw_only=True):
    """A part of a listing, and who is here.

    After `since`: `contents` changed and `removed` ids, oldest change first; `through` is the
    revision up to which the answer is whole, the next `since`. With `reset` the client forgets
    all contents that it knows first. Else: contents by position, newest first.
    `more` says that the listing goes on (with `since` = through, or `before` = the last position).
    """

    revision: Revision
    through: Revision
    contents: list[Content]
    removed: list[ContentId] = []
    members: list[Member] = []
    more: bool = False
    reset: bool = False


class Hello(Message, frozen=True, kw_only=True):
    """What a client needs to derive its keys; only `server_nonce` when there is no session."""

    exists: bool
    server_nonce: Bytes32
    suite: int | None = None
    salt: Bytes16 | None = None
    iterations: int | None = None
    fingerprint_iv: Bytes12 | None = None


class Created(Message, frozen=True, kw_only=True):
    """Whether this request made the session; when not, it existed: go on with hello and join."""

    created: bool


class Joined(Message, frozen=True, kw_only=True):
    """The way in: the server's signature, the token, the sealed session key, the first page."""

    sig: Bytes32
    token: Bytes32
    epoch: int
    key_box: Box
    created_at: MomentMs
    policy: Policy
    page: Page


class Shared(Message, frozen=True, kw_only=True):
    """The content's row stands; `missing` are the inclusive ranges of chunks still to send.

    With an unknown chunk_count, `missing` names the gaps below the highest chunk that arrived.
    """

    revision: Revision
    state: ContentState
    missing: list[tuple[int, int]] = []
    missing_count: int | None = None
    stored_count: int = 0


class Answer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An acknowledgement: exactly one of the two is there."""

    result: msgspec.Raw | None = None
    error: Failure | None = None
