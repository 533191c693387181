"""Interruptions of every kind cost less than 5 % more bytes, counted on the wire."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

from tests.files import MIB, make_file, sha256_of
from tests.programs import wait_until
from tests.proxy import Proxy
from tests.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.conftest import StartServer

SIZE = 256 * MIB


def test_three_interruptions_cost_less_than_a_twentieth(
    server: StartServer,
    tmp_path: Path,
    state_home: Path,
    record_property: Callable[[str, object], None],
):
    program = server()
    file = tmp_path / "film.mkv"
    digest = make_file(file, SIZE)

    def stored() -> int:
        return len(list(program.data_directory.glob("sessions/*/*/*.bin")))

    with Proxy(program.port) as proxy:
        tia = Terminal(proxy.url)
        tia.do("share", "--text", "x")
        proxy.sent_bytes = 0
        sharing = tia.start("share", file)
        wait_until(lambda: stored() > 30, "some chunks", 60)
        proxy.reset()
        wait_until(lambda: stored() > 80, "more after a reset", 60)
        program.restart()
        wait_until(lambda: stored() > 130, "more after the server was killed", 60)
        sharing.kill()
        sharing.communicate()
        assert len(list(state_home.glob("sharethings/unfinished/*"))) == 1
        code, printed, talk = tia.run("share", file)
        assert code == 0, talk
        sent = proxy.sent_bytes
    record_property("sent per cent", round(100 * sent / SIZE, 2))
    assert sent < 1.05 * SIZE
    assert list(state_home.glob("sharethings/unfinished/*")) == []
    contents = Terminal(program.url).list()
    assert [(one["kind"], one["state"]) for one in contents] == [
        ("text", "complete"),
        ("file", "complete"),
    ]
    assert printed.decode().strip() == contents[1]["id"]
    Terminal(program.url).do("get", "latest", "-o", tmp_path / "got")
    assert sha256_of(tmp_path / "got") == digest


def test_ctrl_c_keeps_what_was_sent_and_says_how_to_go_on(server: StartServer, tmp_path: Path):
    program = server()
    file = tmp_path / "film.mkv"
    make_file(file, 64 * MIB)
    with Proxy(program.port) as proxy:
        tia = Terminal(proxy.url)
        sharing = tia.start("share", file)

        def is_begun() -> bool:
            return len(list(program.data_directory.glob("sessions/*/*/*.bin"))) > 5

        wait_until(is_begun, "some chunks", 60)
        proxy.stall()
        sharing.send_signal(signal.SIGINT)
        talk = sharing.communicate(timeout=60)[1].decode()
        proxy.flow()
    assert sharing.returncode == 130
    told = talk.splitlines()
    assert told[-2:] == ["Not shared: film.mkv.", "Interrupted."]
    assert told[-3].startswith("What was sent is kept: the same command goes on with it.")
    tia = Terminal(program.url)
    (begun,) = tia.list()
    assert begun["state"] == "uploading"
    assert told[-3].endswith(f"sharethings remove {begun['id']}")
    assert tia.do("share", file).decode().strip() == begun["id"]
    assert [one["state"] for one in tia.list()] == ["complete"]
