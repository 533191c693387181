"""Sizes and counts for people's eyes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

KB = 1000
UNITS = ("kB", "MB", "GB", "TB")


def size_text(size: int, rounded: Callable[[float], int] = round) -> str:
    """Give a size in decimal units, as file managers do: 1.5 MB.

    `rounded` to tenths: up (math.ceil) what is needed and down (math.floor) what there is, lest
    two sizes look the same of which one is too large.
    """
    if size < KB:
        return f"{size} B"
    power = 1
    while (tenths := rounded(10 * size / KB**power)) >= 10 * KB and power < len(UNITS):
        power += 1
    return f"{tenths / 10:.1f} {UNITS[power - 1]}"


def count_text(count: int, thing: str) -> str:
    """Give a count and what it counts: 1 chunk, 2 chunks."""
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"
