"""What the server holds, logs, and what passes behind HAProxy: nothing that was said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.e2e.conftest import PASSPHRASE, Place
from tests.e2e.wire import Wire
from tests.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.conftest import StartHaproxy, StartServer
    from tests.e2e.conftest import Member


def test_nothing_that_was_said_is_seen(
    server: StartServer,
    haproxy: StartHaproxy,
    member: Callable[..., Member],
    tmp_path: Path,
):
    started = server()
    wire = Wire(started.port, keeps=True)
    behind = Place(started, haproxy(f"http://127.0.0.1:{wire.port}"))
    session, text, name = "Rooftop orchard 7391", "the key lies under the basil", "Melissa Arbor"
    head = b"FIRST BYTES OF THE SECRET FILE 0123456789"
    file = tmp_path / "inheritance-plan.bin"
    file.write_bytes(head + bytes(range(256)) * 8000)
    zoe = member(url=behind.url)
    zoe.join(name, session=session)
    zoe.say(text)
    zoe.share(file)
    zoe.content(file.name).get_by_role("button", name="Save").wait_for()
    tia = Terminal(
        behind.url, session=session, name="Tia Codesmith", ca_file=behind.haproxy.ca_file
    )
    tia.do("share", file)
    tia.do("get", "latest", "-o", tmp_path / "got.bin")
    zoe.page.get_by_role("button", name="Leave").click()
    zoe.page.get_by_role("button", name="Join or create").wait_for()
    started.stop()
    wire.close()

    kept = b"".join(
        path.read_bytes() for path in sorted(started.data_directory.rglob("*")) if path.is_file()
    )
    assert len(kept) > file.stat().st_size  # both shared it, it is stored once
    assert len(wire.passed) > 2 * file.stat().st_size  # sent by one, saved by the other
    seen = {
        "the data directory": kept,
        "the server's log": started.log_file.read_bytes(),
        "HAProxy's log": behind.haproxy.log_file.read_bytes(),
        "the wire": bytes(wire.passed),
    }
    said = [PASSPHRASE, session, text, name, "Tia Codesmith", file.name, "inheritance"]
    found = [
        (place, secret)
        for place, data in seen.items()
        for secret in [*(one.encode() for one in said), head[:16]]
        if secret in data
    ]
    assert found == []
