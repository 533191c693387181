"""A process that loads the server once and forks for each order: a run takes 0.1 s, not 2 s.

It is started with the shim. Orders are lines of JSON on standard input; what happens is told
in lines on standard output, each flushed before the next act begins: an acknowledgement that
was read stands, whatever becomes of the process.
"""

from __future__ import annotations

import asyncio
import gc
import io
import json
import os
import signal
import sys
import time
from contextlib import redirect_stderr, redirect_stdout, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import alembic.command  # noqa: F401 - loaded once, here: not by each process that migrates
import structlog

from sharethings.admin.errors import AdminError
from sharethings.app import run as run_server
from sharethings.core import collector, endings
from sharethings.protocol.errors import ProtocolError, ReadOnlyError
from tests.fault.acts import Plan, Play
from tests.fault.shim import Shim
from tests.fault.wholeness import check_backups, check_whole
from tests.unit.core.house import House

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

PLAN = Plan()
collector.CHUNKS_PER_PIECE = endings.ROWS_PER_BATCH = 2
"""A content of three chunks leaves in two pieces."""
ORDER_SECONDS = 60
"""A process that takes longer hangs, and is ended (SIGALRM)."""


def tell(**what: Any) -> None:
    """Tell the test."""
    os.write(1, json.dumps(what).encode() + b"\n")


async def fill(root: Path) -> None:
    """Make a data directory that is not empty; everything is imported by that."""
    async with House(root) as house:
        await Play(house, PLAN).fill()


async def _step(play: Play, number: int, act: str, shim: Shim) -> bool:
    """Do one step; told is that it is done, or how it was refused before it was done.

    Says False when it is not: after three faults in a minute a server writes no more until it
    is started again.
    """
    try:
        await play.steps(act)[number]()
    except (ProtocolError, AdminError) as error:
        tell(refused=number, code=error.code if isinstance(error, ProtocolError) else error.kind)
    except Exception as error:  # noqa: BLE001 - what a transport answers as `internal`
        tell(refused=number, code="internal", error=repr(error))
    else:
        tell(done=number)
        return True
    shim.disarm()
    tell(state=await play.state())
    try:
        await play.steps(act)[number]()
    except ReadOnlyError:
        tell(read_only=number)
        return False
    tell(done=number)
    return True


async def run(root: Path, order: dict[str, Any], shim: Shim) -> None:
    """Play an act with the shim armed; ends without closing, as a crash would."""
    act = order["act"]
    house = await House(root).__aenter__()
    play = Play(house, PLAN)
    if act != "create":
        await play.join()
    shim.arm()
    for number in range(len(play.steps(act))):
        if not await _step(play, number, act, shim):
            break
    with suppress(ProtocolError, OSError):  # a removal that failed is tried again a minute later
        await play.settle()
    shim.disarm()
    tell(state=await play.state())


async def look(root: Path, order: dict[str, Any], _shim: Shim) -> None:
    """Start on what a run has left, tell what is there, and do what is left of the act."""
    began = time.monotonic()
    async with House(root) as house:
        tell(ready_seconds=time.monotonic() - began)
        play = Play(house, PLAN)
        await play.settle()
        check_whole(root)
        state = await play.state()
        tell(state=state)
        if order["act"] == "backup":
            await check_backups(root, PLAN, state)
        for number in range(order["done"], len(play.steps(order["act"]))):
            await play.steps(order["act"])[number]()
            tell(state=await play.state())
        await play.settle()
        check_whole(root)


class _Ready(io.StringIO):
    """What the server says on standard output: when it is ready, it is told to end."""

    def __init__(self, on_ready: Callable[[], None]) -> None:
        """Take what is to be done then."""
        super().__init__()
        self._on_ready = on_ready

    def write(self, text: str) -> int:
        """Look at what it says."""
        if "is ready" in text:
            self._on_ready()
            os.kill(os.getpid(), signal.SIGTERM)
        return super().write(text)


def serve(root: Path, order: dict[str, Any], shim: Shim) -> None:
    """Run the whole server as `sharethings serve` does, and stop it when it is ready."""
    if order["act"] != "stop":
        shim.arm()
    settings = House(root, port=0, sweep_seconds=3600).settings
    ready = _Ready(shim.arm)
    with redirect_stdout(ready), redirect_stderr(io.StringIO()) as said:
        code = run_server(settings)
    shim.disarm()
    tell(code=code, was_ready=bool(ready.getvalue()), said=said.getvalue())


ORDERS: dict[str, Callable[[Path, dict[str, Any], Shim], Coroutine[Any, Any, None] | None]] = {
    "run": run,
    "look": look,
    "serve": serve,
}


def obey(order: dict[str, Any], shim: Shim) -> None:
    """Do an order in this process, and end it."""
    signal.alarm(ORDER_SECONDS)
    gc.disable()  # it would touch, and so copy, the memory of the parent
    code = 1
    try:
        doing = ORDERS[order["do"]](Path(order["root"]), order, shim)
        if doing is not None:
            asyncio.run(doing)
        code = 0
    except BaseException as error:
        tell(failed=repr(error))
        raise
    finally:
        sys.stderr.flush()
        os._exit(code)


def main() -> None:
    """Fork for each order."""
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    # Threads that hand each other the interpreter's lock between two cores take a quarter more.
    cores = sorted(os.sched_getaffinity(0))
    number = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    os.sched_setaffinity(0, {cores[int(number) % len(cores)]})
    shim = Shim(Path(os.environ["FAULT_PAGE"]))
    asyncio.run(fill(Path(os.environ["FAULT_ROOT"]) / "filled"))
    gc.freeze()
    tell(filled=True)
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            obey(json.loads(line), shim)
        _, status = os.waitpid(child, 0)
        shim.disarm()
        tell(ended=os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    main()
