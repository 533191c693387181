"""Durations as a person types them: 90s, 10m, 1h, 7d, never."""

from __future__ import annotations

import re

import typer

from sharethings.protocol.limits import LIFETIME_MAX_SECONDS, LIFETIME_MIN_SECONDS
from sharethings.sizes import count_text

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 7 * 86_400}
NEVER = "never"


def duration_text(seconds: int) -> str:
    """Write a duration in its largest unit that divides it."""
    for unit, name in (("d", "day"), ("h", "hour"), ("m", "minute")):
        count, rest = divmod(seconds, UNITS[unit])
        if count and not rest:
            return count_text(count, name)
    return count_text(seconds, "second")


def lifetime(text: str) -> int:
    """Give the seconds of a duration. Raises typer.BadParameter."""
    found = re.fullmatch(r"([0-9]{1,9})([smhdw])", text)
    if found is None:
        raise typer.BadParameter(
            f'"{text}" is no duration: a number and s, m, h, d or w, such as 1h.'
        )
    seconds = int(found[1]) * UNITS[found[2]]
    if seconds < LIFETIME_MIN_SECONDS:
        raise typer.BadParameter(f"{text} is too short: at least {LIFETIME_MIN_SECONDS}s.")
    if seconds > LIFETIME_MAX_SECONDS:
        raise typer.BadParameter(
            f"{text} is too long: at most {LIFETIME_MAX_SECONDS // UNITS['d']}d."
        )
    return seconds


def idle_time(text: str) -> int:
    """Give the seconds of a duration, 0 for `never`. Raises typer.BadParameter."""
    return 0 if text == NEVER else lifetime(text)
