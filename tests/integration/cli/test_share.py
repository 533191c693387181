"""What `share` tells, names and refuses."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.terminal import Terminal

if TYPE_CHECKING:
    from pathlib import Path


def test_everything_that_was_shared_is_told(tia: Terminal, tmp_path: Path):
    file = tmp_path / "a.txt"
    file.write_text("a")
    code, ids, talk = tia.run("share", file, "-", "--text", "hello", given=b"piped")
    assert (code, len(ids.split())) == (0, 3)
    told = ["New session Balcony garden.", "Shared text.", "Shared a.txt.", "Shared stdin."]
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
    assert talk.splitlines() == ["New session Balcony garden.", "Shared stdin."]
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
