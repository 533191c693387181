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


class ServerRefusedError(ClientError):
    """The server is not the one that holds this session, or asks for what is not allowed."""


class PassphraseChangedError(ClientError):
    """The passphrase of the session was changed. Join again with the new one."""


class FileChangedError(ClientError):
    """The file changed while it was being sent. Share it again."""


class TargetExistsError(ClientError):
    """There is a file of this name already. Choose another with --output."""
