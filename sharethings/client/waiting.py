"""What a member is told while its session waits: why, once, and that it goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sharethings.client.errors import NoConnectionError
from sharethings.protocol.errors import BusyError, InternalError, StorageFullError

if TYPE_CHECKING:
    from collections.abc import Callable


class Waiting:
    """Why a session waits. The shortest waits (throttles, damaged requests) are not told."""

    def __init__(self, say: Callable[[str], None], url: str) -> None:
        """Take who tells the member, and the server's address."""
        self._say = say
        self._sentences: list[tuple[tuple[type[Exception], ...], str]] = [
            (
                (NoConnectionError,),
                f"The connection to {url} is lost; waiting for the server…",
            ),
            (
                (StorageFullError,),
                "The disk of the server has no room for this; waiting for space…",
            ),
            ((BusyError, InternalError), "The server cannot take this now; trying again…"),
        ]
        self._told: str | None = None

    def begin(self, error: Exception) -> None:
        """Tell why, unless that was the last thing told."""
        for kinds, sentence in self._sentences:
            if isinstance(error, kinds) and sentence != self._told:
                self._told = sentence
                self._say(sentence)

    def end(self) -> None:
        """Tell that it goes on, if a wait was told."""
        if self._told is not None:
            self._told = None
            self._say("It goes on.")
