"""The aiohttp application around the server, and its life from start to end."""

from __future__ import annotations

import asyncio
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import structlog
from aiohttp import hdrs, web

from sharethings import __version__
from sharethings.admin.place import Place
from sharethings.admin.site import METRICS_HOST, serve_admin
from sharethings.core.clock import Clock
from sharethings.core.doubts import ROUND_SECONDS
from sharethings.core.rounds import Rounds
from sharethings.core.scrub import TICK_SECONDS
from sharethings.log import configure_log
from sharethings.memory import keep_freed_memory, leave_modules_alone
from sharethings.metrics import Metrics
from sharethings.protocol.bulk import SOCKET_PATH
from sharethings.protocol.errors import ProtocolError, ReadOnlyError, StorageFullError
from sharethings.server import Core, Store, compose
from sharethings.storage.connections import DatabaseError
from sharethings.storage.data_directory import DataDirectoryError
from sharethings.transport.address import is_https
from sharethings.transport.http.bodies import Bodies
from sharethings.transport.http.chunks import ChunkRoutes
from sharethings.transport.http.count import count_answers
from sharethings.transport.http.errors import translate_failures
from sharethings.transport.http.gate import Gate
from sharethings.transport.http.headers import add_headers
from sharethings.transport.http.probe import Probes
from sharethings.transport.http.static import StaticClient
from sharethings.transport.http.status import add_status
from sharethings.transport.listening import AddressError, Door, bind
from sharethings.transport.socket.announce import SocketAnnounce
from sharethings.transport.socket.connections import Connections
from sharethings.transport.socket.engine import make_server
from sharethings.transport.socket.idle import IdleConnections
from sharethings.transport.socket.namespace import Control
from sharethings.transport.spare import Spare

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from aiohttp.typedefs import Handler, Middleware

    from sharethings.config import Settings

BODIES = web.AppKey("bodies", Bodies)
"""The requests of an application that are being received."""
CORE = web.AppKey("core", Core)
"""The rules inside an application, for who acts on them without a connection."""
STATIC = Path(__file__).parent / "static"
READ_BUFFER_BYTES = 1024 * 1024
"""Bodies are read in pieces of this size: measured, 64 KiB pieces halve the upload's speed."""
LAST_SECONDS = 0.5
"""For answers that end at once; of aiohttp's own time 0 would be for ever."""
PORT_ADVICE = "Choose another with --port."
METRICS_ADVICE = "It is for metrics: choose another with --set metrics_port=PORT, or give none."
EXIT_OK, EXIT_UNUSABLE, EXIT_ADDRESS = 0, 8, 9
log = structlog.get_logger(__name__)


def _check_origin(settings: Settings) -> Middleware:
    @web.middleware
    async def check_origin(request: web.Request, handler: Handler) -> web.StreamResponse:
        """Refuse pages of other origins on the control plane; programs send no Origin."""
        origin = request.headers.get(hdrs.ORIGIN)
        if request.path.startswith(SOCKET_PATH) and origin is not None:
            scheme = "https" if is_https(request, settings.trusted_proxies) else "http"
            if origin not in {f"{scheme}://{request.host}", *settings.allowed_origins}:
                return web.Response(status=403, text="This origin may not connect.\n")
        return await handler(request)

    return check_origin


def _make_metrics(store: Store, connections: Connections, core: Core) -> Metrics:
    metrics = Metrics()
    store.database.on_commit = metrics.count_commit
    for name, text, read in (
        ("connections", "Connections of the control plane.", lambda: len(connections)),
        ("members", "Members who are in a session.", lambda: len(core.presence)),
        ("writer_waiting", "Jobs that wait for the writer.", lambda: store.database.waiting_count),
    ):
        metrics.watch(name, text, read)
    return metrics


def _add_bulk(app: web.Application, core: Core, settings: Settings) -> None:
    gate = Gate(core.tokens, settings, core.clock)
    ChunkRoutes(core.chunks, gate, settings).add_to(app.router)


async def _look_at_disk(app: web.Application) -> None:
    with suppress(StorageFullError, ReadOnlyError):  # logged where it is found
        await app[CORE].space.check_content()


def build_app(
    store: Store, settings: Settings, clock: Clock, figures: Door | None = None
) -> web.Application:
    """Put both planes and the client around an open store; metrics are given at `figures` too."""
    bodies = Bodies()
    app = web.Application(
        middlewares=[bodies.watch, translate_failures, _check_origin(settings)], client_max_size=1
    )
    app[BODIES] = bodies
    app.on_response_prepare.append(add_headers)
    socket = make_server(app, settings)
    connections = Connections(settings, clock)
    announce = SocketAnnounce(socket, connections)
    core = compose(store, announce, settings, clock)
    app[CORE] = core
    metrics = _make_metrics(store, connections, core)
    app.on_response_prepare.append(count_answers(metrics))
    Control(socket, connections, core, settings, metrics.count_request)
    _add_bulk(app, core, settings)
    add_status(app.router, store.realm, settings, store.is_ready)
    probes = Probes(settings.trusted_proxies)
    probes.add_to(app.router)
    client = StaticClient(STATIC, settings.trusted_proxies)
    if not client.is_built:
        log.warning("client_not_built", advice="Run make run in the checkout.")
    client.add_to(app.router)

    app.on_startup.append(_look_at_disk)
    place = Place(store, core, settings, clock, is_running=True, probes=probes)
    app.cleanup_ctx.append(serve_admin(place, metrics, figures))
    idle = IdleConnections(socket, connections, core.tokens, settings, clock)

    async def work(_app: web.Application) -> AsyncIterator[None]:
        await core.endings.refresh()
        tasks = [
            Rounds("sweep", settings.sweep_seconds, core.sweeper.sweep),
            Rounds("idle", settings.sweep_seconds, idle.close),
            Rounds("doubts", ROUND_SECONDS, core.doubts.settle),
            Rounds("scrub", TICK_SECONDS, core.scrub.advance),
        ]
        for task in tasks:
            task.start()
        yield
        for task in tasks:
            await task.stop()

    app.cleanup_ctx.append(work)
    return app


async def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT; prints the address when ready.

    Raises DataDirectoryError, DatabaseError, AddressError.
    """
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    clock = Clock()
    spare = Spare(loop)
    stall = settings.send_stall_seconds
    store = Store(settings, clock)
    try:
        async with (
            bind(settings.host, settings.port, PORT_ADVICE, stall_seconds=stall) as door,
            bind(
                METRICS_HOST, settings.metrics_port, METRICS_ADVICE, stall_seconds=stall
            ) as figures,
        ):
            await store.open()
            app = build_app(store, settings, clock, figures)
            runner = web.AppRunner(
                app,
                access_log=None,
                keepalive_timeout=settings.keepalive_seconds,
                shutdown_timeout=settings.shutdown_seconds,
                read_bufsize=READ_BUFFER_BYTES,
            )
            try:
                await runner.setup()
                await door.open(runner)
                leave_modules_alone()
                _tell_ready(runner)
                await stopped.wait()
                await _finish(app, runner, settings.shutdown_seconds)
            finally:
                await runner.cleanup()
    finally:
        await store.close()
        spare.close()
        log.info("stopped")


async def _finish(app: web.Application, runner: web.AppRunner, seconds: float) -> None:
    """Let requests end; those that are left get what is left of the time when `runner` stops."""
    loop = asyncio.get_running_loop()
    ends_at = loop.time() + seconds
    await app[BODIES].finish(runner, seconds)
    left = max(LAST_SECONDS, ends_at - loop.time())
    runner._shutdown_timeout = left  # noqa: SLF001 - it can be told only before it starts


def _tell_ready(runner: web.AppRunner) -> None:
    host, port = runner.addresses[0][:2]
    shown = f"[{host}]" if ":" in host else host
    print(f"ShareThings {__version__} is ready at http://{shown}:{port}", flush=True)  # noqa: T201 - what a caller waits for
    log.info("started", version=__version__, port=port)


def run(settings: Settings) -> int:
    """Serve; gives the exit code: 0 ended as asked, 8 data unusable, 9 address not free."""
    configure_log(settings)
    keep_freed_memory()
    try:
        asyncio.run(serve(settings))
    except (DataDirectoryError, DatabaseError, AddressError, ProtocolError, OSError) as error:
        sentence = str(error)
        if isinstance(error, ProtocolError):  # what members would be told when the disk refuses
            sentence = (
                f"Nothing can be written in {settings.data_directory} now. Look at the log, the "
                "disk and its free space, and start the server again."
            )
        elif isinstance(error, OSError):
            place = f": {error.filename}" if error.filename else ""
            sentence = f"The server cannot run: {error.strerror}{place}."
        log.critical("cannot_run", reason=sentence)  # for who reads the log alone
        sys.stderr.write(f"{sentence}\n")
        return EXIT_ADDRESS if isinstance(error, AddressError) else EXIT_UNUSABLE
    return EXIT_OK
