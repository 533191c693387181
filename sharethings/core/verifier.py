"""The server's side of the proof of a passphrase (protocol.md 4, shaped after RFC 5802).

Needs SHA-256 and HMAC alone: the server holds no key that opens anything.
"""

from __future__ import annotations

import hashlib
import hmac

LABEL_AUTH = b"ShareThings/1 auth\0"
LABEL_STORED_KEY = b"ShareThings/1 stored key\0"
SUITE = 1


def _auth_message(session_id: bytes, client_nonce: bytes, server_nonce: bytes) -> bytes:
    return LABEL_AUTH + bytes([SUITE]) + session_id + client_nonce + server_nonce


def verify_proof(
    fingerprint_data: bytes,
    session_id: bytes,
    client_nonce: bytes,
    server_nonce: bytes,
    proof: bytes,
) -> bool:
    """Say whether `proof` (32 bytes) was made with the passphrase behind `fingerprint_data`.

    All arguments are 32 bytes; the comparison takes constant time.
    """
    message = _auth_message(session_id, client_nonce, server_nonce) + b"C"
    mask = hmac.digest(fingerprint_data, message, hashlib.sha256)
    client_key = bytes(a ^ b for a, b in zip(proof, mask, strict=True))
    stored = hashlib.sha256(LABEL_STORED_KEY + client_key).digest()
    return hmac.compare_digest(stored, fingerprint_data)


def sign(
    server_key: bytes, session_id: bytes, client_nonce: bytes, server_nonce: bytes, proof: bytes
) -> bytes:
    """Give the server's 32-byte answer to a good proof, by which the client knows the server."""
    message = _auth_message(session_id, client_nonce, server_nonce) + proof + b"S"
    return hmac.digest(server_key, message, hashlib.sha256)
