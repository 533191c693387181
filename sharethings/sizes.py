"""Sizes for people's eyes."""

from __future__ import annotations

KB = 1000
ROUNDED_UP_FROM = 999.95
"""From here on one decimal would show 1000.0 of a unit."""


def size_text(size: int | None) -> str:
    """Give a size for people, in decimal units as file managers do: 1.5 MB."""
    if size is None:
        return "?"
    if size < KB:
        return f"{size} B"
    value, units = size / KB, ["kB", "MB", "GB", "TB"]
    while value >= ROUNDED_UP_FROM and len(units) > 1:
        value, units = value / KB, units[1:]
    return f"{value:.1f} {units[0]}"
