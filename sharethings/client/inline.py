"""Small contents: their only chunk travels in the row and is opened without asking the server."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from sharethings.client.errors import DamagedError
from sharethings.crypto.chunk import make_root
from sharethings.crypto.errors import CryptoError
from sharethings.protocol.ids import decode_bytes

if TYPE_CHECKING:
    from sharethings.client.contents import Content
    from sharethings.client.keys import SessionKeys


def open_inline(keys: SessionKeys, content: Content) -> bytes:
    """Give the plain bytes, without padding, of a content whose row carries its chunk.

    Raises DamagedError when the chunk is not the one of the manifest's root.
    """
    row, manifest = content.row, content.manifest
    cipher = keys.chunk_cipher(keys.content_key(row), row.blob_id, manifest.chunk_size)
    try:
        chunk = decode_bytes(row.chunk or "")
        plain = cipher.open(0, chunk, last=True)
    except (CryptoError, ValueError) as error:
        raise DamagedError from error
    size = manifest.size
    if size is None or size > len(plain) or manifest.chunks != 1:
        raise DamagedError
    if manifest.root != make_root([sha256(chunk).digest()]).hex():
        raise DamagedError
    return plain[:size]
