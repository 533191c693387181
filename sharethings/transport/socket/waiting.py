"""What waits for one client until it reads, and when that is too much."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engineio.packet import Packet

BURST_RATIO = 4
BURST_LOOKS = 10
LOOK_SECONDS = 0.1
"""What is told in one turn of the loop, for a commit of many shares, may be more than the bounds:
who has had no time to read is not slow. A second is looked at in tenths, for a turn that itself
takes a second is none for readers. Nobody is let have more than so many times the bounds.
"""


class Waiting:
    """Packets for one client, in order: of a queue what engine.io uses.

    A connection that says nothing has one, too: `asyncio.Queue` would hold 3 KiB, and each look
    for the next packet a task of its own.
    """

    def __init__(self, count_max: int, bytes_max: int) -> None:
        """Take how many packets, and of how many bytes, may wait."""
        self._count_max = count_max
        self._bytes_max = bytes_max
        self._packets: list[Packet | None] = []
        self._readers: list[asyncio.Future[Packet | None]] = []
        self._bytes = 0
        self._full_looks = 0
        self._next_look: asyncio.TimerHandle | None = None

    def qsize(self) -> int:
        """Count the packets."""
        return len(self._packets)

    def is_awaited(self) -> bool:
        """Say whether somebody waits for the next packet: all before it have been taken."""
        return any(not reader.done() for reader in self._readers)

    def is_slow(self) -> bool:
        """Say whether the client does not read what it is told; ask before each packet."""
        fullness = self._fullness()
        if fullness < 1:
            self._full_looks = 0
            return False
        if self._full_looks == 0 and self._next_look is None:
            self._look_later()
        return fullness >= BURST_RATIO or self._full_looks >= BURST_LOOKS

    def _fullness(self) -> float:
        return max(self.qsize() / self._count_max, self._bytes / self._bytes_max)

    def _look_later(self) -> None:
        self._next_look = asyncio.get_running_loop().call_later(LOOK_SECONDS, self._look)

    def _look(self) -> None:
        self._next_look = None
        self._full_looks = self._full_looks + 1 if self._fullness() >= 1 else 0
        if 0 < self._full_looks < BURST_LOOKS:
            self._look_later()

    def put_nowait(self, packet: Packet | None) -> None:
        """Add a packet, or None for the end."""
        while self._readers:
            reader = self._readers.pop(0)
            if not reader.done():  # else it has stopped waiting
                reader.set_result(packet)
                return
        self._packets.append(packet)
        self._bytes += _size(packet)

    async def put(self, packet: Packet | None) -> None:
        """Do the same: there is always room."""
        self.put_nowait(packet)

    def get_nowait(self) -> Packet | None:
        """Take the next packet. Raises QueueEmpty when there is none."""
        if not self._packets:
            raise asyncio.QueueEmpty
        packet = self._packets.pop(0)
        self._bytes -= _size(packet)
        return packet

    def get(self) -> asyncio.Future[Packet | None]:
        """Take the next packet when there is one."""
        reader = asyncio.get_running_loop().create_future()
        if self._packets:
            reader.set_result(self.get_nowait())
        else:
            self._readers.append(reader)
        return reader

    def task_done(self) -> None:
        """Note nothing: no connection is closed with `wait`, which asks when all are sent."""


def _size(packet: Packet | None) -> int:
    return 0 if packet is None else len(packet.data or "")
