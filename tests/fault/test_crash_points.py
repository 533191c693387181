"""The process ends before the n-th call that changes the disk, for every n of every act."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING, Any

import pytest

from tests.fault.wholeness import rows_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.fault.harness import Driver

pytestmark = pytest.mark.shim
LIFE = ("start", "migrate", "stop")
"""Of the whole server as a process; the rest are acts of those whom it serves."""
ACTS = (
    *("create", "join", "upload", "inline", "rename", "pin", "remove", "clear"),
    *("again", "expire", "backup"),
)
POINTS_MAX = 400
READY_SECONDS = 3.0


def the_states(driver: Driver, base: Path | None, act: str) -> list[dict[str, Any]]:
    """Play an act undisturbed; gives what a member finds before it and after each step."""
    told = driver.order("look", driver.copy(base), act=act, done=0)
    assert told.ended == 0, driver.log
    return told.states


@pytest.mark.parametrize("act", [*LIFE, *ACTS])
def test_ends_before_each_call(
    driver: Driver, old: Path, act: str, record_property: Callable[[str, object], None]
):
    base = {"create": None, "migrate": old}.get(act, driver.filled)
    states = the_states(driver, base, act)
    slowest = 0.0
    for number in range(1, POINTS_MAX):
        root = driver.copy(base)
        driver.shim.plan(number)
        do = "serve" if act in LIFE else "run"
        played = driver.order(do, root, act=act)
        done = len(played.all("done"))
        where = f"{act}, call {number}, {done} steps done\n{driver.log}"
        driver.shim.plan()
        looked = driver.order("look", root, act=act, done=done)
        assert looked.ended == 0, f"{looked.lines}, {where}"
        assert looked.states[0] in states[done : done + 2], where
        assert looked.states[1:] == states[done + 1 :], where
        if act == "migrate":
            copy = root / "backups" / "before-0002.db"
            assert rows_of(copy) == rows_of(old / "sharethings.db"), where
        slowest = max(slowest, *looked.all("ready_seconds"))
        if played.ended == 0:
            break
        assert played.ended == -signal.SIGKILL, where
    else:
        pytest.fail("the act never ends")
    record_property("calls", number - 1)
    record_property("slowest_start_seconds", round(slowest, 3))
    assert slowest < READY_SECONDS
