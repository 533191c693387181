"""A stream is cut into pieces as it comes."""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING

import pytest

from sharethings.client.pipe import FIRST_SECONDS, Pipe
from sharethings.protocol.limits import CHUNK_SIZE_MAX_BYTES, CHUNK_SIZE_MIN_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator

KIB = 1024


class Ends:
    """Both ends of a pipe; what is written is there at once."""

    def __init__(self) -> None:
        reader, writer = os.pipe()
        self.out = open(reader, "rb", buffering=0)  # noqa: PTH123, SIM115 - a descriptor
        self.into = open(writer, "wb", buffering=0)  # noqa: PTH123, SIM115


@pytest.fixture
def ends() -> Iterator[Ends]:
    both = Ends()
    with both.out, both.into:
        yield both


@pytest.mark.parametrize(
    ("came", "size"),
    [
        (10, CHUNK_SIZE_MIN_BYTES),
        (40 * KIB, 32 * KIB),
        (3000 * KIB, 2048 * KIB),
        (9000 * KIB, CHUNK_SIZE_MAX_BYTES),
    ],
)
async def test_chunks_are_as_large_as_what_came_first(came: int, size: int):
    assert await Pipe(io.BytesIO(bytes(came))).begin() == size


async def test_a_quiet_stream_is_not_waited_for(ends: Ends):
    ends.into.write(b"a line\n")
    pipe = Pipe(ends.out)
    assert await pipe.begin() == CHUNK_SIZE_MIN_BYTES
    assert pipe.whole() is None
    assert FIRST_SECONDS < 1


async def test_a_piece_is_given_as_soon_as_it_is_not_the_last(ends: Ends):
    pipe = Pipe(ends.out)
    pieces = pipe.pieces(4)
    ends.into.write(b"abcde")
    assert await anext(pieces) == (0, b"abcd", False)
    ends.into.write(b"fgh")
    ends.into.close()
    assert await anext(pieces) == (1, b"efgh", True)
    assert [one async for one in pieces] == []


@pytest.mark.parametrize(
    ("plain", "lengths"), [(b"", [0]), (b"a", [1]), (b"a" * 8, [4, 4]), (b"a" * 9, [4, 4, 1])]
)
async def test_the_last_piece_holds_something(plain: bytes, lengths: list[int]):
    given = [one async for one in Pipe(io.BytesIO(plain)).pieces(4)]
    assert [len(piece) for _, piece, _ in given] == lengths
    assert [last for _, _, last in given] == [False] * (len(lengths) - 1) + [True]
    assert b"".join(piece for _, piece, _ in given) == plain


async def test_a_stream_that_does_not_wait_is_not_taken_for_one_that_ended(ends: Ends):
    os.set_blocking(ends.out.fileno(), False)
    with pytest.raises(BlockingIOError):
        await Pipe(ends.out).begin()


async def test_a_stream_that_cannot_be_read_says_why(ends: Ends):
    ends.out.close()
    with pytest.raises(ValueError, match="closed file"):
        await Pipe(ends.out).begin()
