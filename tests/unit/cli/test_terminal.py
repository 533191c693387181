"""What is said to a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sharethings.cli.terminal import say

if TYPE_CHECKING:
    import pytest


def test_what_a_server_says_commands_no_terminal(capsys: pytest.CaptureFixture[str]):
    say("Busy.\x1b]0;owned\x07\nSaved \u202etxt.exe")
    assert capsys.readouterr().err == "Busy.\\x1b]0;owned\\x07\\nSaved \\u202etxt.exe\n"
