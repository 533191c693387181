"""A member is told once why the session waits."""

from __future__ import annotations

import time

from sharethings.client.errors import NoConnectionError
from sharethings.client.retry import clock_after
from sharethings.client.waiting import Waiting
from sharethings.protocol.errors import BusyError, StorageFullError, ThrottledError

LOST = "The connection to https://a.example is lost; waiting for the server…"
FULL = "The disk of the server has no room for this; waiting for space…"


def test_each_reason_is_told_once_until_it_goes_on():
    told: list[str] = []
    waiting = Waiting(told.append, "https://a.example")
    waiting.end()
    waiting.begin(ThrottledError())
    assert told == []
    for error in (NoConnectionError(), NoConnectionError("other"), StorageFullError()):
        waiting.begin(error)
    assert told == [LOST, FULL]
    waiting.end()
    waiting.end()
    waiting.begin(NoConnectionError())
    waiting.begin(BusyError())
    assert told[2:-1] == ["It goes on.", LOST]


def test_a_long_wait_that_is_asked_for_is_told_with_its_end():
    told: list[str] = []
    waiting = Waiting(told.append, "https://a.example")
    waiting.begin(ThrottledError(retry_after_seconds=5))
    waiting.begin(ThrottledError(retry_after_seconds=600))
    waiting.begin(BusyError(retry_after_seconds=600))
    ends = clock_after(600)
    assert told == [
        f"The server takes no more from here for a while; waiting until {ends}…",
        f"The server cannot take this now; waiting until {ends}…",
    ]


def test_the_end_of_a_wait_is_a_time_of_this_day_or_has_its_date():
    assert clock_after(0) in {
        time.strftime("%H:%M", time.localtime(time.time() + n)) for n in (0, 60)
    }
    year = time.localtime(time.time() + 360 * 24 * 3600).tm_year
    assert f" on {year}-" in clock_after(360 * 24 * 3600)
    assert clock_after(10**400) == clock_after(365 * 24 * 3600)
