"""A member is told once why the session waits."""

from __future__ import annotations

from sharethings.client.errors import NoConnectionError
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
