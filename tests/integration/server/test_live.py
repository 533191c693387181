"""`GET …/chunks?from=N` over HTTP: a content is received while it is sent."""

from __future__ import annotations

import asyncio
import io
from contextlib import ExitStack, asynccontextmanager
from typing import TYPE_CHECKING

from sharethings.protocol.bulk import CHUNKS_PATH, FRAME_HEAD
from sharethings.protocol.ids import decode_bytes
from tests.files import MIB
from tests.integration.server.deaf import deaf, held
from tests.integration.server.knock import Knocker
from tests.programs import wait_until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    import aiohttp

    from tests.conftest import StartServer
    from tests.programs import Server

SECONDS = 60
LARGE = 4 * MIB


async def next_chunk(response: aiohttp.ClientResponse) -> tuple[int, bytes] | None:
    """Give the next chunk of the frames that come; None when the body has ended."""
    async with asyncio.timeout(SECONDS):
        while head := await response.content.read(1):
            head += await response.content.readexactly(FRAME_HEAD.size - 1)
            index, size = FRAME_HEAD.unpack(head)
            if size:
                return index, await response.content.readexactly(size)
    return None


async def all_chunks(response: aiohttp.ClientResponse) -> list[tuple[int, bytes]]:
    """Give all that come until the body ends."""
    found = []
    while (one := await next_chunk(response)) is not None:
        found.append(one)
    return found


@asynccontextmanager
async def live(
    knocker: Knocker, content_id: str, query: str = ""
) -> AsyncIterator[aiohttp.ClientResponse]:
    """Follow a content."""
    path = CHUNKS_PATH.format(session_id=knocker.session_id, content_id=content_id)
    headers = {"Authorization": f"Bearer {knocker.token}"}
    async with knocker.http.get(f"{knocker.url}{path}{query}", headers=headers) as response:
        yield response


async def share(zoe: Knocker, count: int) -> tuple[str, list[bytes]]:
    """Share a content of large chunks; gives its id, and the chunks that are to be sent."""
    fields = zoe.content(count * LARGE, LARGE)
    await zoe.ask("content:share", **fields)
    sent = [zoe.chunk(index, LARGE, last=index == count - 1) for index in range(count)]
    return fields["content_id"], sent


async def put(zoe: Knocker, content_id: str, index: int, chunk: bytes) -> None:
    """Send a chunk."""
    assert (await zoe.put(content_id, index, chunk, body=io.BytesIO(chunk)))[0] == 201


async def test_who_follows_has_each_chunk_when_it_is_stored(zoe: Knocker):
    content_id, sent = await share(zoe, 4)
    async with live(zoe, content_id) as early, live(zoe, content_id, "?from=3") as late:
        assert early.headers["Cache-Control"] == "no-store"
        for index, chunk in enumerate(sent[:2]):
            await put(zoe, content_id, index, chunk)
            assert await next_chunk(early) == (index, chunk)
        await put(zoe, content_id, 3, sent[3])
        assert await all_chunks(late) == [(3, sent[3])]
        await put(zoe, content_id, 2, sent[2])
        assert await all_chunks(early) == [(2, sent[2]), (3, sent[3])]
    async with live(zoe, content_id, "?from=1") as later:
        assert await all_chunks(later) == list(enumerate(sent))[1:]


async def test_small_chunks_come_too(zoe: Knocker):
    fields = zoe.small()
    await zoe.ask("content:share", **fields)
    async with live(zoe, fields["content_id"]) as response:
        assert await all_chunks(response) == [(0, decode_bytes(fields["chunk"]))]


async def test_what_cannot_be_followed_is_refused(zoe: Knocker):
    content_id, _ = await share(zoe, 1)
    for name, query, status in (("f" * 32, "", 404), ("x", "", 400), (content_id, "?from=x", 400)):
        async with live(zoe, name, query) as response:
            assert response.status == status
    zoe.token, token = "x", zoe.token
    async with live(zoe, content_id) as response:
        assert response.status == 401
    zoe.token = token


async def test_who_has_left_is_sent_no_more(zoe: Knocker, started: Server):
    content_id, sent = await share(zoe, 2)
    async with Knocker(started.url) as ada:
        ada.keys = zoe.keys
        await ada.join()
        async with live(ada, content_id) as response:
            await put(zoe, content_id, 0, sent[0])
            assert await next_chunk(response) == (0, sent[0])
            await ada.ask("session:leave")
            await put(zoe, content_id, 1, sent[1])
            assert await next_chunk(response) is None


async def test_who_hangs_up_is_no_fault(zoe: Knocker):
    content_id, sent = await share(zoe, 2)
    async with live(zoe, content_id) as response:
        await put(zoe, content_id, 0, sent[0])
        response.close()
        await put(zoe, content_id, 1, sent[1])


async def test_a_chunk_that_is_lost_ends_it(zoe: Knocker, started: Server):
    content_id, sent = await share(zoe, 2)
    for index, chunk in enumerate(sent):
        await put(zoe, content_id, index, chunk)
    next(started.data_directory.glob("sessions/*/*/1.bin")).unlink()
    async with live(zoe, content_id) as response:
        assert await all_chunks(response) == [(0, sent[0])]
    assert (await zoe.get(content_id, 1))[0] == 410


async def test_who_follows_and_does_not_read_costs_nobody_anything(
    server: StartServer, record_property: Callable[[str, object], None]
):
    started = server(send_stall_seconds=2)
    async with Knocker(started.url) as zoe:
        await zoe.start()

        async def send(content_id: str, sent: list[bytes]) -> None:
            async with live(zoe, content_id) as response:
                for index, chunk in enumerate(sent):
                    await put(zoe, content_id, index, chunk)
                    assert await next_chunk(response) == (index, chunk)

        await send(*await share(zoe, 4))
        content_id, sent = await share(zoe, 12)
        before = started.memory_bytes()
        with ExitStack() as stack:
            readers = [
                stack.enter_context(deaf(zoe, started, f"{content_id}/chunks")) for _ in range(4)
            ]
            await send(content_id, sent)
            record_property("grown_bytes", started.memory_bytes() - before)
            assert started.memory_bytes() - before < 20 * MIB
            ports = {one.getsockname()[1] for one in readers}
            await asyncio.to_thread(wait_until, lambda: not held(started, ports), "all are cut off")


async def test_who_follows_does_not_keep_the_server_from_stopping(server: StartServer):
    started = server(shutdown_seconds=120)
    async with Knocker(started.url) as zoe:
        await zoe.start()
        content_id, sent = await share(zoe, 2)
        async with live(zoe, content_id) as response:
            await put(zoe, content_id, 0, sent[0])
            assert await next_chunk(response) == (0, sent[0])
            await asyncio.to_thread(started.stop)
            assert await next_chunk(response) is None
