"""A wire between HAProxy and the server, on which the tests see what passes."""

from __future__ import annotations

import select
import socket
import threading

PIECE_BYTES = 65536


class Wire:
    """Forwards both ways; keeps what passes, or only counts what clients send."""

    def __init__(self, port: int, *, keeps: bool) -> None:
        """Forward to `port` of this machine."""
        self._port = port
        self._keeps = keeps
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.passed = bytearray()
        self.sent_bytes = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._forward, args=(client,), daemon=True).start()

    def _forward(self, client: socket.socket) -> None:
        try:
            server = socket.create_connection(("127.0.0.1", self._port))
        except OSError:  # a health check after the server was stopped
            client.close()
            return
        with client, server:
            ways = {client: server, server: client}
            while True:
                for source in select.select(list(ways), [], [])[0]:
                    try:
                        data = source.recv(PIECE_BYTES)
                        if self._keeps:
                            self.passed += data
                        if source is client:
                            self.sent_bytes += len(data)
                        ways[source].sendall(data)
                    except OSError:
                        return
                    if not data:
                        return

    def close(self) -> None:
        """Take no more connections."""
        self._listener.close()
