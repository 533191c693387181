"""The same file twice in a session: keys that follow from the plain bytes (protocol.md 8)."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from hashlib import sha256

from sharethings.crypto.keys import derive, label, u32


@dataclass(frozen=True, slots=True, repr=False)
class Convergent:
    """What equal files of one session have in common: key (32), blob_id (16), prefix (7)."""

    content_key: bytes
    blob_id: bytes
    prefix: bytes


def make_convergent(
    session_key: bytes,
    session_id: bytes,
    epoch: int,
    chunk_size: int,
    size: int,
    plain_digests: list[bytes],
) -> Convergent:
    """Derive them from the SHA-256 of each plain piece as sealed, padding included."""
    plain_id = sha256(
        label("plain") + u32(chunk_size) + size.to_bytes(8, "big") + b"".join(plain_digests)
    ).digest()
    key = derive(session_key, "dedup", session_id + u32(epoch))
    return Convergent(
        hmac.digest(key, b"dek\0" + plain_id, "sha256"),
        hmac.digest(key, b"blob\0" + plain_id, "sha256")[:16],
        hmac.digest(key, b"nonce\0" + plain_id, "sha256")[:7],
    )
