"""What is sent to somebody who may have left."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aiohttp import web


@contextmanager
def said_as_left(request: web.BaseRequest) -> Iterator[None]:
    """Raise ConnectionResetError, aiohttp's word for it, for whoever has left meanwhile."""
    try:
        yield
    except (TimeoutError, BrokenPipeError) as error:
        # the kernel's: for who does not read (send_stall_seconds), and for who is gone (sendfile)
        raise ConnectionResetError from error
    except RuntimeError as error:  # asyncio's, of a connection that is closing
        if request.transport is not None and not request.transport.is_closing():
            raise
        raise ConnectionResetError from error
