"""Frames of WebSocket, against RFC 6455, 5.2 and 5.7."""

from __future__ import annotations

import pytest

from sharethings.transport.socket.rooms import text_frame


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
