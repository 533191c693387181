"""The bulk plane: paths, headers and JSON bodies of the HTTP interface (protocol.md 9)."""

from __future__ import annotations

import base64
import binascii
import struct
from itertools import starmap
from typing import TYPE_CHECKING

import msgspec

from sharethings.protocol.errors import ChunkMalformedError, InvalidRequestError
from sharethings.protocol.ids import ByteCount, Realm
from sharethings.protocol.limits import (
    CHUNK_COUNT_MAX,
    CHUNK_OVERHEAD_BYTES,
    DIGEST_BYTES,
    SUITE,
)

API = "/api/v1"
CHUNK_PATH = API + "/sessions/{session_id}/contents/{content_id}/chunks/{index}"
DIGESTS_PATH = API + "/sessions/{session_id}/contents/{content_id}/digests"
"""`GET`: the digests of the stored chunks from `?from=INDEX` on, DIGESTS_MAX at most.

The body is pack_digests. Who gets DIGESTS_MAX of them asks again from the last index + 1.
"""
CONFIG_PATH = API + "/config"
SOCKET_PATH = "/socket.io"
DIGEST_HEADER = "Digest"

CHUNK_HEADER_BYTES = 16
KIND_CHUNK = 0x10
KIND_LAST_CHUNK = 0x11
_INDEXED_DIGEST = struct.Struct(f">I{DIGEST_BYTES}s")
INDEXED_DIGEST_BYTES = _INDEXED_DIGEST.size

if TYPE_CHECKING:
    from collections.abc import Iterable


class ServerLimits(msgspec.Struct, frozen=True, kw_only=True):
    """What this server takes; sizes in bytes.

    A session stays `session_idle_seconds` after its last activity unless its creator says
    otherwise, `session_idle_max_seconds` at most. 0: for ever, and no such cap. An upload is given
    up `unfinished_seconds` after its last chunk, or after it was last shared again.
    """

    control_event_bytes: int
    session_bytes: ByteCount
    contents_count: int
    pinned_count: int
    session_idle_seconds: int
    session_idle_max_seconds: int
    unfinished_seconds: int


class ServerConfig(msgspec.Struct, frozen=True, kw_only=True):
    """`GET /api/v1/config`: what a client must know before it can say hello."""

    protocol: int
    realm: Realm
    version: str
    suites: list[int]
    limits: ServerLimits


class ChunkStored(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a PUT: 201 when the chunk is new, 200 when the same bytes were there."""

    stored_count: int
    stored_bytes: ByteCount


def write_digest(digest: bytes) -> str:
    """Write a SHA-256 as the value of the `Digest` header (RFC 3230, RFC 5843)."""
    return "sha-256=" + base64.b64encode(digest).decode("ascii")


def read_digest(value: str) -> bytes:
    """Read the value of a `Digest` header into 32 bytes.

    Raises InvalidRequestError when it is not `sha-256=` and 32 bytes in base64.
    """
    name, _, text = value.partition("=")
    try:
        digest = base64.b64decode(text, validate=True)
    except binascii.Error:
        digest = b""
    if name.strip().lower() != "sha-256" or len(digest) != DIGEST_BYTES:
        raise InvalidRequestError("The Digest header must be sha-256= and 32 bytes in base64.")
    return digest


def pack_digests(digests: Iterable[tuple[int, bytes]]) -> bytes:
    """Write (chunk_index, SHA-256) pairs: 36 bytes each, index u32 big-endian || digest(32)."""
    return b"".join(starmap(_INDEXED_DIGEST.pack, digests))


def unpack_digests(data: bytes) -> list[tuple[int, bytes]]:
    """Read what pack_digests wrote. Raises InvalidRequestError for what it never writes."""
    if len(data) % _INDEXED_DIGEST.size:
        raise InvalidRequestError("The digests are cut.")
    found = list(_INDEXED_DIGEST.iter_unpack(data))
    if any(index >= CHUNK_COUNT_MAX for index, _ in found):
        raise InvalidRequestError("These are no digests.")
    return found


def check_chunk_header(
    header: bytes, size: int, *, index: int, chunk_size: int, chunk_count: int | None
) -> bool:
    """Check the public part of a sealed chunk of `size` bytes; say whether it is the last one.

    `header` is the first 16 bytes: "ST", suite, kind, nonce = prefix(7), index u32, last u8
    (protocol.md 6). Raises ChunkMalformedError when they do not fit the place or the size.
    """
    if len(header) < CHUNK_HEADER_BYTES:
        raise ChunkMalformedError("The chunk is shorter than its header.")
    magic, suite, kind, _, nonce_index, last = struct.unpack(">2sBB7sIB", header[:16])
    if magic != b"ST" or suite != SUITE or kind not in {KIND_CHUNK, KIND_LAST_CHUNK}:
        raise ChunkMalformedError("These bytes are not a sealed chunk of protocol v1.")
    is_last = kind == KIND_LAST_CHUNK
    if nonce_index != index or last != int(is_last):
        raise ChunkMalformedError("The chunk was sealed for another index.")
    if chunk_count is not None and (index >= chunk_count or is_last != (index == chunk_count - 1)):
        raise ChunkMalformedError("The chunk does not fit the number of chunks of the content.")
    plain = size - CHUNK_OVERHEAD_BYTES
    smallest = (0 if index == 0 else 1) if is_last else chunk_size
    if not smallest <= plain <= chunk_size:
        raise ChunkMalformedError("The chunk does not have the size that its content declares.")
    return bool(is_last)


def manifest_revision(manifest: bytes) -> int:
    """Read the revision that a sealed manifest states in clear (protocol.md 6).

    Raises InvalidRequestError when the bytes are no manifest of protocol v1.
    """
    if len(manifest) < 8 + 12 + 16 or manifest[:4] != b"ST\x01\x04":
        raise InvalidRequestError("manifest: not a sealed manifest of protocol v1.")
    return int.from_bytes(manifest[4:8], "big")
