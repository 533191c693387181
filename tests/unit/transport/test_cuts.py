"""Clients that read nothing, cut off while others are told: sockets of the engine alone."""

from __future__ import annotations

import asyncio

from aiohttp import web
from engineio.async_socket import AsyncSocket
from engineio.packet import MESSAGE, Packet

from sharethings.config import load_settings
from sharethings.transport.socket.engine import StrictServer, make_server
from sharethings.transport.socket.waiting import BURST_RATIO

DEAF = 98
ROOM = "garden"


async def enter(server: StrictServer, name: str) -> AsyncSocket:
    """Let somebody into the room."""
    socket = AsyncSocket(server.eio, name)
    socket.connected = socket.upgraded = True
    server.eio.sockets[name] = socket
    server.environ[name] = {}
    sid = await server.manager.connect(name, "/")
    server.manager.basic_enter_room(sid, "/", ROOM)
    return socket


def told(socket: AsyncSocket) -> list[str]:
    """Give the events that wait for somebody."""
    return [packet.data.split('"')[1] for packet in socket.queue._packets if packet is not None]


async def test_many_are_cut_off_at_once_and_each_is_told_of_once_and_in_order():
    settings = load_settings()
    server = make_server(web.Application(), settings)
    server.manager.set_server(server)
    left: list[str] = []
    all_left = asyncio.Event()

    async def leave(eio_sid: str) -> None:
        await asyncio.sleep(0)  # as for a commit
        await server.emit("member:left", {"who": eio_sid}, room=ROOM)  # type: ignore[no-untyped-call]
        left.append(eio_sid)
        if len(left) == DEAF:
            all_left.set()

    server.on_close = leave
    for number in range(DEAF):
        socket = await enter(server, f"deaf {number}")
        for _ in range(settings.waiting_packets_count * BURST_RATIO):
            socket.queue.put_nowait(Packet(MESSAGE, "x"))
    reader = await enter(server, "reader")
    await server.emit("content:shared", {"revision": 1}, room=ROOM)  # type: ignore[no-untyped-call]
    assert told(reader) == ["content:shared"]
    await all_left.wait()
    assert told(reader) == ["content:shared", *["member:left"] * DEAF]
    assert sorted(left) == sorted(f"deaf {number}" for number in range(DEAF))
    await server.cut_all()
    assert left[-1] == "reader"
