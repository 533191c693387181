"""Sizes and counts as people read them."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharethings.sizes import UNITS, count_text, size_text

SCALES = {unit: float(1000**power) for power, unit in enumerate(("B", *UNITS))}


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (16_384, "16.4 kB"),
        (999_949, "999.9 kB"),
        (999_950, "1.0 MB"),
        (5 * 10**9, "5.0 GB"),
        (3 * 10**15, "3000.0 TB"),
    ],
)
def test_sizes_for_people(size: int, text: str):
    assert size_text(size) == text


def read(text: str) -> float:
    value, unit = text.split()
    return float(value) * SCALES[unit]


@given(st.integers(0, 10**14), st.integers(1, 10**14))
def test_what_is_too_large_by_a_byte_never_looks_as_if_it_fits(room: int, more: int):
    assert read(size_text(room + more, math.ceil)) > read(size_text(room, math.floor))


def test_one_is_no_plural():
    assert [count_text(count, "chunk") for count in (0, 1, 2)] == [
        "0 chunks",
        "1 chunk",
        "2 chunks",
    ]
