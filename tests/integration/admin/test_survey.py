"""What the operator sees of a running server, and of its data when it is stopped."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

import pytest

from tests.integration.admin.conftest import Operator
from tests.terminal import Terminal

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import StartServer
    from tests.programs import Server

TEXT = "see you at eight"


@pytest.fixture
def filled(tia: Terminal, tmp_path: Path) -> Terminal:
    """Two sessions: one with a text and a file of three chunks, one with a text."""
    file = tmp_path / "plan.bin"
    file.write_bytes(bytes(2_500_000))
    tia.do("share", file, "--text", TEXT)
    Terminal(tia.server, session="Shed").do("share", "--text", "other")
    return tia


def test_running_and_stopped_say_the_same(filled: Terminal, program: Server, operator: Operator):
    commands = [("sessions",), ("sessions", "--sort", "bytes"), ("stats",)]
    running = [operator.ask(*command) for command in commands]
    most = running[1]["sessions"][0]["session_id"]
    running.append(operator.ask("show", most))
    program.stop()
    stopped = [operator.ask(*command) for command in [*commands, ("show", most[:9].upper())]]
    for one in (running[2], stopped[2]):
        del one["disk_free_bytes"], one["database_bytes"], one["is_running"]
    assert running == stopped
    assert running[2]["sessions_count"] == 2
    assert running[2]["contents_count"] == running[2]["last_day"]["contents_count"] == 3
    assert sorted(one["chunk_count"] for one in running[3]["contents"]) == [1, 3]
    assert [one["session_id"] for one in running[1]["sessions"]] == [
        most,
        *({one["session_id"] for one in running[0]["sessions"]} - {most}),
    ]


def test_members_are_counted_while_they_are_here(filled: Terminal, operator: Operator):
    watching = filled.start("watch")
    try:
        assert watching.stderr is not None
        for line in watching.stderr:
            if b"Watching" in line:
                break
        assert operator.ask("stats")["members_count"] == 1
        live = operator.ask("sessions", "--filter", "live")["sessions"]
        assert [one["members_count"] for one in live] == [1]
    finally:
        watching.terminate()
        watching.communicate()


def test_ids_are_cut_in_tables_and_no_text_is_shown(filled: Terminal, operator: Operator):
    rows = operator.ask("sessions", "--sort", "created")["sessions"]
    code, table, _ = operator.run("sessions", "--sort", "created")
    assert code == 0
    assert [line.split("\t")[0] for line in table.splitlines()] == [
        row["session_id"][:8] for row in rows
    ]
    code, shown, _ = operator.run("show", rows[0]["session_id"][:8])
    assert (code, rows[0]["session_id"] in shown) == (0, True)
    code, sums, _ = operator.run("stats")
    assert code == 0
    assert "sessions\t2, and 0 being taken away" in sums.splitlines()
    assert TEXT not in table + shown + sums


@pytest.mark.parametrize("stop", [False, True])
def test_what_is_not_there_is_said(
    filled: Terminal, program: Server, operator: Operator, stop: bool
):
    if stop:
        program.stop()
    for wrong in ("xyz", "%", ""):
        code, output, talk = operator.run("show", wrong)
        assert (code, output) == (4, "")
        assert talk == f'There is no session "{wrong}" here.\n'


def test_only_the_user_of_the_server_reaches_the_socket(program: Server, operator: Operator):
    socket = operator.data_directory / "admin.sock"
    assert stat.S_IMODE(socket.stat().st_mode) == 0o600
    program.stop()
    assert not socket.exists()


def test_a_socket_left_by_a_kill_is_replaced(program: Server, operator: Operator):
    program.kill()
    assert (operator.data_directory / "admin.sock").exists()
    assert operator.ask("stats")["is_running"] is False
    program.start()
    assert operator.ask("stats")["is_running"] is True


def test_a_long_path_is_no_hindrance(server: StartServer, tmp_path: Path):
    operator = Operator(tmp_path / ("d" * 120) / "data")
    operator.data_directory.parent.mkdir()
    started = server(operator.data_directory)
    assert operator.ask("stats")["is_running"] is True
    started.stop()
    assert operator.ask("stats")["is_running"] is False


def test_no_data_is_said_and_nothing_is_made(tmp_path: Path):
    code, output, talk = Operator(tmp_path / "none").run("stats")
    assert (code, output) == (8, "")
    assert "There is no data of a server in" in talk
    assert not (tmp_path / "none").exists()
