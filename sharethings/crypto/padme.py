"""Padmé: sizes that say less (Nikitin et al., PURBs, PoPETs 2019, section 4; protocol.md 6)."""

from __future__ import annotations

SMALLEST_BYTES = 256


def padme(size: int) -> int:
    """Give the padded length of `size` bytes: at most 12 % more, O(log log) bits leak.

    Nothing stays nothing; what is below 256 bytes becomes 256.
    """
    if size == 0:
        return 0
    if size <= SMALLEST_BYTES:
        return SMALLEST_BYTES
    exponent = size.bit_length() - 1
    free_bits = exponent - exponent.bit_length()
    mask = (1 << free_bits) - 1
    return (size + mask) & ~mask
