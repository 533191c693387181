"""What a command asks a person, and what it does where nobody can be asked."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.programs import clean_environment
from tests.terminal import PROGRAM

if TYPE_CHECKING:
    from tests.terminal import Terminal

QUESTION = "Remove all contents of Balcony garden, for all members? [y/N] "


def answer(tia: Terminal, typed: bytes) -> tuple[int, str]:
    """Run `remove all` on a terminal of its own, where somebody types."""
    keyboard, terminal = os.openpty()
    removing = tia.start("remove", "all", stdin=terminal)
    os.write(keyboard, typed)
    talk = removing.communicate(timeout=60)[1].decode()
    os.close(terminal)
    os.close(keyboard)
    return removing.returncode, talk


@pytest.mark.parametrize("typed", [b"\n", b"n\n", b"yesterday\n"])
def test_nothing_is_removed_without_a_yes(tia: Terminal, typed: bytes):
    tia.do("share", "--text", "kept")
    assert answer(tia, typed) == (0, f"{QUESTION}Nothing was removed.\n")
    assert len(tia.list()) == 1


def test_all_is_removed_by_a_yes(tia: Terminal):
    for _ in range(2):
        tia.do("share", "--text", "gone")
    code, talk = answer(tia, b"y\n")
    assert (code, talk.count("Removed")) == (0, 2)
    tia.do("share", "--text", "gone too")
    tia.do("remove", "all", "--yes")
    assert tia.list() == []


def test_where_nobody_can_be_asked_nothing_is_guessed(tia: Terminal):
    tia.do("share", "--text", "kept")
    code, _, talk = tia.run("remove", "all")
    assert code == 2
    assert "add --yes" in talk
    assert len(tia.list()) == 1


def test_a_passphrase_that_cannot_be_asked_for_is_one_sentence():
    done = subprocess.run(
        [PROGRAM, "list", "--server", "localhost:1", "--session", "Balcony garden"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        env=clean_environment(("SHARETHINGS_",)),
        start_new_session=True,  # so that it has no terminal
        check=False,
    )
    talk = done.stderr.decode()
    assert done.returncode == 2
    assert "SHARETHINGS_PASSPHRASE" in talk
    assert "Warning" not in talk
