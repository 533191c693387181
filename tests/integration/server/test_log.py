"""What the operator reads in the log, and what nobody reads there."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

from tests.integration.server.knock import Knocker

if TYPE_CHECKING:
    from tests.conftest import StartServer


async def test_the_log_says_who_knocks_and_hides_what_they_say(server: StartServer):
    started = server(free_content_bytes=2**60)
    async with Knocker(started.url) as zoe:
        await zoe.start()
        async with Knocker(started.url) as eve:
            await eve.ask("session:hello", session_id=zoe.session_id, client_nonce="A" * 43)
            proof = {"proof": "A" * 43, "member_id": "ab" * 16}
            assert await eve.ask("session:join", session_id=zoe.session_id, **proof) == (
                "wrong_passphrase"
            )
    reader, writer = await asyncio.open_connection("127.0.0.1", started.port)
    writer.write(b"GET / HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer SECRET\x01\r\n\r\n")
    assert b"400" in await reader.readline()
    writer.close()
    await asyncio.to_thread(started.stop)
    lines = [json.loads(line) for line in started.log.splitlines()]
    events = [line["event"] for line in lines]
    middle = ["joined", "lost", "request_unreadable", "session_created", "wrong_passphrase"]
    assert [*events[:3], *sorted(events[3:-1]), events[-1]] == [
        *("recovered", "disk_full", "started"),
        *middle,
        "stopped",
    ]
    wrong = lines[events.index("wrong_passphrase")]
    assert wrong["address"] == "127.0.0.1"
    assert "SECRET" not in started.log
    assert zoe.session_id not in started.log
