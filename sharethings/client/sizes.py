"""How a content is cut into chunks, and how its true size is hidden (protocol.md 6)."""

from __future__ import annotations

from dataclasses import dataclass

from sharethings.crypto.errors import LimitError
from sharethings.crypto.padme import padme
from sharethings.protocol.limits import (
    CHUNK_COUNT_MAX,
    CHUNK_OVERHEAD_BYTES,
    CHUNK_SIZE_MAX_BYTES,
    INLINE_PLAIN_MAX_BYTES,
)

MIB = 1024 * 1024
SMALL_CHUNK_BYTES = 16 * 1024
MEDIUM_CHUNK_BYTES = MIB
MEDIUM_UP_TO_BYTES = 256 * MIB
PADDED_UP_TO_BYTES = 16 * MIB


@dataclass(frozen=True, slots=True)
class Layout:
    """How `size` plain bytes travel: padded to `padded_size`, in `chunk_count` chunks."""

    size: int
    padded_size: int
    chunk_size: int
    chunk_count: int

    @property
    def total_size(self) -> int:
        """The sum of the sealed chunks."""
        return self.padded_size + self.chunk_count * CHUNK_OVERHEAD_BYTES

    @property
    def is_inline(self) -> bool:
        """Whether the only chunk travels in the content's row."""
        return self.padded_size <= INLINE_PLAIN_MAX_BYTES


def lay_out(size: int) -> Layout:
    """Lay out a content of known size. Raises LimitError above 2^20 chunks (4 TiB)."""
    padded = padme(size) if size <= PADDED_UP_TO_BYTES else size
    if padded <= INLINE_PLAIN_MAX_BYTES:
        chunk_size = SMALL_CHUNK_BYTES
    else:
        chunk_size = MEDIUM_CHUNK_BYTES if padded <= MEDIUM_UP_TO_BYTES else CHUNK_SIZE_MAX_BYTES
    count = max(1, -(-padded // chunk_size))
    if count > CHUNK_COUNT_MAX:
        raise LimitError
    return Layout(size, padded, chunk_size, count)
