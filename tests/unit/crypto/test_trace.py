"""Traces: the plain bytes of a chunk that was opened are known again, and no others."""

from __future__ import annotations

import pytest

from sharethings.crypto.chunk import ChunkCipher, Trace, trace_of

SIZE, PREFIX = 16384, bytes(range(7))
CIPHER = ChunkCipher(bytes(32), bytes([1]) * 32, bytes([2]) * 16, SIZE)
PIECE, END = bytes(range(256)) * (SIZE // 256), b"end"
FULL = trace_of(CIPHER.seal(3, PIECE, PREFIX, last=False))
PADDED = trace_of(CIPHER.seal(4, END.ljust(100, b"\0"), PREFIX, last=True))


def test_what_a_chunk_held_is_known_again_without_its_padding_too():
    assert CIPHER.is_of(FULL, 3, PIECE)
    assert CIPHER.is_of(PADDED, 4, END)
    assert CIPHER.is_of(PADDED, 4, END.ljust(100, b"\0"))


@pytest.mark.parametrize(
    ("trace", "index", "plain"),
    [
        (FULL, 2, PIECE),
        (FULL, 3, PIECE[:-1]),
        (FULL, 3, b"torn" + PIECE[4:]),
        (FULL._replace(digest=bytes(32)), 3, PIECE),
        (FULL._replace(nonce=bytes(12)), 3, PIECE),
        (PADDED, 4, END + b"?"),
        (PADDED._replace(plain_bytes=99), 4, END),
        (PADDED._replace(plain_bytes=2**32 - 1), 4, END),
        (PADDED._replace(nonce=bytes(12)), 4, END),
        (Trace(bytes(12), 0, bytes(32)), 0, b""),
    ],
    ids=[
        "another place", "cut", "torn", "digest", "nonce", "more", "shorter", "far too long",
        "not the last", "none",
    ],
)  # fmt: skip
def test_anything_else_is_not(trace: Trace, index: int, plain: bytes):
    assert not CIPHER.is_of(trace, index, plain)


def test_it_says_whether_it_ends_its_content():
    assert not FULL.is_last
    assert PADDED.is_last


def test_another_key_does_not_know_it():
    other = ChunkCipher(bytes([3]) * 32, bytes([1]) * 32, bytes([2]) * 16, SIZE)
    assert not other.is_of(FULL, 3, PIECE)
