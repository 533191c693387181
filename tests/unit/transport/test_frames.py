"""Frames of WebSocket, against RFC 6455, 5.2 and 5.7, and how they are sent."""

from __future__ import annotations

import asyncio

import pytest

from sharethings.transport.socket.frames import TOGETHER_BYTES, Outbox, text_frame


class Line(asyncio.Transport):
    """Notes what is given to the system, one entry a call."""

    def __init__(self) -> None:
        """Be open."""
        super().__init__()
        self.calls: list[bytes] = []
        self.is_closed = False

    def is_closing(self) -> bool:
        """Say whether it was closed."""
        return self.is_closed

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Note a call."""
        self.calls.append(bytes(data))


def test_the_frame_of_the_rfc():
    assert text_frame("Hello") == bytes.fromhex("810548656c6c6f")


@pytest.mark.parametrize(
    ("size", "head"),
    [
        (125, "817d"),
        (126, "817e007e"),
        (256, "817e0100"),
        (65535, "817effff"),
        (65536, "817f0000000000010000"),
    ],
)
def test_a_length_takes_no_more_bytes_than_it_must(size: int, head: str):
    assert text_frame("m" * size) == bytes.fromhex(head) + b"m" * size


def test_a_length_counts_bytes():
    assert text_frame("Zoë")[1] == 4


async def test_what_is_told_in_one_turn_is_sent_at_once_and_in_order():
    outbox, zoe, ben = Outbox(), Line(), Line()
    for frame in (b"a", b"b", b"c"):
        outbox.add(zoe, frame)
    outbox.add(ben, b"d")
    assert zoe.calls == []
    await asyncio.sleep(0)
    assert (zoe.calls, ben.calls) == ([b"abc"], [b"d"])
    outbox.add(zoe, b"e")
    await asyncio.sleep(0)
    assert (zoe.calls, ben.calls) == ([b"abc", b"e"], [b"d"])


async def test_no_more_than_so_much_waits_for_the_end_of_a_turn():
    outbox, zoe = Outbox(), Line()
    frame = bytes(TOGETHER_BYTES // 2)
    for _ in range(3):
        outbox.add(zoe, frame)
    assert zoe.calls == [frame * 2]
    await asyncio.sleep(0)
    assert zoe.calls == [frame * 2, frame]


async def test_who_was_cut_off_meanwhile_is_sent_nothing():
    outbox, zoe = Outbox(), Line()
    outbox.add(zoe, b"a")
    zoe.is_closed = True
    await asyncio.sleep(0)
    assert zoe.calls == []
