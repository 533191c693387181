"""Count what is answered over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import hdrs, web

from sharethings.metrics import OK
from sharethings.protocol.bulk import SOCKET_PATH
from sharethings.transport.http.errors import CODE

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sharethings.metrics import Metrics

BULK_PATH = "/api/v1/sessions/"


def count_answers(
    metrics: Metrics,
) -> Callable[[web.Request, web.StreamResponse], Awaitable[None]]:
    """Give what counts an answer that is about to start, for aiohttp's `on_response_prepare`."""

    async def count(request: web.Request, response: web.StreamResponse) -> None:
        if request.path.startswith(SOCKET_PATH):
            return  # the control plane counts its events
        is_bulk = request.path.startswith(BULK_PATH)
        outcome = response.get(CODE, OK)
        metrics.count_request("bulk" if is_bulk else "page", outcome)
        if not is_bulk or outcome != OK:
            return
        if request.method == hdrs.METH_PUT:
            metrics.count_bytes("in", request.content_length or 0)
        elif request.method == hdrs.METH_GET:
            metrics.count_bytes("out", response.content_length or 0)

    return count
