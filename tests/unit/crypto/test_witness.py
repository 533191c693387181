"""The witness of a program: the same bytes at the same place, and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharethings.crypto.witness import Witness

DATA = bytes(range(256)) * 17


def test_the_same_bytes_are_known_again_in_any_buffer():
    witness = Witness(bytes(32))
    assert witness.tag(3, DATA) == witness.tag(3, memoryview(bytearray(DATA)))


@given(st.integers(0, len(DATA) * 8 - 1))
def test_one_other_bit_is_seen(bit: int):
    witness, other = Witness(bytes(32)), bytearray(DATA)
    other[bit // 8] ^= 1 << bit % 8
    assert witness.tag(0, bytes(other)) != witness.tag(0, DATA)


@pytest.mark.parametrize("other", [DATA[:-1], DATA + b"\0", b"\0" + DATA, b""])
def test_other_lengths_are_seen(other: bytes):
    witness = Witness(bytes(32))
    assert witness.tag(0, other) != witness.tag(0, DATA)


def test_another_place_or_key_has_another_tag():
    tag = Witness(bytes(32)).tag(0, DATA)
    assert tag not in {Witness(bytes(32)).tag(1, DATA), Witness(bytes(31) + b"\1").tag(0, DATA)}
