"""Sealing the pieces of one content: each chunk once, its digest kept for the root."""

from __future__ import annotations

import secrets
from hashlib import sha256
from typing import TYPE_CHECKING

from sharethings.client.errors import FileChangedError
from sharethings.crypto.chunk import ChunkCipher, make_root

if TYPE_CHECKING:
    from sharethings.client.equal import Equal

PREFIX_BYTES = 7


class Sealer:
    """Seals pieces in any order; safe to use from several threads."""

    def __init__(self, cipher: ChunkCipher, equal: Equal | None) -> None:
        """Take the cipher; with `equal` the same pieces always make the same chunks."""
        self._cipher = cipher
        self._equal = equal
        self._digests: dict[int, bytes] = {}

    def seal(self, index: int, plain: bytes, *, last: bool) -> bytes:
        """Seal a piece. Raises FileChangedError when it is not the one its keys follow from."""
        if self._equal is None:
            prefix = secrets.token_bytes(PREFIX_BYTES)
        elif self._equal.pieces.has(index, plain):
            prefix = self._equal.keys.prefix
        else:
            raise FileChangedError
        chunk = self._cipher.seal(index, plain, prefix, last=last)
        self._digests[index] = sha256(chunk).digest()
        return chunk

    def plain_digest(self, index: int, plain: bytes) -> bytes:
        """Give the SHA-256 of a piece: of one that was read before it is known."""
        return sha256(plain).digest() if self._equal is None else self._equal.pieces.digests[index]

    def adopt(self, index: int, digest: bytes) -> None:
        """Take a chunk that this member sealed earlier as it is, by its SHA-256."""
        self._digests[index] = digest

    def digest(self, index: int) -> bytes:
        """Give the SHA-256 of a chunk that was sealed."""
        return self._digests[index]

    def root(self) -> str:
        """Give the root over all chunks, in hex."""
        return make_root([self._digests[index] for index in range(len(self._digests))]).hex()
