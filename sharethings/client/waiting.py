"""What a member is told while its session waits: why, once, and that it goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sharethings.client.errors import NoConnectionError
from sharethings.client.retry import asked_seconds, clock_after
from sharethings.protocol.errors import BusyError, InternalError, StorageFullError, ThrottledError

if TYPE_CHECKING:
    from collections.abc import Callable


UNTIL_SECONDS = 10
"""Who is asked to wait so long is told until when."""


class Waiting:
    """Why a session waits. The shortest waits (throttles, damaged requests) are not told."""

    def __init__(self, say: Callable[[str], None], url: str) -> None:
        """Take who tells the member, and the server's address."""
        self._say = say
        self._reasons: list[tuple[tuple[type[Exception], ...], str, str | None]] = [
            (
                (NoConnectionError,),
                f"The connection to {url} is lost",
                "waiting for the server",
            ),
            (
                (StorageFullError,),
                "The disk of the server has no room for this",
                "waiting for space",
            ),
            ((BusyError, InternalError), "The server cannot take this now", "trying again"),
            ((ThrottledError,), "The server takes no more from here for a while", None),
        ]
        self._told: str | None = None

    def begin(self, error: Exception) -> None:
        """Tell why, and until when if the server asks for long; not what was told last.

        Space does not come with time: of that no moment is told.
        """
        asked = asked_seconds(error) or 0
        is_timed = asked >= UNTIL_SECONDS and not isinstance(error, StorageFullError)
        for kinds, reason, usual in self._reasons:
            then = f"waiting until {clock_after(asked)}" if is_timed else usual
            sentence = f"{reason}; {then}…"
            if isinstance(error, kinds) and then is not None and sentence != self._told:
                self._told = sentence
                self._say(sentence)

    def end(self) -> None:
        """Tell that it goes on, if a wait was told."""
        if self._told is not None:
            self._told = None
            self._say("It goes on.")
