"""What benchmarks are made of, as far as it could go wrong unseen."""

from __future__ import annotations

import pytest

from tests.bench.rig.room import Made


def test_what_is_made_when_it_is_asked_for_has_an_end():
    made = Made(3, lambda index: bytes([index]))
    assert list(made) == [b"\0", b"\1", b"\2"]
    with pytest.raises(IndexError):
        made[3]
