"""Who is throttled waits for as long as it is asked to, and is told until when."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

import pytest

from sharethings.client import waiting as waiting_module
from sharethings.client.bulk import Bulk, _failure
from sharethings.client.download import read_whole
from sharethings.client.upload import share_file
from sharethings.protocol.errors import ThrottledError
from tests.files import MIB, make_file, sha256_of
from tests.integration.client.members import SECONDS, join, readable, until

if TYPE_CHECKING:
    from pathlib import Path

    from tests.programs import Server as Program

ASKED = "1"
PROXYS = b"<html>"
UNTIL = re.compile(r"The server takes no more from here for a while; waiting until \d\d:\d\d(.*)…")


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(waiting_module, "UNTIL_SECONDS", int(ASKED))


def throttle_once(monkeypatch: pytest.MonkeyPatch, name: str, asked: str = ASKED) -> None:
    """Have a proxy answer the first request of a kind."""
    request = getattr(Bulk, name)
    refused: list[str] = []

    async def throttled(*args: object) -> object:
        if not refused:
            refused.append(name)
            raise _failure(429, asked, PROXYS)
        return await request(*args)

    monkeypatch.setattr(Bulk, name, throttled)


@pytest.mark.parametrize("name", ["config", "put", "get"])
async def test_each_command_waits_as_long_as_a_proxy_asks(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
):
    file, told = tmp_path / "film.mkv", list[str]()
    digest = make_file(file, 2 * MIB)
    throttle_once(monkeypatch, name)
    async with asyncio.timeout(SECONDS), await join(program, say=told.append) as tia:
        tia.patience_seconds = 0.1  # for who refuses and names no time
        content_id = await share_file(tia, file, lambda _: None)
        await until(tia, lambda: readable(tia, content_id).row.state == "complete")
        got = tmp_path / "got"
        got.write_bytes(await read_whole(tia, readable(tia, content_id)))
    assert sha256_of(got) == digest
    assert UNTIL.fullmatch(told[0])
    assert told[1:] == ["It goes on."]


async def test_longer_than_for_a_server_that_is_away_is_not_waited(
    program: Program, monkeypatch: pytest.MonkeyPatch
):
    throttle_once(monkeypatch, "config", "3600")
    async with asyncio.timeout(SECONDS):
        with pytest.raises(ThrottledError, match=r"answered 429\. Try again at \d\d:\d\d"):
            await join(program)
