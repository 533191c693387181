"""Links: a session's name and passphrase in a fragment, with a check (protocol.md 4)."""

from __future__ import annotations

import hmac
from hashlib import sha256

from sharethings.crypto.errors import AuthenticationError, FormatError, LimitError
from sharethings.crypto.keys import label, norm
from sharethings.protocol.ids import decode_bytes, encode_bytes
from sharethings.protocol.limits import SESSION_NAME_MAX_BYTES

VERSION = 1
NO_FLAGS = 0
CHECK_BYTES = 4
HEADER_BYTES = 3


def make_link(session_name: str, passphrase: str) -> str:
    """Give what follows `#s=`. Raises LimitError unless the name has 1 to 255 bytes."""
    name = norm(session_name)
    if not 1 <= len(name) <= SESSION_NAME_MAX_BYTES:
        raise LimitError
    body = bytes([VERSION, NO_FLAGS, len(name)]) + name + norm(passphrase)
    return encode_bytes(body + sha256(label("link") + body).digest()[:CHECK_BYTES])


def read_link(text: str) -> tuple[str, str]:
    """Give (session name, passphrase).

    Raises FormatError for what is no link of v1, AuthenticationError for one with a typo.
    """
    try:
        data = decode_bytes(text)
    except ValueError:
        raise FormatError from None
    if len(data) < HEADER_BYTES + CHECK_BYTES or data[0] != VERSION:
        raise FormatError
    body, check = data[:-CHECK_BYTES], data[-CHECK_BYTES:]
    if not hmac.compare_digest(sha256(label("link") + body).digest()[:CHECK_BYTES], check):
        raise AuthenticationError
    end = HEADER_BYTES + body[2]
    try:
        return body[HEADER_BYTES:end].decode(), body[end:].decode()
    except UnicodeDecodeError:
        raise FormatError from None
