"""The manifest: the sealed description of a content (protocol.md 6)."""

from __future__ import annotations

from typing import Any

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sharethings.crypto.errors import AuthenticationError, FormatError, LimitError, SuiteError
from sharethings.crypto.keys import MAGIC, NONCE_BYTES, TAG_BYTES, aad, derive, u32
from sharethings.protocol.limits import MANIFEST_MAX_BYTES, MANIFEST_PLAIN_MAX_BYTES, SUITE

KIND_MANIFEST = 4
PAD_BYTES = 256
HEADER_BYTES = 8


def pad_json(plain: bytes, multiple: int) -> bytes:
    """Add spaces up to a multiple of so many bytes: JSON stays JSON, lengths say less."""
    return plain + b" " * (-len(plain) % multiple)


def _key(content_key: bytes, session_id: bytes, content_id: bytes) -> AESGCM:
    return AESGCM(derive(content_key, "manifest", session_id + content_id))


def _bound(session_id: bytes, content_id: bytes, revision: int) -> bytes:
    return aad("M", KIND_MANIFEST, session_id, content_id, u32(revision), u32(0))


def seal_manifest(
    content_key: bytes,
    session_id: bytes,
    content_id: bytes,
    revision: int,
    nonce: bytes,
    plain: bytes,
) -> bytes:
    """Seal a JSON object. Raises LimitError above 16 KiB."""
    padded = pad_json(plain, PAD_BYTES)
    if len(padded) > MANIFEST_PLAIN_MAX_BYTES:
        raise LimitError
    sealed = _key(content_key, session_id, content_id).encrypt(
        nonce, padded, _bound(session_id, content_id, revision)
    )
    return MAGIC + bytes([SUITE, KIND_MANIFEST]) + u32(revision) + nonce + sealed


def open_manifest(
    content_key: bytes, session_id: bytes, content_id: bytes, manifest: bytes
) -> tuple[int, dict[str, Any]]:
    """Give (revision, the JSON object with all members, known or not).

    Raises FormatError, SuiteError, AuthenticationError.
    """
    smallest = HEADER_BYTES + NONCE_BYTES + TAG_BYTES
    if not smallest <= len(manifest) <= MANIFEST_MAX_BYTES or manifest[:2] != MAGIC:
        raise FormatError
    if manifest[2] != SUITE:
        raise SuiteError
    if manifest[3] != KIND_MANIFEST:
        raise FormatError
    revision = int.from_bytes(manifest[4:8], "big")
    nonce = manifest[HEADER_BYTES : HEADER_BYTES + NONCE_BYTES]
    try:
        plain = _key(content_key, session_id, content_id).decrypt(
            nonce, manifest[HEADER_BYTES + NONCE_BYTES :], _bound(session_id, content_id, revision)
        )
    except InvalidTag:
        raise AuthenticationError from None
    return revision, read_object(plain)


def read_object(plain: bytes) -> dict[str, Any]:
    """Read a JSON object. Raises FormatError for anything else."""
    try:
        return msgspec.json.decode(plain, type=dict[str, Any])
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError):
        raise FormatError from None
