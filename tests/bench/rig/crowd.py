"""Senders who keep some messages in flight, and receivers of whom only a count is taken.

One loop reads everything: what a hundred members receive is not parsed, its messages are counted
by the event's name in the bytes.
"""

from __future__ import annotations

import selectors
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.bench.rig.load import TIMEOUT_SECONDS
from tests.bench.rig.wire import PING_FRAME, frame

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.bench.rig.wire import Wire

ANSWER = b"43"


@dataclass(slots=True)
class Sender:
    """A member who sends what is prepared, and counts the answers."""

    wire: Wire
    frames: Iterator[bytes]
    sent: int = 0
    answered: int = 0
    refused: list[bytes] = field(default_factory=list)

    def send(self, in_flight: int) -> None:
        """Send until so many wait for their answer, or there is no more."""
        while self.sent - self.answered < in_flight:
            prepared = next(self.frames, None)
            if prepared is None:
                return
            self.wire.socket.sendall(prepared)
            self.sent += 1

    def read(self) -> None:
        """Take the answers that have come."""
        for payload in self.wire.take():
            if payload.startswith(ANSWER):
                self.answered += 1
                if b'"error"' in payload[:24]:
                    self.refused.append(payload)


@dataclass(slots=True)
class Receiver:
    """A member who listens to what one sender sends."""

    wire: Wire
    mark: bytes
    sender: Sender
    count: int = 0
    _rest: bytes = b""

    def read(self) -> None:
        """Count the messages in what has come."""
        data = self.wire.socket.recv(256 * 1024)
        if not data:
            raise ConnectionResetError("a receiver was hung up on")
        if data.endswith(PING_FRAME):
            self.wire.socket.sendall(frame(b"3"))
        data = self._rest + data
        self.count += data.count(self.mark)
        self._rest = data[-len(self.mark) + 1 :]


def until(frames: Iterator[bytes], seconds: float) -> Iterator[bytes]:
    """Give frames, but none when so much time has passed since the first."""
    ends_at = time.monotonic() + seconds
    for one in frames:
        if time.monotonic() > ends_at:
            return
        yield one


def run(senders: list[Sender], receivers: list[Receiver], in_flight: int) -> float:
    """Send all that is prepared, until all is answered and received; gives the seconds.

    Receivers have heard all that was sent before.
    """
    with selectors.DefaultSelector() as selector:
        everybody: list[Sender | Receiver] = [*senders, *receivers]
        for one in everybody:
            selector.register(one.wire.socket, selectors.EVENT_READ, one)
        began = time.perf_counter()
        for sender in senders:
            sender.send(in_flight)
        while any(one.answered < one.sent for one in senders) or any(
            one.count < one.sender.sent for one in receivers
        ):
            ready = selector.select(TIMEOUT_SECONDS)
            assert ready, "nothing came"
            for key, _ in ready:
                key.data.read()
            for sender in senders:
                assert not sender.refused, sender.refused[0][:300]
                sender.send(in_flight)
        return time.perf_counter() - began
