"""Small contents are opened from their rows, and only as their sender sealed them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from sharethings.client.contents import Content
from sharethings.client.errors import CutError, DamagedError, ForeignError, MixedError
from sharethings.client.inline import open_inline
from sharethings.client.sealer import Sealer
from sharethings.protocol.ids import encode_bytes
from tests.unit.client.place import make_keys, text_row

if TYPE_CHECKING:
    from sharethings.client.keys import SessionKeys
    from sharethings.protocol.replies import Content as Row


@pytest.fixture(scope="module")
def keys() -> SessionKeys:
    return make_keys()


def opened(keys: SessionKeys, row: Row) -> bytes:
    content = keys.open_content(row)
    assert isinstance(content, Content)
    return open_inline(keys, content)


def test_a_text_comes_out_of_its_row_without_padding(keys: SessionKeys):
    assert opened(keys, text_row(keys, 1, "olá")) == "olá".encode()
    assert opened(keys, text_row(keys, 1, "")) == b""


@pytest.mark.parametrize(
    "change", [{"root": None}, {"root": "0" * 64}, {"size": None, "root": None}, {"size": 65}]
)
def test_a_manifest_of_other_bytes_is_refused(keys: SessionKeys, change: dict[str, object]):
    with pytest.raises(DamagedError):
        opened(keys, text_row(keys, 1, "here", **change))


def test_another_chunk_is_refused_as_what_it_is(keys: SessionKeys):
    row = text_row(keys, 1, "here")
    other = text_row(keys, 2, "here").chunk
    cipher = keys.chunk_cipher(keys.content_key(row), row.blob_id, row.chunk_size)
    second = encode_bytes(Sealer(cipher, None).seal(0, b"here".ljust(64, b"\0"), last=True))
    lies = {None: CutError, "A": DamagedError, "AAAA": CutError, other: ForeignError}
    for chunk, error in (lies | {second: MixedError}).items():
        with pytest.raises(DamagedError) as refused:
            opened(keys, msgspec.structs.replace(row, chunk=chunk))
        assert refused.type is error
