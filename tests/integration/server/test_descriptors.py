"""A server that may open no more files."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import TYPE_CHECKING

import aiohttp
import psutil

from tests.programs import Server

if TYPE_CHECKING:
    from pathlib import Path

LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
from sharethings.cli.main import app
sys.argv[0] = "sharethings"
app()
"""


async def is_refused(port: int) -> bool:
    """Say whether a new connection is answered with 503, or closed."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        async with asyncio.timeout(20):
            line = await reader.readline()
    except ConnectionResetError:
        return True
    finally:
        writer.close()
    return line in {b"", b"HTTP/1.1 503 Service Unavailable\r\n"}


async def test_whoever_comes_then_is_refused_and_others_later_are_not(tmp_path: Path):
    limited = (sys.executable, "-c", LIMITED)
    settings = {"connections_per_address": 1000}
    with Server(tmp_path / "data", tmp_path / "log", settings, limited) as started:
        held = [await asyncio.open_connection("127.0.0.1", started.port) for _ in range(70)]
        try:
            assert await is_refused(started.port)
            before = psutil.Process(started.pid).cpu_times()
            assert await is_refused(started.port)
            after = psutil.Process(started.pid).cpu_times()
            assert after.user + after.system - before.user - before.system < 0.5
        finally:
            for _, writer in held:
                writer.close()
        async with aiohttp.ClientSession(started.url) as http:
            async with asyncio.timeout(30):
                while await is_refused(started.port):
                    pass
            async with http.get("/healthz") as response:
                assert response.status == 200
    lines = [json.loads(line) for line in started.log.splitlines()]
    assert [one["event"] for one in lines].count("no_descriptors") == 1
    assert not [one for one in lines if one["level"] == "error"]
