"""Tables on a terminal: whole dates, numbers to the right, nothing that says nothing."""

from __future__ import annotations

import re
import sys
import time
from typing import TYPE_CHECKING

import pytest

from sharethings.admin.reports import ContentRow, Session, SessionRow, Sessions
from sharethings.cli.admin_tables import print_session, print_sessions
from sharethings.cli.listing import moment, print_rows

if TYPE_CHECKING:
    from collections.abc import Callable

NOW = time.time_ns() // 1_000_000
YEAR_MS = 366 * 86_400_000


def row(digit: str, **changes: int) -> SessionRow:
    counts = {
        "members_count": 0,
        "contents_count": 12,
        "unfinished_count": 0,
        "damaged_count": 0,
        "stored_bytes": 2_500_000,
    }
    return SessionRow(
        session_id=digit * 64,
        created_at=NOW,
        last_activity=NOW,
        expires_at=NOW,
        **{**counts, **changes},
    )


def _plain(text: str) -> str:
    """Give text without its colours."""
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


@pytest.fixture
def terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[[int], Callable[[], list[str]]]:
    """Make standard output a terminal of so many columns; gives what reads its lines."""

    def make(columns: int) -> Callable[[], list[str]]:
        monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
        monkeypatch.setenv("COLUMNS", str(columns))
        return lambda: [line.rstrip() for line in _plain(capsys.readouterr().out).splitlines()]

    return make


def test_every_session_is_one_line_and_columns_of_nothing_are_left_out(
    terminal: Callable[[int], Callable[[], list[str]]],
):
    read = terminal(80)
    print_sessions(Sessions([row("a"), row("b", contents_count=3, stored_bytes=999)]))
    header, first, second = read()
    assert header.split() == ["id", "created", "active", "ends", "contents", "bytes"]
    assert re.fullmatch(r"aaaaaaaa( +\d\d-\d\d \d\d:\d\d){3} +12 +2\.5 MB", first)
    assert second.endswith("  3   999 B")
    assert len(first) == len(second) == len(header)


def test_a_hundred_columns_take_all(terminal: Callable[[int], Callable[[], list[str]]]):
    read = terminal(100)
    print_sessions(Sessions([row("a", members_count=9, unfinished_count=4, damaged_count=1)]))
    header, first = read()
    assert header.split()[4:] == ["members", "contents", "unfinished", "damaged", "bytes"]
    assert first.split()[-6:] == ["9", "12", "4", "1", "2.5", "MB"]


def test_a_table_of_nothing_shows_what_there_could_be(
    terminal: Callable[[int], Callable[[], list[str]]],
):
    read = terminal(80)
    print_rows(("id", "bytes"), [])
    assert read() == ["id  bytes"]


def test_moments_are_short_on_a_terminal_and_whole_elsewhere(
    terminal: Callable[[int], Callable[[], list[str]]],
):
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d", moment(NOW))
    terminal(80)
    assert re.fullmatch(r"\d\d-\d\d \d\d:\d\d", moment(NOW))
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", moment(NOW - YEAR_MS))
    assert moment(None) == "never"


def test_the_tables_of_a_session_are_told_apart_in_a_pipe(capsys: pytest.CaptureFixture[str]):
    content = ContentRow(
        content_id="c" * 32,
        state="complete",
        pinned=False,
        created_at=NOW,
        expires_at=None,
        chunk_count=3,
        stored_count=3,
        stored_bytes=1,
    )
    print_session(
        Session(
            session=row("a"),
            revision=1,
            epoch=1,
            held_bytes=1,
            idle_seconds=86_400,
            contents_max=0,
            drops_oldest=False,
            deduplicates=True,
            contents=[content],
        )
    )
    first, settings, contents = capsys.readouterr().out.split("\n\n")
    assert first.startswith("aaaaaaaa\t")
    assert "ends after idling\t1 day\n" in settings
    assert contents.startswith("cccccccc\tcomplete\t")
