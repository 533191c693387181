"""Requests of the control plane (protocol.md 4 to 9); what answers them is in replies.py.

A request is a Socket.IO event `noun:verb` with one object; its acknowledgement is one object,
`{"result": …}` or `{"error": Failure}`. Unknown fields are refused in requests and ignored in
replies, so that a newer server can say more to an older client.
"""

from __future__ import annotations

from typing import Annotated, ClassVar

import msgspec
from msgspec import Meta

from sharethings.protocol.ids import (
    END,
    BlobId,
    Box,
    ByteCount,
    Bytes12,
    Bytes16,
    Bytes32,
    ContentId,
    InlineChunk,
    MemberId,
    Revision,
    SealedEvent,
    SealedManifest,
    SessionId,
)
from sharethings.protocol.limits import (
    CHUNK_COUNT_MAX,
    CHUNK_SIZE_MAX_BYTES,
    CHUNK_SIZE_MIN_BYTES,
    LIFETIME_MAX_SECONDS,
    LIFETIME_MIN_SECONDS,
    PAGE_CONTENTS_MAX,
)
from sharethings.protocol.replies import (
    Changed,
    Created,
    Done,
    Hello,
    Joined,
    Message,
    Page,
    Shared,
)

ChunkSize = Annotated[int, Meta(ge=CHUNK_SIZE_MIN_BYTES, le=CHUNK_SIZE_MAX_BYTES)]
ChunkCount = Annotated[int, Meta(ge=1, le=CHUNK_COUNT_MAX)]
ChunkIndex = Annotated[int, Meta(ge=0, lt=CHUNK_COUNT_MAX)]
Epoch = Annotated[int, Meta(ge=1, le=2**32 - 1)]
IdleSeconds = Annotated[int, Meta(ge=0, le=LIFETIME_MAX_SECONDS)]
Lifetime = Annotated[int, Meta(ge=LIFETIME_MIN_SECONDS, le=LIFETIME_MAX_SECONDS)]
EventSort = Annotated[str, Meta(pattern="^[a-z]{1,16}" + END)]


class Request(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """What a client asks. `event` is its name on the wire, `Reply` the type of its result."""

    event: ClassVar[str]
    reply: ClassVar[type[Message]]


class SessionHello(Request, frozen=True, kw_only=True):
    """Ask how a session derives its keys and open a challenge, valid once for 60 s."""

    event, reply = "session:hello", Hello
    session_id: SessionId
    client_nonce: Bytes32


class SessionCreate(Request, frozen=True, kw_only=True):
    """Insert a session; never changes one that exists.

    The last four are its policy (replies.Policy). Without `idle_seconds` it has the server's
    default; more than the operator's cap becomes the cap.
    """

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
    idle_seconds: IdleSeconds | None = None
    contents_max: Annotated[int, Meta(ge=0, le=2**31 - 1)] = 0
    drops_oldest: bool = False
    deduplicates: bool = True


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

    Who sends it again while the content is being uploaded is its `sender` from then on; that
    also keeps an upload that pauses from being given up.
    `total_size` is the sum of the sealed chunks. With `lifetime_seconds` it goes by itself so
    long after this. With `chunk` (one chunk, up to 16 KiB plain)
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
    lifetime_seconds: Lifetime | None = None


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


class ContentReport(Request, frozen=True, kw_only=True):
    """Say that a chunk could not be opened: the server looks at its digest itself.

    When the stored bytes are not those it acknowledged, the content is marked damaged until
    the same bytes are sent again.
    """

    event, reply = "content:report", Done
    content_id: ContentId
    chunk_index: ChunkIndex


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
        ContentReport,
        ContentRename,
        ContentPin,
        ContentRemove,
        ContentClear,
        EventSend,
    )
}
