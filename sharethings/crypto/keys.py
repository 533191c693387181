"""Labels, key derivation and normal form of text (protocol.md 1)."""

from __future__ import annotations

import unicodedata

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from sharethings.protocol.limits import SUITE

KEY_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16
MAGIC = b"ST"
ASCII_SPACE = " \t\n\r"


def label(text: str) -> bytes:
    """Give L(text): the domain that a hash or key belongs to."""
    return b"ShareThings/1 " + text.encode("ascii") + b"\0"


def derive(key: bytes, text: str, context: bytes) -> bytes:
    """Give D(key, text, context): 32 bytes by HKDF-SHA-256 (RFC 5869), empty salt."""
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=label(text) + context).derive(key)


def norm(text: str) -> bytes:
    """Give NFC of the text in UTF-8 without space, tab, LF, CR at its ends.

    Only those four: `str.strip` and JavaScript's `trim` disagree about the others.
    """
    return unicodedata.normalize("NFC", text).strip(ASCII_SPACE).encode("utf-8")


def u32(number: int) -> bytes:
    """Give four bytes, big-endian."""
    return number.to_bytes(4, "big")


def aad(tag: str, kind: int, *rest: bytes) -> bytes:
    """Give AAD(tag, kind, rest): what a ciphertext is bound to."""
    return b"ST1" + tag.encode("ascii") + bytes([SUITE, kind, 0, 0]) + b"".join(rest)
