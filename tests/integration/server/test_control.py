"""The control plane: sessions, joins, and who knocks too hard."""

from __future__ import annotations

import asyncio
import secrets
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from sharethings.protocol.ids import encode_bytes
from tests.integration.server.knock import Knocker

if TYPE_CHECKING:
    from tests.conftest import StartServer
    from tests.programs import Server

B32 = encode_bytes(bytes(32))


async def test_a_session_is_created_once(zoe: Knocker, started: Server):
    async with Knocker(started.url) as other:
        assert await other.create("another passphrase") == {"created": False}
        assert await other.join() == "wrong_passphrase"
        other.keys = zoe.keys
        assert isinstance(await other.join(), dict)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"iterations": 599_999}, "iterations_refused"),
        ({"iterations": 0}, "iterations_refused"),
        ({"iterations": 10_000_001}, "iterations_refused"),
        ({"suite": 2}, "suite_unknown"),
        ({"salt": "short"}, "invalid_request"),
        ({"salt": encode_bytes(bytes(16)) + "="}, "invalid_request"),
        ({"session_id": "G" * 64}, "invalid_request"),
        ({"session_id": "A" * 64}, "invalid_request"),
        ({"surprise": 1}, "invalid_request"),
        ({"\ud800": 1}, "invalid_request"),
        ({"iterations": True}, "invalid_request"),
        ({"iterations": "600000"}, "invalid_request"),
    ],
)
async def test_what_cannot_be_a_session_is_not_created(
    started: Server, changes: dict[str, Any], code: str
):
    async with Knocker(started.url) as knocker:
        assert await knocker.create(**changes) == code
        assert await knocker.create() == {"created": True}


async def test_an_unknown_session_and_a_wrong_proof_get_the_same_answer(started: Server):
    async with Knocker(started.url, "one") as known, Knocker(started.url, "none") as unknown:
        await known.create()
        nonce = encode_bytes(secrets.token_bytes(32))
        failures = []
        for one in (known, unknown):
            await one.ask("session:hello", session_id=one.session_id, client_nonce=nonce)
            failures.append(
                await one.failure(
                    "session:join", session_id=one.session_id, proof=B32, member_id="0" * 32
                )
            )
        assert failures[0] == failures[1]
        assert failures[0]["code"] == "wrong_passphrase"


async def test_a_challenge_serves_once_and_for_its_session(zoe: Knocker, started: Server):
    async with Knocker(started.url) as other:
        fields = {"session_id": other.session_id, "proof": B32, "member_id": "1" * 32}
        assert await other.ask("session:join", **fields) == "invalid_request"
        await other.ask("session:hello", session_id="1" * 64, client_nonce=B32)
        assert await other.ask("session:join", **fields) == "invalid_request"
        await other.ask("session:hello", session_id=other.session_id, client_nonce=B32)
        assert await other.ask("session:join", **fields) == "wrong_passphrase"
        assert await other.ask("session:join", **fields) == "invalid_request"
        other.keys = zoe.keys
        assert await other.join(member_id=zoe.member_id) == "invalid_request"
        assert await zoe.join() == "invalid_request"


async def test_repeated_wrong_passphrases_must_wait_and_members_stay(zoe: Knocker, started: Server):
    async with Knocker(started.url) as guesser:
        await guesser.create("guess, guess, guess")
        for _ in range(5):
            assert await guesser.join() == "wrong_passphrase"
        nonce = encode_bytes(secrets.token_bytes(32))
        await guesser.ask("session:hello", session_id=guesser.session_id, client_nonce=nonce)
        failure = await guesser.failure(
            "session:join", session_id=guesser.session_id, proof=B32, member_id="2" * 32
        )
        assert failure["code"] == "throttled"
        assert failure["retry_after_seconds"] >= 1
    assert isinstance(await zoe.ask("content:list"), dict)


async def test_nothing_is_open_before_the_join(started: Server):
    async with Knocker(started.url) as stranger:
        await stranger.create()
        for event, fields in (
            ("content:list", {}),
            ("content:share", stranger.content()),
            ("content:clear", {}),
            ("session:leave", {}),
            ("event:send", {"sealed": encode_bytes(bytes(64))}),
        ):
            assert await stranger.ask(event, **fields) == "not_joined"
        assert await stranger.ask("content:steal") == "invalid_request"


async def test_who_floods_is_told_to_wait(server: StartServer):
    started = server()
    async with Knocker(started.url) as zoe:
        await zoe.start()
        answers = [await zoe.failure_or_none("content:list") for _ in range(100)]
        codes = {one["code"] for one in answers if one}
        assert codes == {"throttled"}
        assert all(one["retry_after_seconds"] >= 1 for one in answers if one)


async def test_attachments_and_floods_of_bytes_end_the_connection(zoe: Knocker, started: Server):
    before = started.memory_bytes()
    floods: tuple[list[str | bytes], ...] = (
        ["40", '4250-["content:share",{"_placeholder":true,"num":0}]', *[bytes(60_000)] * 50],
        ["40", "42" + '["session:hello",' + "[" * 60_000],
        ["40", "x" * 200_000],
    )
    for frames in floods:
        async with zoe.http.ws_connect(
            f"{started.url}/socket.io/?EIO=4&transport=websocket", compress=15
        ) as socket:
            assert socket.compress == 0
            for frame in frames:
                try:
                    if isinstance(frame, bytes):
                        await socket.send_bytes(frame)
                    else:
                        await socket.send_str(frame)
                except (ConnectionError, aiohttp.ClientError):
                    break
    assert started.memory_bytes() - before < 20 * 2**20


async def test_pages_of_other_origins_are_refused(started: Server):
    url = f"{started.url}/socket.io/?EIO=4&transport=polling"
    async with aiohttp.ClientSession() as http:
        for origin, status in (("https://evil.example", 403), (started.url, 200)):
            async with http.get(url, headers={"Origin": origin}) as response:
                assert response.status == status
        async with http.get(
            url, headers={"Origin": "https://evil.example", "X-Forwarded-Host": "evil.example"}
        ) as response:
            assert response.status == 403


async def test_who_does_not_join_is_disconnected(server: StartServer):
    started = server(unjoined_seconds=1)
    async with Knocker(started.url) as stranger:
        await asyncio.wait_for(stranger.socket.wait(), 10)
        assert not stranger.socket.connected
