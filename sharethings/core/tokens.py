"""Tokens: 32 random bytes that stand for a member on the bulk plane (protocol.md 4).

The server keeps only their SHA-256, in memory. A token lives as long as its connection and
60 s more, 12 h at most; it ends at once when the member leaves.
"""

from __future__ import annotations

import hashlib
import math
import secrets
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sharethings.protocol.errors import NotJoinedError
from sharethings.protocol.ids import decode_bytes, encode_bytes

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from sharethings.core.clock import Clock
    from sharethings.records import Member

GRACE_SECONDS = 60.0
LIFETIME_SECONDS = 12 * 3600.0
TOKEN_BYTES = 32


@dataclass(slots=True)
class _Entry:
    member: Member
    ends_at: float
    used_at: float


class Tokens:
    """All tokens of this process."""

    def __init__(self, clock: Clock) -> None:
        """Start with none."""
        self._clock = clock
        self._entries: dict[bytes, _Entry] = {}
        self._released: deque[tuple[float, bytes]] = deque()

    def mint(self, member: Member) -> str:
        """Make a token for a member who has just joined."""
        self._drop_released()
        token = secrets.token_bytes(TOKEN_BYTES)
        now = self._clock.monotonic()
        self._entries[hashlib.sha256(token).digest()] = _Entry(member, now + LIFETIME_SECONDS, now)
        return encode_bytes(token)

    def resolve(self, token: str) -> Member:
        """Give the member. Raises NotJoinedError for an unknown, malformed or ended token."""
        try:
            entry = self._entries.get(hashlib.sha256(decode_bytes(token)).digest())
        except ValueError:
            entry = None
        now = self._clock.monotonic()
        if entry is None or entry.ends_at <= now:
            raise NotJoinedError
        entry.used_at = now
        return entry.member

    def used_at(self, token: str) -> float:
        """Give when the token was minted or last resolved, monotonic; -inf when it has ended."""
        entry = self._entries.get(hashlib.sha256(decode_bytes(token)).digest())
        return -math.inf if entry is None else entry.used_at

    def release(self, token: str) -> None:
        """Let the token end 60 s from now, if not before: its connection is gone."""
        key = hashlib.sha256(decode_bytes(token)).digest()
        entry = self._entries.get(key)
        if entry is not None:
            ends_at = self._clock.monotonic() + GRACE_SECONDS
            entry.ends_at = min(entry.ends_at, ends_at)
            self._released.append((ends_at, key))

    def revoke(self, token: str) -> None:
        """End the token now."""
        self._entries.pop(hashlib.sha256(decode_bytes(token)).digest(), None)

    def revoke_sessions(self, session_ids: AbstractSet[str]) -> None:
        """End all tokens of sessions that are gone."""
        gone = [
            key for key, entry in self._entries.items() if entry.member.session_id in session_ids
        ]
        for key in gone:
            del self._entries[key]

    def _drop_released(self) -> None:
        """Forget those that were released and have ended; to look at all costs as they are many."""
        now = self._clock.monotonic()
        while self._released and self._released[0][0] <= now:
            self._entries.pop(self._released.popleft()[1], None)
