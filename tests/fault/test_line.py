"""Each fault of a line at each stage of an upload and a download: the same bytes, sent once.

The client is the terminal's, in this process; tests/e2e/test_line.py has some for the browser.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

import aiohttp
import pytest

from sharethings.client import bulk as bulk_module
from sharethings.client import sending as sending_module
from sharethings.client import sizes as sizes_module
from sharethings.client.saving import save
from sharethings.client.server import Server
from sharethings.client.session import Session
from sharethings.client.sizes import SMALL_CHUNK_BYTES
from sharethings.client.upload import share_file
from tests.files import make_file, sha256_of
from tests.integration.client.members import PASSPHRASE, Puts, readable, until
from tests.line import FAULTS, Line

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.conftest import StartServer
    from tests.programs import Server as Program

STAGES = (
    "session:hello",
    "session:create",
    "session:join",
    "content:share",
    "digests",
    "PUT 0",
    "PUT 1",
    "PUT 2",
    "content:complete",
    "content:list",
    "GET 0",
    "GET 1",
    "GET 2",
)
CASE_SECONDS = 60.0
REST_BYTES = 64 * 1024
"""What may pass beside the chunks: heads, events, announcements."""
COUNT = 3
"""Chunks."""
GIVEN_UP_SECONDS = 2.0
"""What stalls longer is sent again."""


@dataclass(frozen=True, slots=True)
class Case:
    """A fault at a stage; slow lines carry chunks of 16 KiB, others of 1 MiB."""

    fault: str
    stage: str
    file: Path

    async def share(self, session: Session, memory: Path) -> str:
        """Share it; digests are asked by who goes on with what was cut off."""
        if self.stage == "digests":
            puts = Puts(session, 1)
            sending = asyncio.create_task(self._send(session, memory))
            await puts.stopped.wait()
            sending.cancel()
            await asyncio.wait([sending])
            puts.released.set()
        return await self._send(session, memory)

    async def _send(self, session: Session, memory: Path) -> str:
        return await share_file(session, self.file, lambda _: None, memory=memory)


async def play(program: Program, case: Case, folder: Path) -> tuple[float, float]:
    """Share and save with one fault; gives bytes sent and received, to those of the file."""
    size = case.file.stat().st_size
    lost = size if case.fault == "moved" else size // COUNT
    most = size + lost + REST_BYTES
    saved = folder / f"{case.stage} {case.fault}"
    with Line(program.port, case.fault, case.stage) as line:
        place = Server.parse(line.url)
        async with (
            asyncio.timeout(CASE_SECONDS),
            await Session.open(place, saved.name, "Tia", PASSPHRASE, create=True) as tia,
        ):
            content_id = await case.share(tia, folder / "state" / saved.name)
            await until(tia, lambda: content_id in tia.state.contents)
            await until(tia, lambda: readable(tia, content_id).row.state == "complete")
            sent = line.sent_bytes
            await tia.load_all()
            before = line.received_bytes
            await save(tia, readable(tia, content_id), saved, lambda _: None)
            received = line.received_bytes - before
            assert tia.state.contents.keys() == {content_id}
    assert line.hits == 1, case
    assert line.unexplained() == [], case
    assert sha256_of(saved) == sha256_of(case.file), case
    assert size < sent < most, case
    assert size < received < most, case
    return sent / size, received / size


@pytest.mark.parametrize("fault", FAULTS)
async def test_it_is_the_same_whatever_happens_on_the_way(
    server: StartServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    fault: str,
    record_property: Callable[[str, object], None],
):
    given_up = aiohttp.ClientTimeout(sock_connect=10, sock_read=GIVEN_UP_SECONDS)
    if fault == "stall":
        monkeypatch.setattr(bulk_module, "TIMEOUT", given_up)
        monkeypatch.setattr(sending_module, "REQUEST_SECONDS", GIVEN_UP_SECONDS)
    file = tmp_path / "film.mkv"
    if fault in {"slow", "late"}:
        monkeypatch.setattr(sizes_module, "MEDIUM_CHUNK_BYTES", SMALL_CHUNK_BYTES)
    make_file(file, COUNT * sizes_module.MEDIUM_CHUNK_BYTES)
    program = server(creations_per_hour=10_000)
    cases = [Case(fault, stage, file) for stage in STAGES]
    shares = await asyncio.gather(*(play(program, case, tmp_path) for case in cases))
    for case, (sent, received) in zip(cases, shares, strict=True):
        record_property(case.stage, f"{sent:.3f} sent, {received:.3f} received")
        print(f"{fault:>12} {case.stage:18} {sent:.3f} {received:.3f}")  # noqa: T201
