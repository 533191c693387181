"""Failures of the HTTP plane: translated here and nowhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import structlog
from aiohttp import web

from sharethings.protocol.errors import (
    InternalError,
    InvalidRequestError,
    MethodNotAllowedError,
    NotFoundError,
    ProtocolError,
    RequestTimeoutError,
    TooLargeError,
)

if TYPE_CHECKING:
    from aiohttp.typedefs import Handler

CODE = web.ResponseKey("code", str)
"""Where a response that is a failure carries its code, to be counted."""
log = structlog.get_logger(__name__)


def failure_response(error: ProtocolError) -> web.Response:
    """Answer a failure as JSON with its status; the connection closes when a body is unread."""
    failure = error.failure()
    headers = {"Cache-Control": "no-store"}
    if failure.retry_after_seconds is not None:
        headers["Retry-After"] = str(failure.retry_after_seconds)
    response = web.Response(
        body=msgspec.json.encode({"error": failure}),
        status=error.status,
        content_type="application/json",
        headers=headers,
    )
    response[CODE] = error.code
    return response


def _of_http(error: web.HTTPException) -> ProtocolError | None:
    kinds: dict[int, type[ProtocolError]] = {
        404: NotFoundError,
        405: MethodNotAllowedError,
        408: RequestTimeoutError,
        413: TooLargeError,
    }
    if error.status in kinds:
        return kinds[error.status]()
    if error.status >= 400:  # noqa: PLR2004 - where failures begin
        return InvalidRequestError(error.reason)
    return None


@web.middleware
async def translate_failures(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn every exception of a handler into an answer."""
    try:
        return await handler(request)
    except ProtocolError as error:
        response = failure_response(error)
    except web.HTTPException as error:
        failure = _of_http(error)
        if failure is None:
            raise
        response = failure_response(failure)
    except ConnectionResetError:
        raise
    except Exception:
        log.exception("request_failed", method=request.method)
        response = failure_response(InternalError())
    if request.body_exists and not request.content.at_eof():
        response.force_close()
    return response
