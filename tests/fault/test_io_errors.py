"""The n-th call that changes the disk fails, once or from then on, for every n of every act."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

import pytest

from tests.fault.shim import CHANGING, EVER
from tests.fault.test_crash_points import ACTS, LIFE, POINTS_MAX, the_states

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.fault.harness import Driver

pytestmark = pytest.mark.shim
ANSWERS = {"storage_full", "busy", "read_only"}
OF_OPERATOR = {"space", "unusable"}
ENDED, UNUSABLE = 0, 8
LASTING_STEP = 4
"""Every n fails alone. From there on to the end each fourth does, and with --long every one."""
FILLING = CHANGING - {"unlink", "rmdir", "fsync", "fdatasync"}
ERRORS = {
    errno.EIO: CHANGING | {"open"},
    errno.ENOSPC: FILLING,
    errno.EMFILE: frozenset({"open", "create"}),
}
by_error = pytest.mark.parametrize("error", ERRORS, ids=errno.errorcode.get)
by_length = pytest.mark.parametrize("lasting", [False, True], ids=["once", "lasting"])


def check_answers(codes: set[str], act: str, error: int) -> None:
    if act == "backup":
        assert codes <= ({"space"} if error == errno.ENOSPC else OF_OPERATOR)
    else:
        assert codes <= ANSWERS
        assert not codes or (error == errno.ENOSPC) <= (codes == {"storage_full"})


@pytest.mark.parametrize("act", ACTS)
@by_error
@by_length
def test_fails_each_call(
    driver: Driver,
    act: str,
    error: int,
    lasting: bool,
    is_long: bool,
    record_property: Callable[[str, object], None],
):
    base = None if act == "create" else driver.filled
    states = the_states(driver, base, act)
    for number in range(1, POINTS_MAX, LASTING_STEP if lasting and not is_long else 1):
        root = driver.copy(base)
        driver.shim.plan(number, EVER if lasting else number, error, ERRORS[error])
        played = driver.order("run", root, act=act)
        where = f"{act}, call {number}: {played.lines}\n{driver.log}"
        assert played.ended == 0, where
        met = driver.shim.met
        check_answers(set(played.all("code")), act, error)
        for failed, found in zip(played.all("refused"), played.states, strict=False):
            assert found in states[failed : failed + 2], where
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


@pytest.mark.parametrize("act", LIFE)
@by_error
@by_length
def test_starts_or_says_why_not(
    driver: Driver,
    old: Path,
    act: str,
    error: int,
    lasting: bool,
    is_long: bool,
    record_property: Callable[[str, object], None],
):
    """A server that is refused by its disk says so in a sentence, and nothing is lost."""
    base = old if act == "migrate" else driver.filled
    (state,) = the_states(driver, base, act)
    refused = 0
    for number in range(1, POINTS_MAX, LASTING_STEP if lasting and not is_long else 1):
        root = driver.copy(base)
        driver.shim.plan(number, EVER if lasting else number, error, ERRORS[error])
        served = driver.order("serve", root, act=act)
        where = f"{act}, call {number}: {served.lines}\n{driver.log}"
        assert served.ended == 0, where
        met = driver.shim.met
        (code,), (said,) = served.all("code"), served.all("said")
        assert (code, served.all("was_ready")) in ((ENDED, [True]), (UNUSABLE, [False])), where
        assert "Traceback" not in said, where
        if code == UNUSABLE:
            refused += 1
            assert said.endswith(".\n"), where
        driver.shim.plan()
        looked = driver.order("look", root, act=act, done=0)
        assert looked.ended == 0, f"{looked.lines}, {where}"
        assert looked.states == [state], where
        if not met:
            break
    else:
        pytest.fail("the act never ends")
    record_property("calls", number - 1)
    record_property("refused", refused)
    assert (refused > 0) == (act != "stop")
