"""Ids and bytes as JSON carries them: one spelling each."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharethings.protocol import ids
from sharethings.protocol.limits import BOX_BYTES, EVENT_MAX_BYTES
from sharethings.protocol.requests import EventSort

EXACT = [(ids.Bytes12, 12), (ids.Bytes16, 16), (ids.Bytes32, 32), (ids.Box, BOX_BYTES)]


def takes(kind: Any, text: str) -> bool:
    """Say whether a type takes a text."""
    try:
        return bool(msgspec.convert(text, kind) == text)
    except msgspec.ValidationError:
        return False


@given(st.binary(max_size=100))
def test_bytes_are_written_and_read(data: bytes) -> None:
    text = ids.encode_bytes(data)
    assert ids.decode_bytes(text) == data
    assert len(text) == ids.base64url_length(len(data))


@pytest.mark.parametrize(("kind", "size"), EXACT)
@given(data=st.data())
def test_a_text_of_so_many_bytes_is_taken_if_it_can_be_read(
    kind: Any, size: int, data: st.DataObject
) -> None:
    length = ids.base64url_length(size)
    text = data.draw(st.text("AQZgw048_-", min_size=length, max_size=length))
    try:
        ids.decode_bytes(text)
    except ValueError:
        assert not takes(kind, text)
    else:
        assert takes(kind, text)
    assert not takes(kind, text + "A")


@given(st.text("AQZgw048_-=\n", max_size=12))
def test_a_text_of_some_bytes_is_taken_if_it_can_be_read(text: str) -> None:
    try:
        readable = len(ids.decode_bytes(text)) > 0
    except ValueError:
        readable = False
    assert takes(ids.SealedEvent, text) == readable


def test_a_text_of_too_many_bytes_is_not_taken() -> None:
    assert takes(ids.SealedEvent, ids.encode_bytes(bytes(EVENT_MAX_BYTES)))
    assert not takes(ids.SealedEvent, ids.encode_bytes(bytes(EVENT_MAX_BYTES + 1)))


@pytest.mark.parametrize(
    ("kind", "good"),
    [(ids.SessionId, "0a" * 32), (ids.ContentId, "0a" * 16), (EventSort, "profile")],
)
def test_ids_have_one_spelling(kind: Any, good: str) -> None:
    assert takes(kind, good)
    for bad in (good + "\n", "\n" + good, good.upper(), good[:-1] + "é", "", good + "0a" * 32):
        assert not takes(kind, bad)
