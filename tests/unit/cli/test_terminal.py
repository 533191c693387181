"""What is said to a person."""

from __future__ import annotations

import re

import pytest

from sharethings.cli.terminal import progress_bar, say


def test_what_a_server_says_commands_no_terminal(capsys: pytest.CaptureFixture[str]):
    say("Busy.\x1b]0;owned\x07\nSaved \u202etxt.exe")
    assert capsys.readouterr().err == "Busy.\\x1b]0;owned\\x07\\nSaved \\u202etxt.exe\n"


@pytest.mark.parametrize(
    ("done", "shown"), [(0, "0 %"), (996, "99 %"), (999, "99 %"), (1000, "100 %")]
)
def test_per_cent_are_rounded_down(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, done: int, shown: str
):
    monkeypatch.setenv("FORCE_COLOR", "1")  # draws bars without a terminal too
    with progress_bar("film.mkv", 1000) as progress:
        progress(done)
    assert re.findall(r"\d+ %", capsys.readouterr().err)[-1] == shown


def test_of_an_unknown_size_there_are_no_per_cent(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("FORCE_COLOR", "1")
    with progress_bar("stdin", None) as progress:
        progress(1000)
    assert "%" not in capsys.readouterr().err
