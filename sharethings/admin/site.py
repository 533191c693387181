"""The unix socket of a running server: an act comes in, lines of JSON go out; and metrics.

Lines with `progress` come while the act runs; the last line has `report` or `failure`. Only the
user of the server may connect (0600 in a 0700 directory): there is no other credential.
"""

from __future__ import annotations

import asyncio
import os
import socket
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import msgspec
import structlog
from aiohttp import web

from sharethings.admin.acts import Act
from sharethings.admin.doors import answer
from sharethings.admin.errors import AdminError, Failure, Kind
from sharethings.admin.measure import measure
from sharethings.metrics import CONTENT_TYPE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path

    from sharethings.admin.place import Place
    from sharethings.admin.reports import Report
    from sharethings.metrics import Metrics
    from sharethings.transport.listening import Door

SOCKET_NAME = "admin.sock"
PATH_MAX_BYTES = 100
"""The kernel takes 107 bytes (unix(7), sun_path); longer paths are reached by a descriptor."""
METRICS_HOST = "127.0.0.1"
"""Where metrics are given beside the socket, if at all: without a credential, so nowhere else."""
ACT_MAX_BYTES = 64 * 1024
log = structlog.get_logger(__name__)


class Line(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line of an answer; exactly one field is set."""

    progress: tuple[int, int] | None = None
    report: Any = None
    failure: Failure | None = None


@contextmanager
def short_path(path: Path) -> Iterator[str]:
    """Give a name of `path` that fits a socket address while the block runs."""
    if len(os.fsencode(path)) <= PATH_MAX_BYTES:
        yield str(path)
        return
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


def _listen(path: Path) -> socket.socket:
    """Listen at `path`; a stale socket there is replaced, for the lock of the directory is held."""
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX)
    with short_path(path) as name:
        mask = os.umask(0o177)
        try:
            listener.bind(name)
        finally:
            os.umask(mask)
    return listener


def make_app(place: Place) -> web.Application:
    """Make the application that answers on the socket."""

    async def do(request: web.Request) -> web.StreamResponse:
        try:
            act: Act = msgspec.json.decode(await request.read(), type=Act)
        except msgspec.DecodeError as error:
            raise web.HTTPBadRequest(text=f"{error}\n") from error
        response = web.StreamResponse(headers={"Content-Type": "application/x-ndjson"})
        await response.prepare(request)
        lines: asyncio.Queue[Line] = asyncio.Queue()

        def progress(done: int, whole: int) -> None:
            if lines.empty():  # a slow reader misses some
                lines.put_nowait(Line(progress=(done, whole)))

        work = asyncio.create_task(_do(place, act, progress))
        work.add_done_callback(lambda _: lines.put_nowait(Line()))
        try:
            while (line := await lines.get()).progress is not None:
                await response.write(msgspec.json.encode(line) + b"\n")
            await response.write(msgspec.json.encode(await work) + b"\n")
        finally:
            work.cancel()
        return response

    app = web.Application(client_max_size=ACT_MAX_BYTES)
    app.router.add_post("/", do)
    return app


async def _do(place: Place, act: Act, progress: Callable[[int, int], None]) -> Line:
    try:
        report: Report = await answer(place, act, progress)
    except AdminError as error:
        return _failure(error.kind, str(error))
    except Exception:
        log.exception("admin_failed", act=type(act).__name__)
        return _failure("unexpected", "The server failed; its log tells more.")
    return Line(report=report)


def _failure(kind: Kind, message: str) -> Line:
    return Line(failure=Failure(kind, message))


def add_metrics(router: web.UrlDispatcher, place: Place, metrics: Metrics) -> None:
    """Register `GET /metrics`."""

    async def give(_request: web.Request) -> web.Response:
        body = metrics.render(await measure(place))
        return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE})

    router.add_get("/metrics", give)


def serve_admin(
    place: Place, metrics: Metrics, figures: Door | None
) -> Callable[[web.Application], AsyncIterator[None]]:
    """Give what opens and closes the socket with the server (aiohttp's cleanup_ctx).

    Metrics are given at `figures` too, a local address.
    """

    async def opened(_app: web.Application) -> AsyncIterator[None]:
        path = place.store.directory.root / SOCKET_NAME
        apps = make_app(place), web.Application()
        runners = [web.AppRunner(app, access_log=None, shutdown_timeout=1) for app in apps]
        for app, runner in zip(apps, runners, strict=True):
            add_metrics(app.router, place, metrics)
            await runner.setup()
        await web.SockSite(runners[0], _listen(path)).start()
        if figures is not None:
            await figures.open(runners[1])
        yield
        for runner in runners:
            await runner.cleanup()
        with suppress(OSError):  # the next start replaces it
            path.unlink()

    return opened
