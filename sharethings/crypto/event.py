"""Sealed events: names, typing, receipts, signalling (protocol.md 7)."""

from __future__ import annotations

from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sharethings.crypto.errors import AuthenticationError, FormatError, SuiteError
from sharethings.crypto.keys import MAGIC, TAG_BYTES, aad, derive, u32
from sharethings.crypto.manifest import pad_json, read_object
from sharethings.protocol.limits import SUITE

KIND_PASSING = 0x20
KIND_KEPT = 0x21
PAD_BYTES = 64
HEADER_BYTES = 28


class EventCipher:
    """Seals and opens the events of one member in one epoch."""

    def __init__(self, session_key: bytes, session_id: bytes, epoch: int, member_id: bytes) -> None:
        """Derive the member's event key (member_id: 16 random bytes of this join)."""
        self._cipher = AESGCM(derive(session_key, "event", session_id + u32(epoch) + member_id))
        self._session_id = session_id
        self._member_id = member_id

    def _bound(self, kind: int, seq: bytes) -> bytes:
        return aad("E", kind, self._session_id, self._member_id, seq)

    def seal(self, seq: int, plain: bytes, *, kept: bool) -> bytes:
        """Seal a JSON object; a seq is used once in a member's life."""
        kind = KIND_KEPT if kept else KIND_PASSING
        number = seq.to_bytes(8, "big")
        sealed = self._cipher.encrypt(
            u32(0) + number, pad_json(plain, PAD_BYTES), self._bound(kind, number)
        )
        return MAGIC + bytes([SUITE, kind]) + self._member_id + number + sealed

    def open(self, event: bytes) -> tuple[int, dict[str, Any]]:
        """Give (seq, the JSON object). Raises FormatError, SuiteError, AuthenticationError."""
        if len(event) < HEADER_BYTES + TAG_BYTES or event[:2] != MAGIC:
            raise FormatError
        if event[2] != SUITE:
            raise SuiteError
        if event[3] not in {KIND_PASSING, KIND_KEPT} or event[4:20] != self._member_id:
            raise FormatError
        number = event[20:HEADER_BYTES]
        try:
            plain = self._cipher.decrypt(
                u32(0) + number, event[HEADER_BYTES:], self._bound(event[3], number)
            )
        except InvalidTag:
            raise AuthenticationError from None
        return int.from_bytes(number, "big"), read_object(plain)
