"""Failures that a client meets on its own side; the server's are `protocol.errors`."""

from __future__ import annotations


class ClientError(Exception):
    """The client could not do that."""

    def __init__(self, message: str | None = None) -> None:
        """Take a sentence of the case at hand, else the class's own."""
        super().__init__(message or (type(self).__doc__ or "").strip())


class AddressError(ClientError):
    """The server's address is not understood. It looks like https://share.example.org."""


class NoConnectionError(ClientError):
    """The server cannot be reached. Check its address and your network."""


class ConnectionLostError(NoConnectionError):
    """The connection to the server was lost."""


class DamagedError(ClientError):
    """The content is damaged or was tampered with. Nothing of it was kept."""


class MisplacedError(DamagedError):
    """A part of the content stands where another belongs."""


class ForeignError(DamagedError):
    """A part of the content was damaged or tampered with, or is of another content or session."""


class CutError(DamagedError):
    """A part of the content, or its end, was cut off: it is damaged."""


class ExtendedError(DamagedError):
    """Something was added to a part of the content, or after its end: it is damaged."""


class MixedError(DamagedError):
    """The parts of the content are not those of one upload: its root does not hold."""


class OtherRootError(DamagedError):
    """The content is not the one whose download was begun: its root is another."""


class IncompleteError(DamagedError):
    """The server lacks a part of a content that it says is complete."""


class RolledBackError(DamagedError):
    """The server gave an older description of the content than before. It is not used."""


class ServerRefusedError(ClientError):
    """The server is not the one that holds this session, or asks for what is not allowed."""


class TermsRefusedError(ServerRefusedError):
    """The server asks for a key derivation that is too weak or too long. Nothing was sent."""


class OverlongError(ServerRefusedError):
    """The server answered with more than was asked for. It is not used; tell whoever runs it."""


class PassphraseChangedError(ClientError):
    """The passphrase of the session was changed. Join again with the new one."""


class FileChangedError(ClientError):
    """The file changed while it was being sent. Share it again."""


class GivenUpError(ClientError):
    """The server heard nothing of it for too long and gave it up. Share it from its beginning."""


class PartsLostError(ClientError):
    """The server loses parts of what is sent. Its operator should look at its disk."""


class TargetExistsError(ClientError):
    """There is a file of this name already. Choose another with --output."""
