"""`GET …/digests` over HTTP: who may ask, and that the client gets all of them."""

from __future__ import annotations

import socket
import sqlite3
from contextlib import closing
from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import aiohttp

from sharethings.client.bulk import Bulk
from sharethings.client.server import Server as Place
from sharethings.protocol.bulk import DIGESTS_PATH, pack_digests
from sharethings.protocol.limits import DIGESTS_MAX
from tests.proxy import RESET

if TYPE_CHECKING:
    from tests.integration.server.knock import Knocker
    from tests.programs import Server


async def test_a_member_asks_the_digests_in_one_request(zoe: Knocker):
    fields = zoe.content()
    await zoe.ask("content:share", **fields)
    content_id = fields["content_id"]
    chunks = [zoe.chunk(index, 16_384, last=False) for index in range(2)]
    for index, chunk in enumerate(chunks):
        await zoe.put(content_id, index, chunk)
    packed = pack_digests((index, sha256(one).digest()) for index, one in enumerate(chunks))
    path = DIGESTS_PATH.format(session_id=zoe.session_id, content_id=content_id)
    for query, token, expected in (
        ("", zoe.token, (200, packed)),
        ("?from=1", zoe.token, (200, packed[36:])),
        ("?from=1048576", zoe.token, (200, b"")),
        ("?from=-1", zoe.token, (400, "invalid_request")),
        ("", "x", (401, "not_joined")),
    ):
        headers = {"Authorization": f"Bearer {token}"}
        async with zoe.http.get(f"{zoe.url}{path}{query}", headers=headers) as response:
            said = (await response.json())["error"]["code"] if response.status != 200 else None
            assert (response.status, said or await response.read()) == expected
            assert response.headers["Cache-Control"] == "no-store"
    wrong = path.replace(content_id, "x")
    async with zoe.http.get(
        zoe.url + wrong, headers={"Authorization": f"Bearer {zoe.token}"}
    ) as response:
        assert response.status == 400


async def test_the_client_asks_until_it_has_all(zoe: Knocker, started: Server):
    fields = zoe.content(chunk_count=None, total_size=None)
    await zoe.ask("content:share", **fields)
    many = range(0, 2 * DIGESTS_MAX + 4, 2)
    with closing(sqlite3.connect(started.data_directory / "sharethings.db")) as database, database:
        database.executemany(
            "INSERT INTO chunk_metadata (session_id, content_id, chunk_index, size, created_at,"
            " sha256) VALUES (?, ?, ?, 40, 0, ?)",
            [(zoe.session_id, fields["blob_id"], index, bytes(32)) for index in many],
        )
    async with aiohttp.ClientSession() as http:
        bulk = Bulk(Place.parse(started.url), http)
        found = await bulk.digests(zoe.token, zoe.session_id, fields["content_id"])
    assert found == dict.fromkeys(many, bytes(32))


async def test_who_hangs_up_before_the_answer_is_no_fault(zoe: Knocker):
    """The server's log is read at the end of each test."""
    fields = zoe.content()
    await zoe.ask("content:share", **fields)
    await zoe.put(fields["content_id"], 0, zoe.chunk(0, 16_384, last=False))
    path = DIGESTS_PATH.format(session_id=zoe.session_id, content_id=fields["content_id"])
    place = urlsplit(zoe.url)
    head = f"Host: {place.netloc}\r\nAuthorization: Bearer {zoe.token}\r\n\r\n"
    asked = f"GET {path} HTTP/1.1\r\n{head}"
    for _ in range(20):
        with socket.create_connection((place.hostname or "", place.port or 0)) as line:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            line.sendall(asked.encode())
    await zoe.ask("session:hello", session_id=zoe.session_id, client_nonce="A" * 43)
