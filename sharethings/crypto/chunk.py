"""Chunks: the sealed pieces of a content, and the root over all of them (protocol.md 6)."""

from __future__ import annotations

import hmac
import struct
from hashlib import sha256
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sharethings.crypto.errors import AuthenticationError, FormatError, LimitError, SuiteError
from sharethings.crypto.keys import MAGIC, aad, derive, label, u32
from sharethings.protocol.limits import (
    CHUNK_COUNT_MAX,
    CHUNK_OVERHEAD_BYTES,
    CHUNK_SIZE_MAX_BYTES,
    CHUNK_SIZE_MIN_BYTES,
    SUITE,
)

KIND_CHUNK = 0x10
KIND_LAST_CHUNK = 0x11
HEADER_BYTES = 4
NONCE = struct.Struct(">7sIB")


class Trace(NamedTuple):
    """What is kept of a chunk: enough to know what it held, and to seal that to it again."""

    nonce: bytes
    """12 bytes: prefix, index, last."""
    plain_bytes: int
    """Padding included."""
    digest: bytes
    """SHA-256 of the sealed bytes."""

    @property
    def is_last(self) -> bool:
        """Whether it ends its content."""
        return self.nonce[-1] != 0


class ChunkCipher:
    """Seals and opens the chunks of one blob; safe to use from several threads."""

    def __init__(
        self, content_key: bytes, session_id: bytes, blob_id: bytes, chunk_size: int
    ) -> None:
        """Derive the chunk key. Raises LimitError for a chunk_size that is not allowed."""
        power = chunk_size & (chunk_size - 1) == 0
        if not power or not CHUNK_SIZE_MIN_BYTES <= chunk_size <= CHUNK_SIZE_MAX_BYTES:
            raise LimitError
        self._cipher = AESGCM(derive(content_key, "chunk", session_id + blob_id))
        self._place = session_id + blob_id
        self._chunk_size = chunk_size

    def _bound(self, kind: int, index: int) -> bytes:
        return aad("C", kind, self._place, u32(index), u32(self._chunk_size))

    def _check_length(self, length: int, index: int, *, last: bool) -> bool:
        smallest = (0 if index == 0 else 1) if last else self._chunk_size
        return smallest <= length <= self._chunk_size and 0 <= index < CHUNK_COUNT_MAX

    def seal(self, index: int, plain: bytes | memoryview, prefix: bytes, *, last: bool) -> bytes:
        """Seal one piece; `prefix` is 7 fresh random bytes.

        Every piece but the last is full, the last holds 1 to chunk_size bytes, and only a
        content's single chunk may be empty; else LimitError.
        """
        if not self._check_length(len(plain), index, last=last):
            raise LimitError
        kind = KIND_LAST_CHUNK if last else KIND_CHUNK
        nonce = NONCE.pack(prefix, index, int(last))
        sealed = self._cipher.encrypt(nonce, plain, self._bound(kind, index))
        return b"".join((MAGIC, bytes([SUITE, kind]), nonce, sealed))

    def open(self, index: int, chunk: bytes, *, last: bool) -> bytes:
        """Open the chunk that must be the one at `index`.

        Raises FormatError, SuiteError, AuthenticationError for any other bytes.
        """
        if len(chunk) < CHUNK_OVERHEAD_BYTES or chunk[:2] != MAGIC:
            raise FormatError
        if chunk[2] != SUITE:
            raise SuiteError
        kind = KIND_LAST_CHUNK if last else KIND_CHUNK
        nonce = chunk[HEADER_BYTES : HEADER_BYTES + NONCE.size]
        _, nonce_index, nonce_last = NONCE.unpack(nonce)
        if chunk[3] != kind or nonce_index != index or nonce_last != int(last):
            raise FormatError
        if not self._check_length(len(chunk) - CHUNK_OVERHEAD_BYTES, index, last=last):
            raise FormatError
        try:
            return self._cipher.decrypt(
                nonce, memoryview(chunk)[HEADER_BYTES + NONCE.size :], self._bound(kind, index)
            )
        except InvalidTag:
            raise AuthenticationError from None

    def is_of(self, trace: Trace, index: int, plain: bytes) -> bool:
        """Say whether `plain`, at most chunk_size bytes, is what a chunk held at this index.

        It is padded with zeros and sealed again: who has no key cannot make a trace that fits.
        """
        prefix, _, last = NONCE.unpack(trace.nonce)
        if not self._check_length(trace.plain_bytes, index, last=bool(last)):
            return False
        padded = plain.ljust(trace.plain_bytes, b"\0")
        chunk = self.seal(index, padded, prefix, last=bool(last))
        return hmac.compare_digest(sha256(chunk).digest(), trace.digest)


def trace_of(chunk: bytes) -> Trace:
    """Give the trace of a chunk that was opened."""
    nonce = chunk[HEADER_BYTES : HEADER_BYTES + NONCE.size]
    return Trace(nonce, len(chunk) - CHUNK_OVERHEAD_BYTES, sha256(chunk).digest())


def make_root(digests: list[bytes]) -> bytes:
    """Give the root over the SHA-256 of each sealed chunk in order: it fixes the very set."""
    return sha256(label("root") + u32(len(digests)) + b"".join(digests)).digest()
