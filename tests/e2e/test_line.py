"""Faults of the line at some stages of a browser's upload and download: the same bytes, sent once.

tests/fault/test_line.py has all of them at all stages, for the terminal's client.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from tests.e2e.conftest import PASSPHRASE, SESSION
from tests.files import MIB, make_file, sha256_of
from tests.line import FAULTS, Line
from tests.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.e2e.conftest import Member, Place

REST_BYTES = 128 * 1024
"""What may pass beside the chunks, here of the page itself too."""
FILE_BYTES = 3 * MIB
LONG_BYTES = 10 * MIB
WINDOW_BYTES = 4 * MIB
"""What is on its way at once, and lost with all connections."""
MOVING_COSTS = 2
"""The browser asks again by itself over a new connection, and the page when it has joined again."""
ROW_BYTES = 16_000
ROWS_COUNT = 20
"""They travel with their rows: two pages."""
LONG_ROWS_COUNT = 25
"""Two full pages, 14 s each where there are 20 kB a second, and a third."""
SLOW_PAGE_SECONDS = 60
SMALL_BYTES = 20_000
"""One chunk, for the lines that are slow from there on."""
UPLOADS = (
    ("cut", "PUT 0", FILE_BYTES),
    ("reset", "PUT 1", FILE_BYTES),
    ("unanswered", "PUT 2", FILE_BYTES),
    ("twice", "PUT 0", FILE_BYTES),
    ("stall", "PUT 1", FILE_BYTES),
    ("moved", "PUT 7", LONG_BYTES),
    ("slow", "PUT 0", SMALL_BYTES),
    ("late", "PUT 0", SMALL_BYTES),
)
EVENTS = (
    ("unanswered", "content:share", FILE_BYTES),
    ("cut", "content:share", SMALL_BYTES),
    ("reset", "content:share", FILE_BYTES),
    ("twice", "content:share", SMALL_BYTES),
    ("moved", "content:share", SMALL_BYTES),
    ("late", "content:share", SMALL_BYTES),
    ("stall", "content:share", SMALL_BYTES),
    ("slow", "content:share", SMALL_BYTES),
    ("cut", "content:complete", SMALL_BYTES),
    ("reset", "content:complete", FILE_BYTES),
    ("unanswered", "content:complete", SMALL_BYTES),
    ("twice", "content:complete", FILE_BYTES),
    ("moved", "content:complete", SMALL_BYTES),
    ("late", "content:complete", SMALL_BYTES),
    ("stall", "content:complete", SMALL_BYTES),
    ("slow", "content:complete", SMALL_BYTES),
)
DOWNLOADS = (
    ("cut", "GET 1", FILE_BYTES),
    ("unanswered", "GET 2", FILE_BYTES),
    ("reset", "GET 0", FILE_BYTES),
    ("twice", "GET 1", FILE_BYTES),
    ("stall", "GET 2", FILE_BYTES),
    ("moved", "GET 7", LONG_BYTES),
    ("slow", "GET 0", SMALL_BYTES),
    ("late", "GET 0", SMALL_BYTES),
    ("cut", "GET 0", SMALL_BYTES),
    ("reset", "GET 2", FILE_BYTES),
    ("unanswered", "GET 0", SMALL_BYTES),
    ("moved", "GET 0", SMALL_BYTES),
)


@pytest.mark.parametrize(
    ("joining", "cases"),
    [("cut", UPLOADS), ("reset", EVENTS), ("unanswered", DOWNLOADS)],
    ids=["upload", "events", "download"],
)
def test_a_browser_goes_on_by_itself(
    place: Place,
    member: Callable[..., Member],
    tmp_path: Path,
    joining: str,
    cases: tuple[tuple[str, str, int], ...],
):
    with Line(place.server.port, joining, "session:join") as line:
        zoe = member(url=line.url)
        zoe.join("Zoë")
        assert line.hits == 1
        for fault, stage, size in cases:
            name = f"{fault} {stage.replace(':', ' ')}"
            file, saved = tmp_path / name, tmp_path / f"{name}.saved"
            digest = make_file(file, size)
            lost = WINDOW_BYTES if fault == "moved" else min(size, MIB)
            most = size + lost + REST_BYTES
            line.meet(fault, stage)
            before = line.sent_bytes
            zoe.share(file)
            zoe.content(name).get_by_role("button", name="Save").wait_for()
            sent = line.sent_bytes - before
            before = line.received_bytes
            zoe.save(name, saved)
            received = line.received_bytes - before
            print(f"{name}: {sent / size:.3f} sent, {received / size:.3f} received")  # noqa: T201
            assert line.hits == 1, name
            assert line.unexplained(MOVING_COSTS) == [], name
            assert sha256_of(saved) == digest, name
            assert size < sent < most, name
            assert size < received < most, name
        zoe.context.close()


@pytest.mark.parametrize("stage", ["session:hello", "session:create", "session:join"])
def test_a_browser_enters_whatever_happens_on_the_way(
    place: Place, member: Callable[..., Member], stage: str
):
    with Line(place.server.port, "cut", "nothing") as line:
        zoe = member(url=line.url)
        for fault in FAULTS:
            session = f"{stage} {fault}"
            line.meet(fault, stage)
            zoe.join("Zoë", session=session)
            assert line.hits == 1, session
            zoe.say(session)
            zoe.page.get_by_role("article").get_by_text(session).wait_for()
            assert zoe.page.get_by_role("article").count() == 1, session
            zoe.page.get_by_text("1 member", exact=True).first.wait_for()
            assert zoe.page.get_by_role("alert").count() == 0, session
        zoe.context.close()


def test_an_equal_file_is_compared_whatever_happens_on_the_way(
    place: Place, member: Callable[..., Member], tmp_path: Path
):
    first, saved = tmp_path / "first", tmp_path / "saved"
    digest = make_file(first, FILE_BYTES)
    with Line(place.server.port, "cut", "nothing") as line:
        zoe = member(url=line.url)
        zoe.join("Zoë")
        zoe.share(first)
        zoe.content(first.name).get_by_role("button", name="Save").wait_for()
        for fault in FAULTS:
            copy = tmp_path / fault
            copy.write_bytes(first.read_bytes())
            line.meet(fault, "digests")
            before = line.sent_bytes
            zoe.share(copy)
            zoe.content(fault).get_by_role("button", name="Save").wait_for()
            assert line.hits == 1, fault
            assert not any(stage.startswith("PUT") for stage in line.asked), fault
            assert line.sent_bytes - before < REST_BYTES, fault
        line.meet("cut", "nothing")
        zoe.save(FAULTS[-1], saved)
        assert sha256_of(saved) == digest
        zoe.context.close()


def test_older_contents_come_by_themselves(
    place: Place, member: Callable[..., Member], tmp_path: Path
):
    files = [tmp_path / f"{number:02d}.bin" for number in range(ROWS_COUNT)]
    for file in files:
        make_file(file, ROW_BYTES)
    with Line(place.server.port, "unanswered", "session:hello") as line:
        zoe = member(url=line.url)
        zoe.join("Zoë")
        assert line.hits == 1
        zoe.share(*files)
        zoe.content(files[-1].name).get_by_role("button", name="Save").wait_for()
        for fault in FAULTS:
            line.meet("cut", "nothing")
            zoe.join("Zoë")
            line.meet(fault, "content:list")
            zoe.page.get_by_role("button", name="Show older").click()
            zoe.content(files[0].name).wait_for()
            assert line.hits == 1, fault
            assert zoe.page.get_by_role("article").count() == ROWS_COUNT
            assert zoe.page.get_by_role("alert").count() == 0
        zoe.context.close()


def test_long_pages_come_over_a_slow_line(
    place: Place, member: Callable[..., Member], tmp_path: Path
):
    files = [tmp_path / f"{number:02d}.bin" for number in range(LONG_ROWS_COUNT)]
    for file in files:
        make_file(file, ROW_BYTES)
    member_here = Terminal(place.server.url)
    member_here.do("share", *files)
    with (
        Line(place.server.port, "slow", "session:hello") as line,
        Line(place.server.port, "slow", "session:hello") as other,
        ThreadPoolExecutor() as beside,
    ):
        far = beside.submit(Terminal(other.url).list)
        zoe = member(url=line.url)
        zoe.fill(SESSION, "Zoë", PASSPHRASE)
        zoe.content(files[-1].name).wait_for(timeout=SLOW_PAGE_SECONDS * 1000)
        assert {one["name"] for one in far.result()} >= {file.name for file in files}
        zoe.context.close()
