"""Requests of the control plane and their replies (protocol.md 4 to 9).

A request is a Socket.IO event `noun:verb` with one object; its acknowledgement is one object,
`{"result": …}` or `{"error": Failure}`. Unknown fields are refused in requests and ignored in
replies, so that a newer server can say more to an older client.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import msgspec
from msgspec import Meta

from sharethings.protocol.errors import Failure
from sharethings.protocol.ids import (
    BlobId,
    Box,
    ByteCount,
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
    SessionId,
)
from sharethings.protocol.limits import (
    CHUNK_COUNT_MAX,
    CHUNK_SIZE_MAX_BYTES,
    CHUNK_SIZE_MIN_BYTES,
    PAGE_CONTENTS_MAX,
)

ChunkSize = Annotated[int, Meta(ge=CHUNK_SIZE_MIN_BYTES, le=CHUNK_SIZE_MAX_BYTES)]
ChunkCount = Annotated[int, Meta(ge=1, le=CHUNK_COUNT_MAX)]
ChunkIndex = Annotated[int, Meta(ge=0, lt=CHUNK_COUNT_MAX)]
Epoch = Annotated[int, Meta(ge=1, le=2**32 - 1)]
EventSort = Annotated[str, Meta(pattern="^[a-z]{1,16}$")]
ContentState = Literal["uploading", "complete", "damaged"]


class Message(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a server says: replies, views, announcements."""


class Request(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """What a client asks. `event` is its name on the wire, `Reply` the type of its result."""

    event: ClassVar[str]
    reply: ClassVar[type[Message]]


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
    unknown length is being sent. `chunk` is the only chunk of a small content.
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


class SessionHello(Request, frozen=True, kw_only=True):
    """Ask how a session derives its keys and open a challenge, valid once for 60 s."""

    event, reply = "session:hello", Hello
    session_id: SessionId
    client_nonce: Bytes32


class SessionCreate(Request, frozen=True, kw_only=True):
    """Insert a session; never changes one that exists."""

    event, reply = "session:create", Created
    session_id: SessionId
    suite: int
    salt: Bytes16
    iterations: int
    fingerprint_iv: Bytes12
    fingerprint_data: Bytes32
    server_key: Bytes32
    key_box: Box
    owner_hash: Bytes32


class SessionJoin(Request, frozen=True, kw_only=True):
    """Prove the passphrase and become a member; `since` when rejoining."""

    event, reply = "session:join", Joined
    session_id: SessionId
    proof: Bytes32
    member_id: MemberId
    since: Revision | None = None


class SessionLeave(Request, frozen=True, kw_only=True):
    """Leave the session; the token ends."""

    event, reply = "session:leave", Done


class ContentList(Request, frozen=True, kw_only=True):
    """Ask for what changed after `since`, or for the page before position `before`."""

    event, reply = "content:list", Page
    since: Revision | None = None
    before: Revision | None = None
    limit: Annotated[int, Meta(ge=1, le=PAGE_CONTENTS_MAX)] = 100


class ContentShare(Request, frozen=True, kw_only=True):
    """Announce a content. Sent again with the same content_box it answers what is missing.

    `total_size` is the sum of the sealed chunks. With `chunk` (one chunk, up to 16 KiB plain)
    the content is complete at once and the manifest holds its root.
    """

    event, reply = "content:share", Shared
    content_id: ContentId
    blob_id: BlobId
    chunk_size: ChunkSize
    chunk_count: ChunkCount | None = None
    total_size: ByteCount | None = None
    content_box: Box
    manifest: SealedManifest
    chunk: InlineChunk | None = None


class ContentMissing(Request, frozen=True, kw_only=True):
    """Ask which chunks of a content the server lacks."""

    event, reply = "content:missing", Shared
    content_id: ContentId


class ContentComplete(Request, frozen=True, kw_only=True):
    """Complete a content: all chunks are stored, the manifest holds the root."""

    event, reply = "content:complete", Changed
    content_id: ContentId
    manifest: SealedManifest
    chunk_count: ChunkCount
    total_size: ByteCount


class ContentRename(Request, frozen=True, kw_only=True):
    """Replace the manifest by its next revision."""

    event, reply = "content:rename", Changed
    content_id: ContentId
    manifest: SealedManifest


class ContentPin(Request, frozen=True, kw_only=True):
    """Pin a content, or let it go; at most 50 are pinned."""

    event, reply = "content:pin", Changed
    content_id: ContentId
    pinned: bool


class ContentRemove(Request, frozen=True, kw_only=True):
    """Remove one content."""

    event, reply = "content:remove", Changed
    content_id: ContentId


class ContentClear(Request, frozen=True, kw_only=True):
    """Remove all contents of the session."""

    event, reply = "content:clear", Changed


class EventSend(Request, frozen=True, kw_only=True):
    """Relay a sealed event to the other members.

    A kept one (kind 0x21) names its `sort`; the latest of each sort is kept while its sender
    is a member.
    """

    event, reply = "event:send", Done
    sealed: SealedEvent
    sort: EventSort | None = None


REQUESTS: dict[str, type[Request]] = {
    kind.event: kind
    for kind in (
        SessionHello,
        SessionCreate,
        SessionJoin,
        SessionLeave,
        ContentList,
        ContentShare,
        ContentMissing,
        ContentComplete,
        ContentRename,
        ContentPin,
        ContentRemove,
        ContentClear,
        EventSend,
    )
}


class Answer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An acknowledgement: exactly one of the two is there."""

    result: msgspec.Raw | None = None
    error: Failure | None = None
