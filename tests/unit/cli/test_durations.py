"""Durations as they are typed and told."""

from __future__ import annotations

import pytest
import typer

from sharethings.cli.durations import duration_text, idle_time, lifetime


@pytest.mark.parametrize(
    ("typed", "seconds", "told"),
    [
        ("10s", 10, "10 seconds"),
        ("90s", 90, "90 seconds"),
        ("1m", 60, "1 minute"),
        ("60m", 3600, "1 hour"),
        ("24h", 86_400, "1 day"),
        ("7d", 604_800, "7 days"),
        ("2w", 1_209_600, "14 days"),
    ],
)
def test_a_duration_is_a_number_and_a_unit(typed: str, seconds: int, told: str):
    assert lifetime(typed) == idle_time(typed) == seconds
    assert duration_text(seconds) == told


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        *(
            (typed, "is no duration")
            for typed in ("", "h", "1", "1y", "-1h", "1.5h", "1h ", "never")
        ),
        *((typed, "is too short: at least 10s") for typed in ("0s", "9s")),
        ("999999999w", "is too long: at most 36600d"),
    ],
)
def test_all_else_is_refused_with_the_reason(typed: str, sentence: str):
    with pytest.raises(typer.BadParameter, match=sentence):
        lifetime(typed)


def test_a_session_may_never_end():
    assert idle_time("never") == 0
