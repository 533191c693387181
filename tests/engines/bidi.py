"""Start Firefox for Playwright, and stand between the two for one command that it does not know.

Playwright emulates media features (WebDriver BiDi, `emulation.setMediaFeaturesOverride`) in each
new page, and takes no for a failure; Firefox 153 does not have the command. Here it is answered
as done. Everything else passes as it is. Used as `python -m tests.engines.bidi FIREFOX OPTION…`.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import sys

import aiohttp
from aiohttp import web

UNKNOWN = "emulation.setMediaFeaturesOverride"
LISTENING = re.compile(rb"WebDriver BiDi listening on ws://(\S+)")


def _answer(message: str) -> str | None:
    """Give the answer to a command that Firefox does not know; None for all others."""
    if UNKNOWN not in message:
        return None
    command = json.loads(message)
    if command.get("method") != UNKNOWN:
        return None
    return json.dumps({"type": "success", "id": command["id"], "result": {}})


async def _relay(request: web.Request, address: str) -> web.WebSocketResponse:
    near = web.WebSocketResponse(max_msg_size=0)
    await near.prepare(request)
    url = f"ws://{address}{request.path_qs}"
    async with aiohttp.ClientSession() as session, session.ws_connect(url, max_msg_size=0) as far:

        async def back() -> None:
            async for message in far:
                await near.send_str(message.data)
            await near.close()

        returning = asyncio.create_task(back())
        async for message in near:
            answer = _answer(message.data)
            await (far.send_str(message.data) if answer is None else near.send_str(answer))
        returning.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await returning
    return near


async def _serve(address: str) -> int:
    app = web.Application()
    app.router.add_get("/{path:.*}", lambda request: _relay(request, address))
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port: int = runner.addresses[0][1]
    return port


async def main() -> int:
    """Run Firefox until it ends; gives its exit code."""
    firefox = await asyncio.create_subprocess_exec(*sys.argv[1:], stderr=asyncio.subprocess.PIPE)
    assert firefox.stderr is not None
    async for line in firefox.stderr:
        found = LISTENING.search(line)
        if found is None:
            sys.stderr.buffer.write(line)
        else:
            port = await _serve(found[1].decode())
            sys.stderr.write(f"WebDriver BiDi listening on ws://127.0.0.1:{port}\n")
        sys.stderr.flush()
    return await firefox.wait()


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
