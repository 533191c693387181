"""From names and passphrases to ids and the root key (protocol.md 2 and 3)."""

from __future__ import annotations

import hmac
from hashlib import pbkdf2_hmac

from sharethings.crypto.errors import LimitError
from sharethings.crypto.keys import KEY_BYTES, label, norm, u32
from sharethings.protocol.limits import (
    KDF_ITERATIONS_DEFAULT,
    KDF_ITERATIONS_MAX,
    SESSION_NAME_MAX_BYTES,
    SUITE,
)


def derive_session_id(realm: bytes, session_name: str) -> bytes:
    """Give the 32 bytes that stand for a session's name on the server with this 16-byte realm.

    Raises LimitError unless the name has 1 to 255 bytes in normal form.
    """
    name = norm(session_name)
    if not 1 <= len(name) <= SESSION_NAME_MAX_BYTES:
        raise LimitError
    return hmac.digest(realm, label("session name") + name, "sha256")


def derive_root_key(passphrase: str, session_id: bytes, salt: bytes, iterations: int) -> bytes:
    """Give the 32-byte root key by PBKDF2-HMAC-SHA-256; takes some 0.2 s for 600,000 rounds.

    Raises LimitError before deriving when a server asks for less than 600,000 rounds (it would
    weaken the key) or more than 10,000,000 (it would stall the client).
    """
    if not KDF_ITERATIONS_DEFAULT <= iterations <= KDF_ITERATIONS_MAX:
        raise LimitError
    kdf_salt = label("kdf") + bytes([SUITE]) + u32(iterations) + session_id + salt
    return pbkdf2_hmac("sha256", norm(passphrase), kdf_salt, iterations, KEY_BYTES)
