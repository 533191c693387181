"""Ids and bytes as JSON carries them (protocol.md 1 and 2).

Ids are lower-case hex; other bytes are base64url without padding. The annotated types carry
their pattern, so that `msgspec` refuses anything else with the path of the fault.
"""

from __future__ import annotations

import base64
import binascii
from typing import Annotated

from msgspec import Meta

from sharethings.protocol.limits import (
    BOX_BYTES,
    DIGEST_BYTES,
    EVENT_MAX_BYTES,
    INLINE_CHUNK_MAX_BYTES,
    MANIFEST_MAX_BYTES,
)


def base64url_length(size_bytes: int) -> int:
    """Give the number of characters of `size_bytes` bytes in base64url without padding."""
    return (size_bytes * 4 + 2) // 3


def encode_bytes(data: bytes) -> str:
    """Write bytes as base64url without padding (RFC 4648 section 5)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def decode_bytes(text: str) -> bytes:
    """Read base64url without padding; only the canonical spelling is taken.

    Raises ValueError when the text has other characters, padding, or stray bits at its end.
    """
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        message = "not base64url"
        raise ValueError(message) from error
    if encode_bytes(data) != text:
        message = "not canonical base64url"
        raise ValueError(message)
    return data


CHARACTER = "[A-Za-z0-9_-]"
ENDS = {1: "[AQgw]", 2: "[AEIMQUYcgkosw048]"}
"""The last character when 1 or 2 bytes are left: its unused bits are zero."""
END = r"$(?!\n)"
"""The very end in both languages: Python's `$` alone also matches before a last line feed."""


def _hex(size_bytes: int) -> Meta:
    return Meta(pattern=f"^[0-9a-f]{{{2 * size_bytes}}}{END}")


def _exactly(size_bytes: int) -> Meta:
    last = ENDS.get(size_bytes % 3, CHARACTER)
    return Meta(pattern=f"^{CHARACTER}{{{base64url_length(size_bytes) - 1}}}{last}{END}")


def _at_most(size_bytes: int) -> Meta:
    rest = f"{CHARACTER}{ENDS[1]}|{CHARACTER}{{2}}{ENDS[2]}"
    pattern = f"^(?:{CHARACTER}{{4}})*(?:{rest}|{CHARACTER}{{4}}){END}"
    return Meta(pattern=pattern, max_length=base64url_length(size_bytes))


SessionId = Annotated[str, _hex(32)]
ContentId = Annotated[str, _hex(16)]
BlobId = Annotated[str, _hex(16)]
MemberId = Annotated[str, _hex(16)]
Realm = Annotated[str, _hex(16)]

Bytes12 = Annotated[str, _exactly(12)]
Bytes16 = Annotated[str, _exactly(16)]
Bytes32 = Annotated[str, _exactly(DIGEST_BYTES)]
Box = Annotated[str, _exactly(BOX_BYTES)]
SealedManifest = Annotated[str, _at_most(MANIFEST_MAX_BYTES)]
SealedEvent = Annotated[str, _at_most(EVENT_MAX_BYTES)]
InlineChunk = Annotated[str, _at_most(INLINE_CHUNK_MAX_BYTES)]

Revision = Annotated[int, Meta(ge=0, le=2**53 - 1)]
ByteCount = Annotated[int, Meta(ge=0, le=2**53 - 1)]
MomentMs = Annotated[int, Meta(ge=0, le=2**53 - 1)]
