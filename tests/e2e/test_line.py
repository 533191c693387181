"""Faults of the line at some stages of a browser's upload and download: the same bytes, sent once.

tests/fault/test_line.py has all of them at all stages, for the terminal's client.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.files import MIB, make_file, sha256_of
from tests.line import Line

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.e2e.conftest import Member, Place

REST_BYTES = 128 * 1024
"""What may pass beside the chunks, here of the page itself too."""
FILE_BYTES = 3 * MIB
SMALL_BYTES = 60_000


@pytest.mark.parametrize(
    ("fault", "stage", "size"),
    [
        ("cut", "session:join", FILE_BYTES),
        ("unanswered", "content:share", FILE_BYTES),
        ("reset", "PUT 1", FILE_BYTES),
        ("unanswered", "PUT 2", FILE_BYTES),
        ("twice", "PUT 0", FILE_BYTES),
        ("stall", "PUT 1", FILE_BYTES),
        ("slow", "PUT 0", SMALL_BYTES),
        ("late", "content:share", SMALL_BYTES),
        ("reset", "content:complete", FILE_BYTES),
        ("cut", "GET 1", FILE_BYTES),
        ("unanswered", "GET 2", FILE_BYTES),
    ],
)
def test_a_browser_goes_on_by_itself(
    place: Place, member: Callable[..., Member], tmp_path: Path, fault: str, stage: str, size: int
):
    file, saved = tmp_path / "film.mkv", tmp_path / "saved.mkv"
    digest = make_file(file, size)
    most = size + min(size, MIB) + REST_BYTES
    with Line(place.server.port, fault, stage) as line:
        zoe = member(url=line.url)
        zoe.join("Zoë")
        before = line.sent_bytes
        zoe.share(file)
        zoe.content(file.name).get_by_role("button", name="Save").wait_for()
        sent = line.sent_bytes - before
        before = line.received_bytes
        zoe.save(file.name, saved)
        received = line.received_bytes - before
        zoe.context.close()
    assert line.hits == 1
    assert sha256_of(saved) == digest
    print(f"{fault} {stage}: {sent / size:.3f} sent, {received / size:.3f} received")  # noqa: T201
    assert size < sent < most
    assert size < received < most
