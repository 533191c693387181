"""Who may ask something of the bulk plane, and how much at a time."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from aiohttp import hdrs

from sharethings.core.throttle import Pace
from sharethings.protocol.errors import (
    InvalidRequestError,
    NotJoinedError,
    ThrottledError,
    WrongSessionError,
)

if TYPE_CHECKING:
    from aiohttp import web

    from sharethings.config import Settings
    from sharethings.core.clock import Clock
    from sharethings.core.tokens import Tokens
    from sharethings.records import Member

CONTENT_ID = re.compile(r"[0-9a-f]{32}")
INDEX = re.compile(r"0|[1-9][0-9]{0,6}")


class Traffic:
    """What one token is doing on the bulk plane."""

    __slots__ = ("at_once", "pace")

    def __init__(self, pace: Pace) -> None:
        """Start with nothing under way."""
        self.pace = pace
        self.at_once = 0


class Gate:
    """Lets requests of members through: so many a second, and so many at once."""

    def __init__(self, tokens: Tokens, settings: Settings, clock: Clock) -> None:
        """Take the tokens and the limits."""
        self._tokens = tokens
        self._settings = settings
        self._clock = clock
        self._traffic: dict[tuple[str, str], Traffic] = {}

    def member(self, request: web.Request) -> Member:
        """Give who asks. Raises NotJoinedError, WrongSessionError."""
        scheme, _, token = request.headers.get(hdrs.AUTHORIZATION, "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise NotJoinedError
        member = self._tokens.resolve(token.strip())
        if member.session_id != request.match_info["session_id"]:
            raise WrongSessionError
        return member

    def begin(self, member: Member) -> Traffic:
        """Count a request in; who answers it takes one off `at_once`. Raises ThrottledError."""
        key = (member.session_id, member.member_id)
        traffic = self._traffic.get(key)
        if traffic is None:
            self._forget_idle()
            rate = self._settings.bulk_requests_per_second
            traffic = self._traffic[key] = Traffic(Pace(rate, rate, self._clock))
        if traffic.at_once >= self._settings.bulk_requests_at_once or traffic.pace.take() > 0:
            raise ThrottledError(retry_after_seconds=1)
        traffic.at_once += 1
        return traffic

    def _forget_idle(self) -> None:
        idle = [key for key, one in self._traffic.items() if not one.at_once and one.pace.full]
        for key in idle:
            del self._traffic[key]


def content_of(request: web.Request) -> str:
    """Give the content_id of the path. Raises InvalidRequestError."""
    content_id = request.match_info["content_id"]
    if CONTENT_ID.fullmatch(content_id) is None:
        raise InvalidRequestError("content_id: 32 hex digits in lower case.")
    return content_id


def index_of(text: str) -> int:
    """Read a chunk index. Raises InvalidRequestError."""
    if INDEX.fullmatch(text) is None:
        raise InvalidRequestError("chunk index: a number from 0 to 1048575.")
    return int(text)
