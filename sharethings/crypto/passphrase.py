"""Generated passphrases: 7 words of a 2,048-word list, 77 bits (protocol.md 3)."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

WORDS_COUNT = 2048
PASSPHRASE_WORDS_COUNT = 7
SEPARATOR = "-"


@cache
def words() -> tuple[str, ...]:
    """Give the list: lower-case English words of 3 to 8 letters, told apart by the first five."""
    text = files("sharethings.crypto").joinpath("words.txt").read_text("ascii")
    return tuple(text.split())


def generate_passphrase(randbelow: Callable[[int], int]) -> str:
    """Give a fresh passphrase; `randbelow` is `secrets.randbelow` outside of tests."""
    chosen = (words()[randbelow(WORDS_COUNT)] for _ in range(PASSPHRASE_WORDS_COUNT))
    return SEPARATOR.join(chosen)
