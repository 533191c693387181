"""Readers who ask and read nothing, on real sockets."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from tests.integration.server.knock import Knocker
    from tests.programs import Server


def deaf(zoe: Knocker, started: Server, place: str, count: int = 1) -> socket.socket:
    """Ask for a `place` under the contents of the session `count` times, and read nothing."""
    path = f"/api/v1/sessions/{zoe.session_id}/contents/{place}"
    asked = f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {zoe.token}\r\n\r\n"
    one = socket.socket()
    one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    one.connect(("127.0.0.1", started.port))
    one.sendall(asked.encode() * count)
    return one


def held(started: Server, ports: set[int]) -> int:
    """Count the connections that the server holds to some ports."""
    connections = psutil.Process(started.pid).net_connections("tcp4")
    return sum(bool(one.raddr) and one.raddr.port in ports for one in connections)
