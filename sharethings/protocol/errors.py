"""Every failure that a server answers: code, HTTP status, whether trying again can help.

The docstring of a class is the sentence that its user reads. Both planes answer the same
`Failure`; clients turn its code back into the class by `failure_class`.
"""

from __future__ import annotations

from typing import ClassVar

import msgspec


class Failure(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A failure as JSON.

    `missing` names missing chunk indexes as inclusive pairs [first, last] (code
    `chunks_missing`); `limit_bytes` and `available_bytes` go with sizes.
    """

    code: str
    message: str
    retryable: bool = False
    retry_after_seconds: int | None = None
    missing: list[tuple[int, int]] | None = None
    missing_count: int | None = None
    limit_bytes: int | None = None
    available_bytes: int | None = None


class ProtocolError(Exception):
    """The server could not do that. Try again, and tell the operator if it stays."""

    code: ClassVar[str] = "internal"
    status: ClassVar[int] = 500
    retryable: ClassVar[bool] = False

    def __init__(self, message: str | None = None, **details: object) -> None:
        """Take a sentence of the case at hand, else the class's own; `details` go to Failure."""
        super().__init__(message or (type(self).__doc__ or "").strip())
        self.details = details

    def failure(self) -> Failure:
        """Give the failure as it goes on the wire."""
        return msgspec.convert(
            {
                "code": self.code,
                "message": str(self),
                "retryable": self.retryable,
                **self.details,
            },
            Failure,
        )


class InternalError(ProtocolError):
    """The server met a fault of its own. Nothing was stored; try again."""

    retryable = True


class InvalidRequestError(ProtocolError):
    """The request has a missing, unknown or malformed field."""

    code, status = "invalid_request", 400


class NotJoinedError(ProtocolError):
    """Join the session first: this needs a valid token of the session."""

    code, status = "not_joined", 401


class WrongSessionError(ProtocolError):
    """The token belongs to another session."""

    code, status = "wrong_session", 403


class WrongPassphraseError(ProtocolError):
    """The passphrase is not the one of this session, or the session does not exist."""

    code, status = "wrong_passphrase", 403


class NotOwnerError(ProtocolError):
    """Only the owner of the session may do this."""

    code, status = "not_owner", 403


class SessionNotFoundError(ProtocolError):
    """There is no session of this name on the server."""

    code, status = "session_not_found", 404


class ContentNotFoundError(ProtocolError):
    """There is no such content in the session; it may have been removed."""

    code, status = "content_not_found", 404


class ChunkNotFoundError(ProtocolError):
    """This chunk has not arrived at the server yet."""

    code, status, retryable = "chunk_not_found", 404, True


class ChunkDamagedError(ProtocolError):
    """A part of the content is damaged on the server. Whoever has the file can share it again."""

    code, status = "chunk_damaged", 410


class NotFoundError(ProtocolError):
    """There is nothing at this address."""

    code, status = "not_found", 404


class MethodNotAllowedError(ProtocolError):
    """This address does not take that method."""

    code, status = "method_not_allowed", 405


class RequestTimeoutError(ProtocolError):
    """The body did not arrive in time. Try again."""

    code, status, retryable = "request_timeout", 408, True


class ContentConflictError(ProtocolError):
    """A content with this id exists already and is not the same."""

    code, status = "content_conflict", 409


class ChunkConflictError(ProtocolError):
    """Other bytes are stored at this chunk index. An acknowledged chunk is never overwritten."""

    code, status = "chunk_conflict", 409


class ChunksMissingError(ProtocolError):
    """The content cannot be completed: chunks are missing. Send them and complete again."""

    code, status = "chunks_missing", 409


class RevisionConflictError(ProtocolError):
    """The manifest was changed by somebody else meanwhile. Load it and try again."""

    code, status = "revision_conflict", 409


class PinLimitError(ProtocolError):
    """50 contents are pinned in this session already. Unpin one first."""

    code, status = "pin_limit", 409


class LengthRequiredError(ProtocolError):
    """The request must say its Content-Length."""

    code, status = "length_required", 411


class TooLargeError(ProtocolError):
    """The request is larger than this server takes."""

    code, status = "too_large", 413


class EncodingError(ProtocolError):
    """A body with a Content-Encoding is not taken: chunks are sent as they are."""

    code, status = "unsupported_encoding", 415


class RangeError(ProtocolError):
    """The chunk has no bytes in the range asked for."""

    code, status = "range_not_satisfiable", 416


class DigestMismatchError(ProtocolError):
    """The bytes that arrived are not the bytes of the digest. Send the chunk again."""

    code, status, retryable = "digest_mismatch", 422, True


class ChunkMalformedError(ProtocolError):
    """This is not the sealed chunk of this index and size."""

    code, status = "chunk_malformed", 422


class IterationsRefusedError(ProtocolError):
    """The number of key derivation rounds is outside 600,000 to 10,000,000."""

    code, status = "iterations_refused", 422


class SuiteUnknownError(ProtocolError):
    """This cipher suite is unknown here. Update the client or the server."""

    code, status = "suite_unknown", 422


class ThrottledError(ProtocolError):
    """Too many requests. Wait the stated time and try again."""

    code, status, retryable = "throttled", 429, True


class LimitReachedError(ProtocolError):
    """The session holds as many contents or members as this server allows."""

    code, status = "limit_reached", 409


class BusyError(ProtocolError):
    """The server cannot take this now. Wait the stated time and try again."""

    code, status, retryable = "busy", 503, True


class ReadOnlyError(ProtocolError):
    """The server takes nothing new at the moment; what is there can be read. Ask its operator."""

    code, status = "read_only", 503


class QuotaError(ProtocolError):
    """The content does not fit into what this session may still store."""

    code, status = "quota_exceeded", 507


class StorageFullError(ProtocolError):
    """The disk of the server is full. Try again when there is space."""

    code, status, retryable = "storage_full", 507, True


def _walk(base: type[ProtocolError]) -> dict[str, type[ProtocolError]]:
    found: dict[str, type[ProtocolError]] = {}
    for child in base.__subclasses__():
        found[child.code] = child
        found.update(_walk(child))
    return found


ERRORS: dict[str, type[ProtocolError]] = _walk(ProtocolError)
"""Each code and its class; docs/protocol.md lists them and a test compares."""


def error_of(failure: Failure) -> ProtocolError:
    """Turn a received failure into the exception of its code; unknown codes stay readable."""
    kind = ERRORS.get(failure.code, ProtocolError)
    details = {
        field: value
        for field, value in msgspec.structs.asdict(failure).items()
        if field not in {"code", "message", "retryable"} and value is not None
    }
    return kind(failure.message, **details)
