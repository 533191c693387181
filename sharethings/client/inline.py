"""Small contents: their only chunk travels in the row and is opened without asking the server."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from sharethings.client.errors import DamagedError, MixedError
from sharethings.client.refusals import refusal_of
from sharethings.crypto.chunk import make_root
from sharethings.crypto.errors import CryptoError
from sharethings.protocol.ids import decode_bytes

if TYPE_CHECKING:
    from sharethings.client.contents import Content
    from sharethings.client.keys import SessionKeys


def open_inline(keys: SessionKeys, content: Content) -> bytes:
    """Give the plain bytes, without padding, of a content whose row carries its chunk.

    Raises a DamagedError when the chunk is not the one of the manifest's root.
    """
    row, manifest = content.row, content.manifest
    cipher = keys.chunk_cipher(keys.content_key(row), row.blob_id, manifest.chunk_size)
    size, chunk_size = manifest.size, manifest.chunk_size
    if size is None or manifest.chunks != 1:
        raise DamagedError
    try:
        chunk = decode_bytes(row.chunk or "")
    except ValueError as error:
        raise DamagedError from error
    try:
        plain = cipher.open(0, chunk, last=True)
    except CryptoError as error:
        kind = refusal_of(chunk, 0, last=True, chunk_size=chunk_size, least_bytes=size)
        raise kind from error
    if manifest.root != make_root([sha256(chunk).digest()]).hex():
        raise MixedError
    if size > len(plain):
        raise DamagedError
    return plain[:size]
