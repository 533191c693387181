"""When a client has left too much unread."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import pytest
from engineio.packet import MESSAGE, Packet

from sharethings.transport.socket.waiting import BURST_LOOKS, BURST_RATIO, Waiting

if TYPE_CHECKING:
    from collections.abc import Callable

COUNT_MAX, BYTES_MAX = 10, 1000
PACKETS = {"so many": Packet(MESSAGE, "x"), "so large": Packet(MESSAGE, "x" * 250)}
LOOK_SECONDS = "sharethings.transport.socket.waiting.LOOK_SECONDS"


@pytest.fixture
async def waiting() -> Waiting:
    """What waits for nobody yet."""
    return Waiting(COUNT_MAX, BYTES_MAX)


def fill(waiting: Waiting, packet: Packet, is_over: Callable[[], bool]) -> int:
    """Let packets wait until it is over; gives how many."""
    while not is_over():
        waiting.put_nowait(packet)
    return waiting.qsize()


async def become_slow(waiting: Waiting) -> None:
    """Let the loop turn until no more time is given."""
    async with asyncio.timeout(10):
        while not waiting.is_slow():  # noqa: ASYNC110 - it has no event
            await asyncio.sleep(0)


@pytest.mark.parametrize(("what", "count"), [("so many", COUNT_MAX), ("so large", 4)])
async def test_who_has_too_much_to_read_gets_a_moment_for_it(
    waiting: Waiting, monkeypatch: pytest.MonkeyPatch, what: str, count: int
):
    monkeypatch.setattr(LOOK_SECONDS, 0.001)
    for _ in range(2 * count):
        assert not waiting.is_slow()
        waiting.put_nowait(PACKETS[what])
    await become_slow(waiting)
    while waiting.qsize() >= count:
        assert waiting.is_slow()
        waiting.get_nowait()
    assert not waiting.is_slow()
    waiting.put_nowait(PACKETS[what])
    assert not waiting.is_slow()  # has a moment again
    await become_slow(waiting)


async def test_a_long_turn_of_the_loop_is_no_time_to_read(
    waiting: Waiting, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(LOOK_SECONDS, 0.001)
    for _ in range(2 * COUNT_MAX):
        assert not waiting.is_slow()
        waiting.put_nowait(PACKETS["so many"])
        time.sleep(0.002)  # noqa: ASYNC251 - this is the long turn


async def test_who_reads_has_a_new_moment(waiting: Waiting, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(LOOK_SECONDS, 0.001)
    packet = PACKETS["so many"]
    for _ in range(3 * BURST_LOOKS):
        while waiting.qsize() <= COUNT_MAX:
            assert not waiting.is_slow()
            waiting.put_nowait(packet)
        await asyncio.sleep(0.001)
        waiting.get_nowait()
        waiting.get_nowait()


@pytest.mark.parametrize(("what", "count"), [("so many", COUNT_MAX), ("so large", 4)])
async def test_nobody_gets_more_than_a_burst(waiting: Waiting, what: str, count: int):
    filled = fill(waiting, PACKETS[what], waiting.is_slow)
    assert filled == count * BURST_RATIO


async def test_the_end_of_a_queue_weighs_nothing(waiting: Waiting):
    waiting.put_nowait(None)
    waiting.put_nowait(Packet(MESSAGE))
    assert not waiting.is_slow()
    assert waiting.get_nowait() is None


async def test_packets_come_in_order_to_who_waits_and_to_who_comes_later(waiting: Waiting):
    first, second = PACKETS.values()
    assert not waiting.is_awaited()
    reader = waiting.get()
    assert waiting.is_awaited()
    for packet in (first, second, None):
        await waiting.put(packet)
    assert not waiting.is_awaited()
    assert [await reader, await waiting.get(), await waiting.get()] == [first, second, None]
    with pytest.raises(asyncio.QueueEmpty):
        waiting.get_nowait()


async def test_who_has_stopped_waiting_is_given_nothing(waiting: Waiting):
    packet = PACKETS["so many"]
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(waiting.get(), 0.001)
    assert not waiting.is_awaited()
    reader = waiting.get()
    waiting.put_nowait(packet)
    assert await reader is packet
    assert not waiting.qsize()


async def test_what_was_given_to_a_reader_does_not_count_as_waiting(waiting: Waiting):
    reader = waiting.get()
    fill(waiting, PACKETS["so large"], lambda: waiting.qsize() == 3)
    assert not waiting.is_slow()
    assert (await reader) is PACKETS["so large"]
    waiting.put_nowait(PACKETS["so large"])
    assert waiting._bytes == BYTES_MAX
