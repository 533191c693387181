"""Why a server cannot be reached, and what its member can do about it."""

from __future__ import annotations

import ssl

import aiohttp

from sharethings.client.errors import NoConnectionError


class RedirectedError(aiohttp.ClientConnectionError):
    """A server sent who asked it to the address that stands here."""


def unreachable(url: str, error: Exception) -> NoConnectionError:
    """Turn a failure to connect into the sentence for it."""
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return NoConnectionError(
            f"The certificate of {url} is not trusted: {_why_not(error.certificate_error)}. "
            "If the server is yours, name the certificate to trust with --ca-file."
        )
    return NoConnectionError(f"{url} cannot be reached: {_reason(error)}")


def _why_not(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return error.verify_message.rstrip(".")
    return str(error)


_REASONS: list[tuple[type[Exception], str]] = [
    (aiohttp.ClientConnectorDNSError, "no machine of this name was found. Check the address."),
    (
        aiohttp.ClientSSLError,
        "it does not speak TLS at this address. Check the port, and https or http.",
    ),
    (TimeoutError, "it does not answer. Check the address and your network."),
    (
        ConnectionRefusedError,
        "nothing listens there. Check the address, and whether the server runs.",
    ),
]


def _reason(error: Exception) -> str:
    if isinstance(error, RedirectedError):
        return f"it sends whoever asks to {error}. If that is your server, use its address."
    cause = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error
    for kind, reason in _REASONS:
        if isinstance(error, kind) or isinstance(cause, kind):
            return reason
    if isinstance(cause, OSError) and cause.strerror:
        return f"{cause.strerror}. Check the address and your network."
    return "the connection was cut. Check the address and your network."
