"""Why bytes were refused: a kind and no detail, so that nothing can be learnt from the reply."""

from __future__ import annotations

from typing import ClassVar


class CryptoError(Exception):
    """The bytes were refused."""

    kind: ClassVar[str] = "any"

    def __init__(self) -> None:
        super().__init__((type(self).__doc__ or "").strip())


class FormatError(CryptoError):
    """These bytes do not have the form that protocol v1 gives them."""

    kind = "format"


class SuiteError(CryptoError):
    """These bytes were sealed by a newer version. Update this client."""

    kind = "suite"


class AuthenticationError(CryptoError):
    """These bytes were not sealed with this key for this place, or were changed since."""

    kind = "authentication"


class LimitError(CryptoError):
    """A value is outside what protocol v1 allows."""

    kind = "limit"
