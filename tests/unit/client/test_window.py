"""A window opens while chunks go well, and closes to one chunk when a line is slow."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from sharethings.client.bulk import read_retry_after
from sharethings.client.window import QUICK_SECONDS, SLOW_SECONDS, WINDOW_COUNT, Window
from sharethings.protocol.errors import RequestTimeoutError


class Line:
    """A window, and chunks that take as long as is said."""

    def __init__(self) -> None:
        self.now = 0.0
        self.window = Window(lambda: self.now)

    async def send(self, seconds: float) -> None:
        async with self.window.place():
            self.now += seconds


async def test_it_opens_one_by_one_and_no_further_than_it_may():
    line = Line()
    widths = []
    for _ in range(6):
        widths.append(line.window.width)
        await line.send(QUICK_SECONDS / 2)
    assert widths == [1, 2, 3, 4, 4, 4]
    assert WINDOW_COUNT == 4


async def test_it_stays_as_it_is_while_chunks_take_neither_long_nor_little():
    line = Line()
    await line.send(0)
    await line.send((QUICK_SECONDS + SLOW_SECONDS) / 2)
    assert line.window.width == 2


async def test_it_closes_when_a_chunk_takes_long():
    line = Line()
    await line.send(0)
    await line.send(0)
    await line.send(SLOW_SECONDS + 1)
    assert line.window.width == 1


async def test_it_closes_when_a_chunk_fails():
    line = Line()
    await line.send(0)
    with pytest.raises(RequestTimeoutError):
        async with line.window.place():
            raise RequestTimeoutError
    assert line.window.width == 1


async def test_no_more_hold_a_place_than_there_are_and_all_get_one():
    line = Line()
    line.window.width = 2
    running = peak = done = 0

    async def hold() -> None:
        nonlocal running, peak, done
        async with line.window.place():
            running += 1
            peak = max(peak, running)
            await asyncio.sleep(0)
            line.now += QUICK_SECONDS
            running -= 1
            done += 1

    await asyncio.gather(*(hold() for _ in range(9)))
    assert (peak, done) == (2, 9)


async def test_who_gives_up_waiting_takes_no_place_with_it():
    line = Line()
    async with line.window.place():
        waiting = asyncio.create_task(line.send(0))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.wait({waiting})
    async with asyncio.timeout(5):
        await line.send(0)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        (" 3 ", 3),
        ("Sat, 21 Nov 2026 12:00:30 GMT", 30),
        ("Sat, 21 Nov 2026 11:00:00 GMT", 0),
        ("Sat, 21 Nov 2026 12:00:30", None),
        ("-5", None),
        ("soon", None),
        ("", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(value: str, seconds: int | None):
    assert read_retry_after(value, datetime(2026, 11, 21, 12, tzinfo=UTC)) == seconds
