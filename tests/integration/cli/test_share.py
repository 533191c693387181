"""What `share` tells, names and refuses."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest

from tests.programs import wait_until
from tests.terminal import Terminal

if TYPE_CHECKING:
    from pathlib import Path


NEW = "New session Balcony garden. It is kept for 1 day after its last activity."


def test_everything_that_was_shared_is_told(tia: Terminal, tmp_path: Path):
    file = tmp_path / "a.txt"
    file.write_text("a")
    code, ids, talk = tia.run("share", file, "-", "--text", "hello", given=b"piped")
    assert (code, len(ids.split())) == (0, 3)
    told = [NEW, "Shared text.", "Shared a.txt.", "Shared stdin."]
    assert talk.splitlines() == told
    assert tia.run("share", "--text", "hello")[2] == "Shared text.\n"


def test_a_file_may_have_another_name(tia: Terminal, tmp_path: Path):
    file = tmp_path / "a.txt"
    file.write_text("a")
    tia.do("share", file, "--name", "b.png")
    assert [(one["name"], one["mime"]) for one in tia.list()] == [("b.png", "image/png")]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--text", ""), "The text is empty."),
        (("--text", "x", "--name", "b"), "one file"),
        (("-", "-", "--name", "b"), "one file"),
    ],
)
def test_what_makes_no_sense_is_refused(tia: Terminal, arguments: tuple[str, ...], sentence: str):
    code, ids, talk = tia.run("share", *arguments)
    assert (code, ids) == (2, b"")
    assert sentence in talk


def test_what_is_typed_ends_by_one_ctrl_d_without_a_bar(tia: Terminal):
    tia.more = {"FORCE_COLOR": "1"}  # draws bars without a terminal too
    keyboard, terminal = os.openpty()
    sharing = tia.start("share", "-", stdin=terminal)
    os.write(keyboard, b"typed\n\x04")
    talk = sharing.communicate(timeout=60)[1].decode()
    os.close(terminal)
    os.close(keyboard)
    assert talk.splitlines() == [NEW, "Shared stdin."]
    assert "\x1b[" in tia.run("share", "-", given=b"piped")[2]
    assert tia.do("get", "latest", "-o", "-") == b"piped"


def test_bytes_that_are_no_text_are_replaced_in_file_names_and_refused_elsewhere(
    tia: Terminal, tmp_path: Path
):
    file = tmp_path / "caf\udce9.txt"  # of a machine with another encoding
    file.write_text("a")
    tia.do("share", file)
    assert [one["name"] for one in tia.list()] == ["caf\ufffd.txt"]
    for arguments in (
        ("share", "--text", "\udcff"),
        ("list", "--as", "\udcff"),
        ("list", "--session", "\udcff"),
    ):
        code, _, talk = tia.run(*arguments)
        assert code == 2
        assert talk.endswith("A name, text or passphrase that was given is not UTF-8.\n")
    code, _, talk = Terminal(tia.server, "not the one \udcff").run("list")
    assert (code, "not UTF-8" in talk) == (2, True)


def test_what_is_shared_goes_by_itself_if_that_is_asked(tia: Terminal):
    before = time.time_ns() // 1_000_000
    code, _, talk = tia.run("share", "--text", "hello", "--keep", "1h", "--session-idle", "7d")
    assert (code, talk.splitlines()[0]) == (
        0,
        "New session Balcony garden. It is kept for 7 days after its last activity.",
    )
    tia.do("share", "--text", "stays")
    going, staying = tia.list()
    assert 0 <= going["expires"] - before - 3_600_000 < 60_000
    assert staying["expires"] is None
    moment = time.strftime("%Y-%m-%d %H:%M", time.localtime(going["expires"] / 1000))
    assert f"complete, until {moment}" in tia.do("list").decode()


def test_what_has_expired_is_gone(tia: Terminal):
    tia.do("share", "--text", "hello", "--keep", "10s")
    (going,) = tia.list()
    wait_until(lambda: tia.list() == [], "it is gone")
    assert time.time_ns() // 1_000_000 >= going["expires"]
