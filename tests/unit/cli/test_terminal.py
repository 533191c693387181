"""What is said to a person."""

from __future__ import annotations

import re
import time

import pytest

from sharethings.cli.terminal import STILL_SECONDS, progress_bar, say


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


def test_what_stands_still_has_no_speed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "120")
    later, clock = 0.0, time.monotonic
    monkeypatch.setattr(time, "monotonic", lambda: clock() + later)
    with progress_bar("film.mkv", 10**9) as progress:
        for _ in range(3):
            time.sleep(0.2)
            progress(10**6)
        assert "MB/s" in _drawn(capsys)
        later = 2 * STILL_SECONDS
        assert "MB/s" not in _drawn(capsys)
        progress(10**6)
        progress(10**6)
        later = 2 * STILL_SECONDS + 0.1
        assert "MB/s" in _drawn(capsys)


def _drawn(capsys: pytest.CaptureFixture[str]) -> str:
    """Give the line as it is drawn from now on: a few times a second."""
    capsys.readouterr()
    time.sleep(0.5)
    return capsys.readouterr().err.rpartition("film.mkv")[2]
