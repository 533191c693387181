"""One lie of a hostile server, and what lies are made with."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import getitem
from typing import TYPE_CHECKING, Any

from sharethings.protocol.ids import decode_bytes, encode_bytes

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Lie:
    """What stands in one answer for the truth.

    `kind` is what it is counted as, `error` what it must be refused with, `answer` which one it
    is in: an event, or `chunk INDEX`. `tell` makes it of the honest one, which it may change.
    """

    kind: str
    error: type[Exception]
    answer: str
    tell: Callable[[Any], Any]


def at(*path: str | int, to: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Change what stands at a path of an answer."""

    def tell(answer: Any) -> Any:
        holder = reduce(getitem, path[:-1], answer)
        holder[path[-1]] = to(holder.get(path[-1]) if isinstance(holder, dict) else None)
        return answer

    return tell


def text(change: Callable[[bytes], bytes]) -> Callable[[str], str]:
    """Change the bytes that stand in a text."""
    return lambda written: encode_bytes(change(decode_bytes(written)))


def always(value: Any) -> Callable[[Any], Any]:
    """Say this instead."""
    return lambda _: value


def flip(bit: int) -> Callable[[bytes], bytes]:
    """Turn one bit."""

    def change(data: bytes) -> bytes:
        byte, shift = divmod(bit, 8)
        return data[:byte] + bytes([data[byte] ^ 1 << shift]) + data[byte + 1 :]

    return change
