"""`admin cleanup` shows first, and acts on a running server and a stopped one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.integration.admin.conftest import Operator
    from tests.programs import Server
    from tests.terminal import Terminal


@pytest.mark.parametrize("stop", [False, True])
def test_a_session_goes_when_it_is_confirmed(
    tia: Terminal, program: Server, operator: Operator, tmp_path: Path, stop: bool
):
    file = tmp_path / "plan.bin"
    file.write_bytes(bytes(2_500_000))
    tia.do("share", file)
    if stop:
        program.stop()
    for arguments in (("--all",), ("--all", "--dry-run")):
        code, output, talk = operator.run("cleanup", *arguments)
        assert (code, output.split("\t")[0]) == (0, "session")
        assert "Nothing was changed: add --yes." in talk
    assert operator.ask("stats")["sessions_count"] == 1
    code, _, talk = operator.run("cleanup", "--all", "--yes")
    assert (code, talk) == (0, "Taken away: 1 thing, 2.6 MB.\n")
    assert list(operator.data_directory.glob("sessions/*")) == []
    assert operator.run("cleanup", "--all")[2] == "There is nothing to take away.\n"


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        ((), 2, "Say what"),
        (("--all", "--yes", "--dry-run"), 2, "do not go together"),
        (("--older-than", "soon"), 2, "no duration"),
        (("--session", "zz"), 4, "no session"),
    ],
)
def test_what_makes_no_sense_is_refused(
    program: Server, operator: Operator, arguments: tuple[str, ...], code: int, sentence: str
):
    ended, _, talk = operator.run("cleanup", *arguments)
    assert (ended, sentence in talk) == (code, True)
