"""Boxes: the session key under the root key, content keys under the session key (protocol.md 5).

100 bytes each: "ST" suite kind epoch(4) || nonce(12) || commit(32) || sealed key(48). The
commitment closes AES-GCM's key ambiguity.
"""

from __future__ import annotations

import hmac

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sharethings.crypto.errors import AuthenticationError, FormatError, SuiteError
from sharethings.crypto.keys import MAGIC, aad, derive, u32
from sharethings.protocol.limits import BOX_BYTES, SUITE

KIND_KEY_BOX = 2
KIND_CONTENT_BOX = 3
_NO_REVISION = u32(0)


def _parse(box: bytes, kind: int) -> tuple[int, bytes, bytes, bytes]:
    if len(box) != BOX_BYTES or box[:2] != MAGIC:
        raise FormatError
    if box[2] != SUITE:
        raise SuiteError
    if box[3] != kind:
        raise FormatError
    return int.from_bytes(box[4:8], "big"), box[8:20], box[20:52], box[52:]


def _open(key: bytes, nonce: bytes, sealed: bytes, bound: bytes) -> bytes:
    try:
        return AESGCM(key).decrypt(nonce, sealed, bound)
    except InvalidTag:
        raise AuthenticationError from None


def _join(kind: int, epoch: int, nonce: bytes, commit: bytes, sealed: bytes) -> bytes:
    return MAGIC + bytes([SUITE, kind]) + u32(epoch) + nonce + commit + sealed


def _key_commit(root_key: bytes, session_id: bytes, epoch: int, nonce: bytes) -> bytes:
    return derive(root_key, "box commit", session_id + u32(epoch) + nonce)


def seal_key_box(
    root_key: bytes, session_id: bytes, epoch: int, nonce: bytes, session_key: bytes
) -> bytes:
    """Seal the 32-byte session key of an epoch."""
    key = derive(root_key, "box key", session_id + u32(epoch))
    bound = aad("K", KIND_KEY_BOX, session_id, u32(epoch), _NO_REVISION)
    sealed = AESGCM(key).encrypt(nonce, session_key, bound)
    return _join(
        KIND_KEY_BOX, epoch, nonce, _key_commit(root_key, session_id, epoch, nonce), sealed
    )


def open_key_box(root_key: bytes, session_id: bytes, box: bytes) -> tuple[int, bytes]:
    """Give (epoch, session key). Raises FormatError, SuiteError, AuthenticationError."""
    epoch, nonce, commit, sealed = _parse(box, KIND_KEY_BOX)
    if not hmac.compare_digest(commit, _key_commit(root_key, session_id, epoch, nonce)):
        raise AuthenticationError
    key = derive(root_key, "box key", session_id + u32(epoch))
    bound = aad("K", KIND_KEY_BOX, session_id, u32(epoch), _NO_REVISION)
    return epoch, _open(key, nonce, sealed, bound)


def _content_wrap(session_key: bytes, session_id: bytes, epoch: int, content_id: bytes) -> bytes:
    return derive(session_key, "content wrap", session_id + u32(epoch) + content_id)


def seal_content_box(
    session_key: bytes,
    session_id: bytes,
    epoch: int,
    content_id: bytes,
    nonce: bytes,
    content_key: bytes,
) -> bytes:
    """Seal the 32-byte key of one content."""
    key = _content_wrap(session_key, session_id, epoch, content_id)
    bound = aad("W", KIND_CONTENT_BOX, session_id, content_id, u32(epoch), _NO_REVISION)
    sealed = AESGCM(key).encrypt(nonce, content_key, bound)
    commit = derive(content_key, "content commit", session_id + content_id)
    return _join(KIND_CONTENT_BOX, epoch, nonce, commit, sealed)


def open_content_box(session_key: bytes, session_id: bytes, content_id: bytes, box: bytes) -> bytes:
    """Give the content's key. Raises FormatError, SuiteError, AuthenticationError."""
    epoch, nonce, commit, sealed = _parse(box, KIND_CONTENT_BOX)
    key = _content_wrap(session_key, session_id, epoch, content_id)
    bound = aad("W", KIND_CONTENT_BOX, session_id, content_id, u32(epoch), _NO_REVISION)
    content_key = _open(key, nonce, sealed, bound)
    expected = derive(content_key, "content commit", session_id + content_id)
    if not hmac.compare_digest(commit, expected):
        raise AuthenticationError
    return content_key
