"""The n-th call that changes the disk fails, once or from then on, for every n of every act."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

import pytest

from tests.fault.shim import CHANGING, EVER
from tests.fault.test_crash_points import ACTS, POINTS_MAX, the_states

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fault.harness import Driver

pytestmark = pytest.mark.shim
ANSWERS = {"storage_full", "busy", "read_only"}
FILLING = CHANGING - {"unlink", "rmdir", "fsync", "fdatasync"}
ERRORS = {
    errno.EIO: CHANGING | {"open"},
    errno.ENOSPC: FILLING,
    errno.EMFILE: frozenset({"open", "create"}),
}


@pytest.mark.parametrize("act", [act for act in ACTS if act not in {"start", "migrate", "stop"}])
@pytest.mark.parametrize("error", ERRORS, ids=errno.errorcode.get)
@pytest.mark.parametrize("lasting", [False, True], ids=["once", "lasting"])
def test_fails_each_call(
    driver: Driver,
    act: str,
    error: int,
    lasting: bool,
    record_property: Callable[[str, object], None],
):
    base = None if act == "create" else driver.filled
    states = the_states(driver, base, act)
    for number in range(1, POINTS_MAX):
        root = driver.copy(base)
        driver.shim.plan(number, EVER if lasting else number, error, ERRORS[error])
        played = driver.order("run", root, act=act, settle_seconds=0.3)
        where = f"{act}, call {number}: {played.lines}\n{driver.log}"
        assert played.ended == 0, where
        met = driver.shim.met
        codes = set(played.all("code"))
        assert codes <= ANSWERS, where
        if codes:
            assert (error == errno.ENOSPC) <= (codes == {"storage_full"}), where
            failed = played.all("refused")[0]
            assert played.states[0] in states[failed : failed + 2], where
        done = played.all("read_only")[0] if played.all("read_only") else len(states) - 1
        assert played.states[-1] in states[done : done + 2], where
        driver.shim.plan()
        looked = driver.order("look", root, act=act, done=done)
        assert looked.ended == 0, f"{looked.lines}, {where}"
        assert looked.states[-1] == states[-1], where
        if not met:
            break
    else:
        pytest.fail("the act never ends")
    record_property("calls", number - 1)
