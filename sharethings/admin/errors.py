"""Why an act of the operator was not done; each message says what to do."""

from __future__ import annotations

from typing import Literal

import msgspec

Kind = Literal["usage", "not_found", "space", "unusable", "unexpected"]


class AdminError(Exception):
    """The act was not done; `kind` gives the exit code."""

    kind: Kind = "unexpected"


class UsageError(AdminError):
    """What was asked makes no sense."""

    kind: Kind = "usage"


class NotFoundError(AdminError):
    """What was named is not there."""

    kind: Kind = "not_found"


class SpaceError(AdminError):
    """The disk has no room for it."""

    kind: Kind = "space"


class UnusableError(AdminError):
    """The data directory, database or backup cannot be used."""

    kind: Kind = "unusable"


ERRORS: dict[str, type[AdminError]] = {
    kind.kind: kind for kind in (UsageError, NotFoundError, SpaceError, UnusableError, AdminError)
}


class Failure(msgspec.Struct, frozen=True):
    """An AdminError as the socket carries it."""

    kind: Kind
    message: str

    def error(self) -> AdminError:
        """Give the error that it stands for."""
        return ERRORS[self.kind](self.message)
