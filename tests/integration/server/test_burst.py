"""Much that is told at once: who has had no time to read it is not cut off."""

from __future__ import annotations

import asyncio
import secrets
import socket
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

import pytest

from sharethings.protocol.ids import encode_bytes
from sharethings.transport.socket.namespace import BEGUN_MAX_BYTES
from tests.integration.inside import serve_inside
from tests.integration.server.knock import SECONDS, Knocker
from tests.integration.server.test_together import Hold, pass_time

if TYPE_CHECKING:
    from pathlib import Path

EACH = 32
READERS = 2
SEND_BYTES = 64 * 1024
"""What a path of some 100 ms has in flight, not what loopback takes at once."""


def large(knocker: Knocker) -> dict[str, Any]:
    """Give a share that is as large as can be, 44 kB."""
    head = b"ST\x01\x04" + (1).to_bytes(4)
    return knocker.small(16_384) | {"manifest": encode_bytes(head + secrets.token_bytes(16_412))}


@pytest.fixture(autouse=True)
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the sockets of servers take little at once."""
    accept = socket.socket.accept

    def narrowed(listening: socket.socket) -> tuple[socket.socket, Any]:
        connection, address = accept(listening)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BYTES)
        return connection, address

    monkeypatch.setattr(socket.socket, "accept", narrowed)


@pytest.mark.parametrize(
    ("sharers", "transport"), [(1, "websocket"), (4, "websocket"), (1, "polling")]
)
async def test_all_are_told_all_of_a_large_commit(tmp_path: Path, sharers: int, transport: str):
    async with AsyncExitStack() as stack:
        url, core = await stack.enter_async_context(
            serve_inside(tmp_path, control_events_burst=1000, control_events_per_second=1000)
        )
        members: list[Knocker] = []
        for number in range(sharers + READERS):
            how = "websocket" if number < sharers else transport
            member = await stack.enter_async_context(Knocker(url, transport=how))
            if members:
                member.keys = members[0].keys
            else:
                await member.create()
            await member.join()
            members.append(member)
        other = await stack.enter_async_context(Knocker(url))
        hold = Hold(core.sharing._database)
        share = large(members[0])
        for _ in range(EACH):
            for member in members[:sharers]:
                await member.socket.emit("content:share", large(member))
        together = -(-BEGUN_MAX_BYTES // len(share["manifest"] + share["chunk"]))
        await hold.wait_for(min(EACH * sharers, together), other)
        await hold.free()
        async with asyncio.timeout(SECONDS):
            while {told(member) for member in members} != {EACH * sharers}:
                await pass_time(other)
        assert all(member.socket.connected for member in members)


def told(member: Knocker) -> int:
    """Count what somebody was told of."""
    return sum(event == "content:changed" for event, _ in member.told)
