"""What members are told comes in order, whichever way it went."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tests.files import MIB
from tests.integration.server.knock import Knocker
from tests.programs import wait_until

if TYPE_CHECKING:
    from tests.conftest import StartServer

COUNT = 500
"""Announcements of some 22 kB: more than the kernel holds for who does not read."""


async def test_who_reads_nothing_for_a_while_is_told_all_in_order(server: StartServer):
    started = server(
        waiting_bytes=64 * MIB,
        waiting_packets_count=2 * COUNT,
        control_events_per_second=1_000_000,
        control_events_burst=1_000_000,
    )
    async with Knocker(started.url) as zoe, Knocker(started.url) as ben:
        await zoe.start()
        ben.keys = zoe.keys
        await ben.join()
        ben.told.clear()
        line = ben.socket.eio.ws.get_extra_info("socket")
        transport = ben.socket.eio.ws._response.connection.transport
        assert transport.get_extra_info("socket") is line
        transport.pause_reading()
        shared = [(await zoe.ask("content:share", **zoe.small()))["revision"] for _ in range(COUNT)]
        assert ben.told == []
        transport.resume_reading()
        await asyncio.to_thread(wait_until, lambda: len(ben.told) >= COUNT, "all are told")
        assert [data["revision"] for _, data in ben.told] == shared
