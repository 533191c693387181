"""Why a chunk was refused, by what everybody can read of it (protocol.md 6).

Crypto says a kind and no detail. A reader may say more: header and length are public, and
whether the bytes could have been good is not looked at again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sharethings.client.errors import CutError, ExtendedError, ForeignError, MisplacedError
from sharethings.crypto.chunk import HEADER_BYTES, KIND_CHUNK, KIND_LAST_CHUNK, NONCE
from sharethings.crypto.keys import MAGIC
from sharethings.protocol.limits import CHUNK_OVERHEAD_BYTES

if TYPE_CHECKING:
    from sharethings.client.errors import DamagedError


def says_last(chunk: bytes) -> bool:
    """Say whether a chunk's header has it as the last; only opening it proves that."""
    return chunk[HEADER_BYTES - 1 : HEADER_BYTES] == bytes([KIND_LAST_CHUNK])


def refusal_of(
    chunk: bytes, index: int, *, last: bool, chunk_size: int, least_bytes: int
) -> type[DamagedError]:
    """Give the error of a chunk that did not open as the one at `index`.

    `least_bytes`: what it must hold of the file, padding aside.
    """
    length = len(chunk) - CHUNK_OVERHEAD_BYTES
    if length < least_bytes:
        return CutError
    if length > chunk_size:
        return ExtendedError
    if chunk[: len(MAGIC)] != MAGIC or chunk[HEADER_BYTES - 1] not in {KIND_CHUNK, KIND_LAST_CHUNK}:
        return ForeignError
    _, place, _ = NONCE.unpack(chunk[HEADER_BYTES : HEADER_BYTES + NONCE.size])
    if place != index:
        return MisplacedError
    if says_last(chunk) != last:
        return ExtendedError if last else CutError
    return ForeignError
