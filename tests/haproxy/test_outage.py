"""The server is away and comes back; one address asks too much."""

from __future__ import annotations

import json
import re
import socket
import threading
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from tests.programs import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import StartHaproxy, StartServer
    from tests.haproxy.conftest import Answer

    Ask = Callable[..., Answer]


def test_without_a_server_people_and_programs_are_told_to_wait(
    server: StartServer, haproxy: StartHaproxy, ask: Ask
) -> None:
    one = server()
    front = haproxy(one.url)
    assert ask(front, "/healthz").status == 200
    one.kill()
    front.wait_for_server("DOWN")
    page, program = ask(front, "/"), ask(front, "/api/v1/config")
    poll = ask(front, "/socket.io/?EIO=4&transport=polling")
    assert (page.status, program.status, poll.status) == (503, 503, 503)
    assert page.headers["Content-Type"] == "text/html"
    assert b"away for a moment" in page.body
    for answer in (program, poll):
        assert json.loads(answer.body)["error"]["code"] == "busy"
        assert int(answer.headers["Retry-After"]) > 0
    assert page.headers["Cache-Control"] == "no-store"


def test_a_server_that_came_back_is_found_by_the_health_check(
    server: StartServer, haproxy: StartHaproxy, ask: Ask
) -> None:
    one = server()
    front = haproxy(one.url)
    one.kill()
    front.wait_for_server("DOWN")
    one.start()
    front.wait_for_server("UP")
    assert ask(front, "/healthz").body == b"ok\n"


def test_a_request_waits_for_a_server_that_is_being_restarted(
    server: StartServer, haproxy: StartHaproxy, ask: Ask
) -> None:
    """The connection is refused at first, tried again, and answered once the server is back."""
    one = server()
    front = haproxy(one.url)
    assert front.ask("disable health pages/node1").strip() == ""
    for _ in range(5):  # four tries a second apart: a slow machine may start a server too late
        one.kill()
        # A check that was under way may have found it dead, and there is no next one.
        assert front.ask("set server pages/node1 health up").strip() == ""
        answers: list[Answer] = []
        before = _connection_errors(front.ask("show stat"))
        asking = threading.Thread(target=lambda: answers.append(ask(front, "/api/v1/config")))  # noqa: B023 - joined below
        asking.start()
        wait_until(
            lambda: answers or _connection_errors(front.ask("show stat")) > before,  # noqa: B023
            "it failed",
        )
        one.start()
        asking.join()
        if [answer.status for answer in answers] == [200]:
            return
    raise AssertionError(answers)


def _connection_errors(stat: str) -> int:
    """Sum up retried and failed connections (columns `econ` and `wretr`) of node1."""
    names = stat.splitlines()[0].lstrip("# ").split(",")
    rows = [dict(zip(names, line.split(","), strict=True)) for line in stat.splitlines()[1:-1]]
    return sum(int(row["econ"]) + int(row["wretr"]) for row in rows if row["svname"] == "node1")


def test_too_many_connections_of_one_address_are_closed(
    server: StartServer, haproxy: StartHaproxy
) -> None:
    front = haproxy(server().url, connections_per_address=3)

    def connect() -> socket.socket:
        return socket.create_connection(("127.0.0.1", front.https_port))

    def counted() -> int:
        found = re.search(r"conn_cur=(\d+)", front.ask("show table secure"))
        return 0 if found is None else int(found[1])

    with ExitStack() as held:
        for _ in range(2):
            held.enter_context(connect())
        with connect():
            wait_until(lambda: counted() == 3, "three are connected")
            with connect() as refused, pytest.raises(ConnectionResetError):
                refused.recv(1)
        wait_until(lambda: counted() == 2, "one has left")
        held.enter_context(connect())
        wait_until(lambda: counted() == 3, "another one is let in")


def test_too_many_requests_of_one_address_are_told_to_wait(
    server: StartServer, haproxy: StartHaproxy, ask: Ask
) -> None:
    front = haproxy(server().url, requests_per_address=5)
    answers = [ask(front, "/healthz") for _ in range(6)]
    assert [answer.status for answer in answers] == [200] * 5 + [429]
    assert answers[-1].headers["Retry-After"] == "10"
    assert json.loads(answers[-1].body)["error"]["code"] == "throttled"
