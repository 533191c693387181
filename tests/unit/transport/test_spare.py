"""What is heard of a loop's exceptions while a server runs, and after it."""

from __future__ import annotations

import asyncio
import logging
import socket
from typing import TYPE_CHECKING

import pytest

from sharethings.transport.spare import Spare

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    """A loop of its own, as the handler of its exceptions stays."""
    made = asyncio.new_event_loop()
    yield made
    made.close()


@pytest.mark.parametrize("is_closed", [False, True], ids=["running", "stopped"])
def test_a_socket_closed_before_the_loop_listens_again_is_no_error(
    loop: asyncio.AbstractEventLoop, caplog: pytest.LogCaptureFixture, *, is_closed: bool
):
    listener = socket.create_server(("127.0.0.1", 0))
    listener.close()
    spare = Spare(loop)
    if is_closed:
        spare.close()
    loop.call_soon(loop._start_serving, asyncio.Protocol, listener)  # type: ignore[attr-defined]
    with caplog.at_level(logging.ERROR, "asyncio"):
        loop.run_until_complete(asyncio.sleep(0))
    spare.close()
    assert not caplog.records


def test_other_exceptions_are_told(
    loop: asyncio.AbstractEventLoop, caplog: pytest.LogCaptureFixture
):
    spare = Spare(loop)
    loop.call_soon(int, "x")
    with caplog.at_level(logging.ERROR, "asyncio"):
        loop.run_until_complete(asyncio.sleep(0))
    spare.close()
    assert ["invalid literal" in str(one.exc_info) for one in caplog.records] == [True]
