"""A process that loads the server once and forks for each order: a run takes 0.1 s, not 2 s.

It is started with the shim. Orders are lines of JSON on standard input; what happens is told
in lines on standard output, each flushed before the next act begins: an acknowledgement that
was read stands, whatever becomes of the process.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import structlog

from sharethings.protocol.errors import ProtocolError, ReadOnlyError
from sharethings.storage.connections import DatabaseError
from sharethings.storage.data_directory import DataDirectoryError
from tests.fault.acts import Plan, Play, check_whole, open_house
from tests.fault.shim import Shim

PLAN = Plan()
ORDER_SECONDS = 60
"""A process that takes longer hangs, and is ended (SIGALRM)."""


def tell(**what: Any) -> None:
    """Tell the test."""
    os.write(1, json.dumps(what).encode() + b"\n")


async def fill(root: Path) -> None:
    """Make a data directory that is not empty; everything is imported by that."""
    async with open_house(root) as house:
        await Play(house, PLAN).fill()


async def _step(play: Play, number: int, act: str, shim: Shim) -> bool:
    """Do one step; told is that it is done, or how it was refused before it was done.

    Says False when it is not: after three faults in a minute a server writes no more until it
    is started again.
    """
    try:
        await play.steps(act)[number]()
    except ProtocolError as error:
        tell(refused=number, code=error.code)
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
    if act in {"start", "migrate"}:
        shim.arm()
    house = open_house(root)
    try:
        await house.__aenter__()
    except (DataDirectoryError, DatabaseError):
        tell(refused=0, code="unusable")
        return
    play = Play(house, PLAN)
    if act != "create":
        await play.join()
    shim.arm()
    for number in range(len(play.steps(act))):
        if not await _step(play, number, act, shim):
            break
    if act == "stop":
        await house.__aexit__()
    else:
        with suppress(TimeoutError):  # a removal that failed is tried again a minute later
            await play.settle(order["settle_seconds"])
        shim.disarm()
        tell(state=await play.state())


async def look(root: Path, order: dict[str, Any], _shim: Shim) -> None:
    """Start on what a run has left, tell what is there, and do what is left of the act."""
    began = time.monotonic()
    async with open_house(root) as house:
        tell(ready_seconds=time.monotonic() - began)
        play = Play(house, PLAN)
        await play.settle()
        check_whole(root)
        tell(state=await play.state())
        for number in range(order["done"], len(play.steps(order["act"]))):
            await play.steps(order["act"])[number]()
            tell(state=await play.state())
        await play.settle()
        check_whole(root)


ORDERS = {"run": run, "look": look}


def obey(order: dict[str, Any], shim: Shim) -> None:
    """Do an order in this process, and end it."""
    signal.alarm(ORDER_SECONDS)
    code = 1
    try:
        asyncio.run(ORDERS[order["do"]](Path(order["root"]), order, shim))
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
