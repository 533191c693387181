"""A content that cannot be completed is removed, or its sender told how to."""

from __future__ import annotations

import asyncio
import io
import os
from typing import TYPE_CHECKING

import pytest

from sharethings.client.errors import NoConnectionError
from sharethings.client.upload import share_stream
from sharethings.protocol import replies, requests
from sharethings.protocol.errors import QuotaError, StorageFullError
from tests.files import MIB
from tests.integration.client.members import SECONDS, join, until
from tests.programs import wait_until

if TYPE_CHECKING:
    from tests.conftest import StartServer
    from tests.programs import Server as Program


async def test_a_stream_over_the_quota_leaves_nothing(server: StartServer):
    async with await join(server(session_bytes=4 * MIB)) as tia:
        with pytest.raises(QuotaError):
            await share_stream(tia, io.BytesIO(bytes(6 * MIB)), "log", lambda _: None)
        await until(tia, lambda: not tia.state.contents)
        assert len(tia.state.removed) == 1


async def test_a_full_disk_is_told_at_once_and_nothing_is_begun(server: StartServer):
    told: list[str] = []
    full = server(
        free_content_bytes=0, free_content_ratio=0, free_write_ratio=0, free_write_bytes=2**60
    )
    async with await join(full, say=told.append) as tia:
        stream = io.BytesIO(bytes(MIB))
        sending = asyncio.create_task(share_stream(tia, stream, "log", lambda _: None))
        await asyncio.to_thread(wait_until, lambda: bool(told), "the member is told")
        assert told == ["The disk of the server has no room for this; waiting for space…"]
        sending.cancel()
        await asyncio.wait({sending})
        tia.patience_seconds = 1
        stream.seek(0)
        with pytest.raises(StorageFullError):
            await share_stream(tia, stream, "log", lambda _: None)
        await tia.request(requests.ContentList(), replies.Page)
        assert not tia.state.contents
        assert not tia.state.removed


async def test_a_server_that_stays_away_is_told_with_what_is_left(program: Program):
    told: list[str] = []
    async with await join(program, say=told.append) as tia:
        tia.away_seconds = 0.5
        reader, writer = os.pipe()
        with os.fdopen(reader, "rb") as source, os.fdopen(writer, "wb") as sink:
            sending = asyncio.create_task(share_stream(tia, source, "log", lambda _: None))
            await asyncio.to_thread(sink.write, bytes(MIB + 1))
            await until(tia, lambda: tia.state.contents)
            (left,) = tia.state.contents
            program.kill()
            sink.close()
            async with asyncio.timeout(SECONDS):
                with pytest.raises(NoConnectionError, match=program.url):
                    await sending
        program.start()
        assert told[0] == f"The connection to {program.url} is lost; waiting for the server…"
        assert told[1].endswith(f"sharethings remove {left}")
