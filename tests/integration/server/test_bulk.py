"""The bulk plane under bad input: each gets its own status and code, and nothing is stored."""

from __future__ import annotations

import asyncio
import hashlib
import json
import secrets
from typing import TYPE_CHECKING

import pytest

from sharethings.protocol.bulk import write_digest
from sharethings.protocol.ids import encode_bytes
from tests.integration.server.knock import Knocker
from tests.programs import wait_until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.conftest import StartServer
    from tests.programs import Server

SIZE = 40_000


@pytest.fixture
def started(server: StartServer) -> Server:
    return server(creations_per_hour=10_000, body_seconds=1)


@pytest.fixture
async def zoe(started: Server) -> AsyncIterator[Knocker]:
    async with Knocker(started.url) as knocker:
        yield await knocker.start()
        page = await knocker.ask("content:list")
        assert page["revision"] >= 1, "the server must still work"


async def share(zoe: Knocker) -> str:
    fields = zoe.content(SIZE)
    await zoe.ask("content:share", **fields)
    content_id: str = fields["content_id"]
    return content_id


def files(started: Server) -> list[str]:
    found = started.data_directory.glob("sessions/*/*/*")
    left = started.data_directory.glob("tmp/*")
    return sorted(path.name for path in [*found, *left])


async def test_a_chunk_is_stored_once(zoe: Knocker, started: Server):
    content_id = await share(zoe)
    chunk = zoe.chunk(0, 16384, last=False)
    stored = {"stored_count": 1, "stored_bytes": len(chunk)}
    assert await zoe.put(content_id, 0, chunk) == (201, stored)
    assert (await zoe.put(content_id, 0, chunk))[0] == 200
    other = zoe.chunk(0, 16384, last=False)
    assert await zoe.put(content_id, 0, other) == (409, "chunk_conflict")
    assert files(started) == ["0.bin"]
    status, body, headers = await zoe.get(content_id, 0)
    assert (status, body) == (200, chunk)
    assert headers["Digest"] == write_digest(hashlib.sha256(chunk).digest())
    assert headers["Cache-Control"] == "no-store"
    assert headers["Content-Disposition"] == "attachment"
    assert (await zoe.get(content_id, 1))[0] == 404


async def test_the_same_chunk_at_once_is_stored_once(zoe: Knocker):
    content_id = await share(zoe)
    chunk = zoe.chunk(0, 16384, last=False)
    answers = await asyncio.gather(*(zoe.put(content_id, 0, chunk) for _ in range(8)))
    assert sorted(status for status, _ in answers) == [200] * 7 + [201]


async def test_chunks_that_do_not_fit_are_refused(zoe: Knocker, started: Server):
    content_id = await share(zoe)
    good = zoe.chunk(0, 16384, last=False)
    for index, chunk in (
        (0, zoe.chunk(1, 16384, last=False)),
        (0, zoe.chunk(0, 16383, last=False)),
        (0, zoe.chunk(0, 16384, last=True)),
        (2, zoe.chunk(2, 100, last=False)),
        (2, zoe.chunk(2, 0, last=True)),
        (3, zoe.chunk(3, 16384, last=False)),
        (0, secrets.token_bytes(16416)),
        (0, good + b"x"),
        (0, b"ST"),
    ):
        assert await zoe.put(content_id, index, chunk) == (422, "chunk_malformed")
    wrong = {"Digest": write_digest(bytes(32))}
    assert await zoe.put(content_id, 0, good, headers=wrong) == (422, "digest_mismatch")
    for digest in ("", "sha-256=", "md5=AAAA", "sha-256=%%"):
        answer = await zoe.put(content_id, 0, good, headers={"Digest": digest})
        assert answer == (400, "invalid_request")
    assert files(started) == []


async def test_ids_and_indexes_are_checked(zoe: Knocker):
    content_id = await share(zoe)
    chunk = zoe.chunk(0, 16384, last=False)
    for name, index in (
        (content_id.upper(), 0),
        ("..%2f..%2fetc", 0),
        (content_id[:-1], 0),
        (content_id, "-1"),
        (content_id, "1e3"),
        (content_id, "00"),
        (content_id, "٣"),
    ):
        status, code = await zoe.put(name, index, chunk)
        assert (status, code) in {(400, "invalid_request"), (404, "not_found")}
    assert await zoe.put("f" * 32, 0, chunk) == (404, "content_not_found")
    assert (await zoe.get(content_id, 2**20))[0] in {400, 422}


async def test_tokens_open_their_session_only(zoe: Knocker, started: Server):
    content_id = await share(zoe)
    chunk = zoe.chunk(0, 16384, last=False)
    for token in ("", "x", "A" * 43, encode_bytes(bytes(32)), zoe.token[:-1]):
        assert await zoe.put(content_id, 0, chunk, token=token) == (401, "not_joined")
    bare = {"Authorization": "Basic Zm9v"}
    assert await zoe.put(content_id, 0, chunk, headers=bare) == (401, "not_joined")
    async with Knocker(started.url, "another") as ben:
        await ben.start()
        assert await zoe.put(content_id, 0, chunk, token=ben.token) == (403, "wrong_session")
        token = ben.token
        assert await ben.ask("session:leave") == {}
        assert await ben.put(content_id, 0, chunk, token=token) == (401, "not_joined")
        assert await ben.ask("content:list") == "not_joined"


async def test_bodies_are_bounded_before_they_are_read(zoe: Knocker, started: Server):
    content_id = await share(zoe)
    path = f"/api/v1/sessions/{zoe.session_id}/contents/{content_id}/chunks/0"
    head = f"PUT {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {zoe.token}\r\n"
    head += f"Digest: {write_digest(bytes(32))}\r\n"
    for lines, status, code in (
        ("Content-Length: 4194337\r\n", 413, "too_large"),
        ("Transfer-Encoding: chunked\r\n", 411, "length_required"),
        ("Content-Length: 100\r\nContent-Encoding: gzip\r\n", 415, "unsupported_encoding"),
        ("Content-Length: 16416\r\n", 408, "request_timeout"),
        ("Content-Length: 20000\r\n", 422, "chunk_malformed"),
    ):
        reader, writer = await asyncio.open_connection("127.0.0.1", started.port)
        writer.write(f"{head}{lines}\r\n".encode())
        await writer.drain()
        answer = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
        assert f" {status} ".encode() in answer.splitlines()[0]
        length = next(
            int(line.split(b":")[1])
            for line in answer.splitlines()
            if line.lower().startswith(b"content-length")
        )
        assert json.loads(await reader.readexactly(length))["error"]["code"] == code
        writer.close()
    assert files(started) == []


async def test_who_hangs_up_in_the_middle_leaves_nothing_and_is_no_fault(
    zoe: Knocker, started: Server
):
    content_id = await share(zoe)
    path = f"/api/v1/sessions/{zoe.session_id}/contents/{content_id}/chunks/0"
    head = f"PUT {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {zoe.token}\r\n"
    head += f"Digest: {write_digest(bytes(32))}\r\nContent-Length: 16416\r\n"
    reader, writer = await asyncio.open_connection("127.0.0.1", started.port)
    writer.write(f"{head}Expect: 100-continue\r\n\r\n".encode())
    assert await reader.readline() == b"HTTP/1.1 100 Continue\r\n"
    writer.write(bytes(1000))
    await asyncio.to_thread(wait_until, started.has_read_all, "it arrives")
    writer.transport.abort()
    await zoe.put(content_id, 0, zoe.chunk(0, 16384, last=False))  # there is room for it
    assert not list((started.data_directory / "tmp").iterdir())


async def test_ranges_and_heads(zoe: Knocker):
    content_id = await share(zoe)
    chunk = zoe.chunk(0, 16384, last=False)
    await zoe.put(content_id, 0, chunk)
    small = zoe.chunk(0, 256, last=True)
    fields = zoe.content(256, chunk=encode_bytes(small))
    await zoe.ask("content:share", **fields)
    for where, data in ((content_id, chunk), (fields["content_id"], small)):
        assert (await zoe.get(where, 0))[:2] == (200, data)
        status, body, headers = await zoe.get(where, 0, Range="bytes=10-19")
        assert (status, body) == (206, data[10:20])
        assert headers["Content-Range"] == f"bytes 10-19/{len(data)}"
        assert (await zoe.get(where, 0, Range="bytes=-16"))[:2] == (206, data[-16:])
        assert (await zoe.get(where, 0, Range="bytes=99999-"))[0] == 416
        path = f"/api/v1/sessions/{zoe.session_id}/contents/{where}/chunks/0"
        sent = {"Authorization": f"Bearer {zoe.token}"}
        async with zoe.http.head(f"{zoe.url}{path}", headers=sent) as response:
            assert (response.status, response.content_length) == (200, len(data))


async def test_a_lost_chunk_is_said_and_asked_for_again(zoe: Knocker, started: Server):
    content_id = await share(zoe)
    await zoe.put(content_id, 0, zoe.chunk(0, 16384, last=False))
    next(started.data_directory.glob("sessions/*/*/0.bin")).unlink()
    status, body, _ = await zoe.get(content_id, 0)
    assert (status, json.loads(body)["error"]["code"]) == (410, "chunk_damaged")
    assert (await zoe.ask("content:missing", content_id=content_id))["missing"] == [[0, 2]]


async def test_removed_bytes_leave_the_disk(zoe: Knocker, started: Server):
    first, second = await share(zoe), await share(zoe)
    for content_id in (first, second):
        await zoe.put(content_id, 0, zoe.chunk(0, 16384, last=False))
    await zoe.ask("content:remove", content_id=first)
    wait_until(lambda: len(files(started)) == 1, "the removed chunk is gone")
    assert (await zoe.get(first, 0))[0] == 404
    await zoe.ask("content:clear")
    wait_until(lambda: not list(started.data_directory.glob("sessions/*")), "all are gone")
    assert not list(started.data_directory.glob("trash/*"))


async def test_a_killed_server_keeps_what_it_acknowledged(zoe: Knocker, started: Server):
    content_id = await share(zoe)
    chunk = zoe.chunk(1, 16384, last=False)
    await zoe.put(content_id, 1, chunk)
    old = zoe.token
    leftover = started.data_directory / "tmp" / "cut"
    started.kill()
    leftover.write_bytes(b"half a chunk")
    started.start()
    async with Knocker(started.url) as again:
        again.keys = zoe.keys
        again.token = old
        assert (await again.get(content_id, 1))[0] == 401
        page = (await again.join())["page"]
        assert [(one["content_id"], one["stored_count"]) for one in page["contents"]] == [
            (content_id, 1)
        ]
        assert (await again.get(content_id, 1))[:2] == (200, chunk)
        missing = await again.ask("content:missing", content_id=content_id)
        assert missing["missing"] == [[0, 0], [2, 2]]
        assert not leftover.exists()
        await zoe.socket.disconnect()
        await zoe.socket.connect(zoe.url, transports=["websocket"])
        await zoe.join(member_id=secrets.token_hex(16))


async def test_only_so_many_requests_of_a_token_run_at_once(server: StartServer):
    started = server(bulk_requests_at_once=2, body_seconds=30, bulk_requests_per_second=1_000_000)
    async with Knocker(started.url) as zoe:
        await zoe.start()
        content_id = await share(zoe)
        path = f"/api/v1/sessions/{zoe.session_id}/contents/{content_id}/chunks/0"
        head = f"PUT {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {zoe.token}\r\n"
        head += f"Digest: {write_digest(bytes(32))}\r\nContent-Length: 16416\r\n"
        head += "Expect: 100-continue\r\n\r\n"
        held = [await asyncio.open_connection("127.0.0.1", started.port) for _ in range(2)]
        for reader, writer in held:
            writer.write(head.encode())
            assert await reader.readline() == b"HTTP/1.1 100 Continue\r\n"
        answer = await zoe.get(content_id, 0)
        assert answer[0] == 429
        assert answer[2]["Retry-After"] == "1"
        for _, writer in held:
            writer.close()
