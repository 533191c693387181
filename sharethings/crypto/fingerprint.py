"""The fingerprint: how a client proves the passphrase and knows the server (protocol.md 4)."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from hashlib import sha256

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sharethings.crypto.errors import AuthenticationError
from sharethings.crypto.keys import aad, derive, label
from sharethings.protocol.limits import SUITE


@dataclass(frozen=True, slots=True, repr=False)
class Fingerprint:
    """Three 32-byte values; the client keeps `client_key`, the server gets the other two."""

    client_key: bytes
    fingerprint_data: bytes
    server_key: bytes


def make_fingerprint(root_key: bytes, session_id: bytes, fingerprint_iv: bytes) -> Fingerprint:
    """Seal the fingerprint text with its own key (iv: 12 bytes); the result itself is not kept."""
    key = derive(root_key, "fingerprint key", session_id)
    text = derive(root_key, "fingerprint text", session_id)
    sealed = AESGCM(key).encrypt(fingerprint_iv, text, aad("F", 1, session_id))
    client_key = sha256(label("client key") + sealed).digest()
    return Fingerprint(
        client_key,
        sha256(label("stored key") + client_key).digest(),
        derive(root_key, "server key", session_id),
    )


def _auth_message(session_id: bytes, client_nonce: bytes, server_nonce: bytes) -> bytes:
    return label("auth") + bytes([SUITE]) + session_id + client_nonce + server_nonce


def make_proof(
    fingerprint: Fingerprint, session_id: bytes, client_nonce: bytes, server_nonce: bytes
) -> bytes:
    """Give the 32-byte proof for a challenge; worthless for any other."""
    message = _auth_message(session_id, client_nonce, server_nonce) + b"C"
    mask = hmac.digest(fingerprint.fingerprint_data, message, "sha256")
    return bytes(a ^ b for a, b in zip(fingerprint.client_key, mask, strict=True))


def make_signature(
    server_key: bytes, session_id: bytes, client_nonce: bytes, server_nonce: bytes, proof: bytes
) -> bytes:
    """Give the 32 bytes by which a server shows that it holds the session's row."""
    message = _auth_message(session_id, client_nonce, server_nonce) + proof + b"S"
    return hmac.digest(server_key, message, "sha256")


def check_signature(expected: bytes, received: bytes) -> None:
    """Raise AuthenticationError unless the server's signature is the expected one."""
    if not hmac.compare_digest(expected, received):
        raise AuthenticationError
