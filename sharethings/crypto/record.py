"""Records that a client keeps for itself about a session, in files of its own machine.

Each is nonce(12) || AES-256-GCM, bound to its number in its file, so that none can be moved,
repeated or left out in the middle. They never travel.
"""

from __future__ import annotations

import hmac

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sharethings.crypto.errors import AuthenticationError
from sharethings.crypto.keys import NONCE_BYTES, TAG_BYTES, derive, u32

NAME_BYTES = 16


class RecordCipher:
    """Seals and opens the records of one file."""

    def __init__(self, session_key: bytes, session_id: bytes, epoch: int, salt: bytes) -> None:
        """Derive the key of a file with this salt (16 random bytes)."""
        context = session_id + u32(epoch) + salt
        self._cipher = AESGCM(derive(session_key, "unfinished", context))

    def seal(self, number: int, nonce: bytes, plain: bytes) -> bytes:
        """Seal record `number` under a nonce that is used once (12 random bytes)."""
        return nonce + self._cipher.encrypt(nonce, plain, u32(number))

    def open(self, number: int, sealed: bytes) -> bytes:
        """Open record `number`. Raises AuthenticationError."""
        if len(sealed) < NONCE_BYTES + TAG_BYTES:
            raise AuthenticationError
        try:
            return self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], u32(number))
        except InvalidTag:
            raise AuthenticationError from None


def record_name(session_key: bytes, session_id: bytes, about: bytes) -> str:
    """Give the name of the file about something: 32 hex digits that tell nothing of it."""
    key = derive(session_key, "unfinished name", session_id)
    return hmac.digest(key, about, "sha256")[:NAME_BYTES].hex()
