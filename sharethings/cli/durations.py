"""Durations as a person types them: 90s, 10m, 1h, 7d, never."""

from __future__ import annotations

import re

import typer

from sharethings.protocol.limits import LIFETIME_MAX_SECONDS, LIFETIME_MIN_SECONDS

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 7 * 86_400}
NEVER = "never"


def duration_text(seconds: int) -> str:
    """Write a duration in its largest unit that divides it."""
    for unit, name in (("d", "day"), ("h", "hour"), ("m", "minute")):
        count, rest = divmod(seconds, UNITS[unit])
        if count and not rest:
            return f"{count} {name}" if count == 1 else f"{count} {name}s"
    return f"{seconds} seconds"


def lifetime(text: str) -> int:
    """Give the seconds of a duration. Raises typer.BadParameter."""
    found = re.fullmatch(r"([0-9]{1,9})([smhdw])", text)
    seconds = int(found[1]) * UNITS[found[2]] if found else 0
    if not LIFETIME_MIN_SECONDS <= seconds <= LIFETIME_MAX_SECONDS:
        raise typer.BadParameter(
            f"{text} is no duration: a number and s, m, h, d or w, such as 1h; at least 10s."
        )
    return seconds


def idle_time(text: str) -> int:
    """Give the seconds of a duration, 0 for `never`. Raises typer.BadParameter."""
    return 0 if text == NEVER else lifetime(text)
