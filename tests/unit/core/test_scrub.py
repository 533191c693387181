"""The scrub: reads everything in its own time, finds damage, begins anew the next day."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sharethings.core.scrub import PASS_SECONDS, ScrubCounts
from tests.unit.core.house import (
    CHUNK_SIZE,
    INLINE,
    House,
    a_chunk,
    a_share,
    a_stream,
    an_inline,
    put,
    share_whole,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

RATE = 65_536
"""Each chunk of these tests costs a second."""


@pytest.fixture
async def slow(tmp_path: Path) -> AsyncIterator[House]:
    """A house that checks one small chunk a second."""
    async with House(tmp_path / "data", scrub_bytes_per_second=RATE) as opened:
        yield opened


async def pass_seconds(house: House, seconds: int) -> ScrubCounts:
    """Let time pass, a second at a time; gives the counts."""
    for _ in range(seconds):
        house.hands.seconds += 1
        await house.core.scrub.advance()
    return house.core.scrub.counts


async def test_it_reads_at_its_rate_and_everything_once_a_day(slow: House):
    tia, tom = await slow.member(), await slow.member()
    _, sent = await share_whole(slow, tia)
    await share_whole(slow, tom, CHUNK_SIZE)
    await slow.core.sharing.share(tom, an_inline())
    unfinished = a_stream()
    await slow.core.sharing.share(tom, unfinished)
    await put(slow.core.chunks, tom, unfinished.content_id, 0, a_chunk(0))
    counts = await pass_seconds(slow, 3)
    assert counts.chunks == 3
    counts = await pass_seconds(slow, 3)
    size = sum(map(len, sent)) + CHUNK_SIZE + 32 + len(INLINE)
    assert counts == ScrubCounts(chunks=5, bytes=size, passes=1)
    await pass_seconds(slow, 100)
    assert counts.chunks == 5
    slow.hands.seconds += PASS_SECONDS
    await pass_seconds(slow, 6)
    assert (counts.chunks, counts.passes) == (10, 2)


async def test_it_marks_and_tells_what_is_damaged_once(slow: House):
    tia = await slow.member()
    request, _ = await share_whole(slow, tia)
    await slow.core.sharing.share(tia, a_share(blob_id=request.blob_id))
    content = slow.core.contents.get(tia, request.content_id)
    path = slow.store.files.path(content, 1)
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    slow.store.files.path(content, 2).unlink()
    slow.told.events()
    counts = await pass_seconds(slow, 5)
    assert (counts.damaged, counts.chunks, counts.passes) == (2, 3, 1)
    assert slow.told.events() == ["content:changed"]
    slow.hands.seconds += PASS_SECONDS
    await pass_seconds(slow, 5)
    assert (counts.damaged, counts.chunks, counts.passes) == (2, 4, 2)


async def test_an_empty_store_is_scrubbed_too(slow: House):
    counts = await pass_seconds(slow, 2)
    assert counts == ScrubCounts(passes=1)


async def test_a_time_without_a_call_is_not_made_up_for(slow: House):
    tia = await slow.member()
    for _ in range(3):
        await share_whole(slow, tia)
    slow.hands.seconds += 3600
    await slow.core.scrub.advance()
    assert slow.core.scrub.counts.chunks == 2


async def test_a_rate_of_0_reads_nothing(tmp_path: Path):
    async with House(tmp_path / "data", scrub_bytes_per_second=0) as house:
        await share_whole(house, await house.member())
        await pass_seconds(house, 3)
        assert house.core.scrub.counts == ScrubCounts()
