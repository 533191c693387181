"""Records that a client keeps: opened by their key at their place alone."""

from __future__ import annotations

import pytest

from sharethings.crypto.errors import AuthenticationError
from sharethings.crypto.record import RecordCipher, record_name

KEY, PLACE, SALT, NONCE = bytes(32), bytes(range(32)), bytes(16), bytes(12)


def cipher(key: bytes = KEY, place: bytes = PLACE, epoch: int = 1, salt: bytes = SALT):
    return RecordCipher(key, place, epoch, salt)


def test_a_record_opens_where_it_was_sealed():
    sealed = cipher().seal(3, NONCE, b"which chunk")
    assert sealed[:12] == NONCE
    assert cipher().open(3, sealed) == b"which chunk"


@pytest.mark.parametrize(
    "other",
    [
        cipher(key=b"\1" * 32),
        cipher(place=bytes(32)),
        cipher(epoch=2),
        cipher(salt=b"\1" * 16),
    ],
    ids=["session key", "session", "epoch", "file"],
)
def test_no_other_key_opens_it(other: RecordCipher):
    with pytest.raises(AuthenticationError):
        other.open(3, cipher().seal(3, NONCE, b"which chunk"))


def test_a_record_that_was_moved_changed_or_cut_is_refused():
    sealed = cipher().seal(3, NONCE, b"which chunk")
    for number, data in (
        (2, sealed),
        (3, sealed[:-1] + bytes([sealed[-1] ^ 1])),
        (3, sealed[:-1]),
        (3, sealed[:20]),
        (3, b""),
    ):
        with pytest.raises(AuthenticationError):
            cipher().open(number, data)


def test_names_tell_files_apart_and_nothing_of_them():
    names = {
        record_name(key, place, about)
        for key in (KEY, b"\1" * 32)
        for place in (PLACE, bytes(32))
        for about in (b"/home/tia/a", b"/home/tia/b")
    }
    assert len(names) == 8
    assert {len(bytes.fromhex(name)) for name in names} == {16}
