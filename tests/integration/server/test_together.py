"""Requests of one connection that are under way together: all looks as one after the other."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from contextlib import AsyncExitStack, closing
from functools import partial
from typing import TYPE_CHECKING, Any

from sharethings.storage import garbage_rows
from sharethings.transport.socket.namespace import BEGUN_MAX
from tests.integration.inside import serve_inside
from tests.integration.server.knock import SECONDS, Knocker

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from sharethings.storage.database import Connection, Database
    from tests.programs import Server

COUNT = 150
OWN_COUNT = 5
"""Jobs of the server itself, like those of its scrubbing, that can wait with them."""


class Asker:
    """Asks without waiting; `answers` are (number of the request, answer) as they come."""

    def __init__(self, knocker: Knocker) -> None:
        """Ask over this connection."""
        self._knocker = knocker
        self._asked = 0
        self._all_here = asyncio.Event()
        self.answers: list[tuple[int, dict[str, Any]]] = []

    async def ask(self, event: str, fields: dict[str, Any]) -> None:
        """Ask."""
        number = self._asked
        self._asked += 1

        def take(answer: dict[str, Any]) -> None:
            self.answers.append((number, answer))
            self._all_here.set()

        await self._knocker.socket.emit(event, fields, callback=take)

    async def wait(self) -> list[dict[str, Any]]:
        """Wait for all answers, which must come in order."""
        async with asyncio.timeout(SECONDS):
            while len(self.answers) < self._asked:
                self._all_here.clear()
                await self._all_here.wait()
        assert [number for number, _ in self.answers] == list(range(self._asked))
        return [answer for _, answer in self.answers]


def revisions(knocker: Knocker) -> list[int]:
    """Give the revisions of what somebody was told."""
    return [data["revision"] for _, data in knocker.told]


async def test_shares_are_told_and_answered_in_order(started: Server):
    async with Knocker(started.url) as zoe, Knocker(started.url) as ben:
        await zoe.create(contents_max=5, drops_oldest=True)
        await zoe.join()
        ben.keys = zoe.keys
        begun = (await ben.join())["page"]["revision"]
        asker = Asker(zoe)
        shared = [zoe.small(100) for _ in range(COUNT)]
        for fields in shared:
            await asker.ask("content:share", fields)
        given = [answer["result"]["revision"] for answer in await asker.wait()]
        assert given == sorted(given)
        await ben.ask("content:list")  # its answer comes after all that was announced before
        ben.told = [one for one in ben.told if one[0] != "member:joined"]
        assert revisions(ben) == list(range(begun + 1, begun + 2 * COUNT - 5 + 1))
        changed = [data for event, data in ben.told if event == "content:changed"]
        assert [one["content"]["content_id"] for one in changed] == [
            fields["content_id"] for fields in shared
        ]
        removed = [data for event, data in ben.told if event == "content:removed"]
        assert [one["content_ids"] for one in removed] == [
            [fields["content_id"]] for fields in shared[: COUNT - 5]
        ]


async def test_each_request_sees_what_those_before_it_did(zoe: Knocker):
    asker = Asker(zoe)
    note, plan = zoe.small(100), zoe.content()
    wrong = zoe.small(100) | {"blob_id": "ab" * 16}
    await asker.ask("content:share", plan)  # looks for missing chunks when it is committed
    await asker.ask("content:share", note)
    await asker.ask("content:share", note)
    await asker.ask("content:list", {})
    await asker.ask("content:share", wrong)
    await asker.ask("content:pin", {"content_id": note["content_id"], "pinned": True})
    await asker.ask("content:share", zoe.small(100))
    await asker.ask("content:remove", {"content_id": note["content_id"]})
    await asker.ask("content:share", note)
    await asker.ask("session:leave", {})
    await asker.ask("content:share", zoe.small(100))
    answers = await asker.wait()
    first = answers[0]["result"]["revision"]
    assert [answer["result"].get("revision") for answer in answers if "result" in answer] == [
        *(first, first + 1, first + 1, first + 1, first + 2, first + 3, first + 4, None)
    ]
    assert [one["content_id"] for one in answers[3]["result"]["contents"]] == [
        note["content_id"],
        plan["content_id"],
    ]
    codes = {
        number: answer["error"]["code"] for number, answer in asker.answers if "error" in answer
    }
    assert codes == {4: "invalid_request", 8: "content_not_found", 10: "not_joined"}
    await zoe.join(member_id="cd" * 16)


async def pass_time(knocker: Knocker) -> None:
    """Let the server do something for somebody."""
    await knocker.ask("session:hello", session_id=knocker.session_id, client_nonce="A" * 43)


class Hold:
    """Keeps the writer of a database busy until `free` is called."""

    def __init__(self, database: Database) -> None:
        """Order the job that does it."""
        self._is_held, self._is_free = threading.Event(), threading.Event()
        self._database = database
        self._ordered = database.order(self._hold)

    def _hold(self, _connection: Connection) -> None:
        self._is_held.set()
        assert self._is_free.wait(SECONDS)

    async def wait_for(self, count: int, other: Knocker) -> None:
        """Wait until so many jobs of clients wait, and a while longer: there are no more."""
        await asyncio.to_thread(self._is_held.wait, SECONDS)
        async with asyncio.timeout(SECONDS):
            while self._database.waiting_count < count:
                await pass_time(other)
        for _ in range(10):
            await pass_time(other)
        assert self._database.waiting_count <= count + OWN_COUNT

    async def free(self) -> None:
        """Let the others have it."""
        self._is_free.set()
        await self._ordered


async def test_so_many_wait_for_a_commit_and_share_it(tmp_path: Path):
    inside = serve_inside(tmp_path, control_events_burst=1000)
    async with inside as (url, core), Knocker(url) as zoe, Knocker(url) as ben:
        await zoe.start()
        database, asker = core.sharing._database, Asker(zoe)
        hold = Hold(database)
        for _ in range(COUNT):
            await asker.ask("content:share", zoe.small(100))
        await hold.wait_for(BEGUN_MAX, ben)
        jobs: list[int] = []
        database.on_commit = lambda count, _seconds: jobs.append(count)
        await hold.free()
        assert len(await asker.wait()) == COUNT
        assert BEGUN_MAX in jobs


async def test_so_many_bytes_wait_for_a_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("sharethings.transport.socket.namespace.BEGUN_MAX_BYTES", 10_000)
    inside = serve_inside(tmp_path, control_events_burst=1000)
    async with inside as (url, core), Knocker(url) as zoe, Knocker(url) as ben:
        await zoe.start()
        hold, asker = Hold(core.sharing._database), Asker(zoe)
        shares = [zoe.small(1000) for _ in range(COUNT)]
        for share in shares:
            await asker.ask("content:share", share)
        each = len(shares[0]["manifest"]) + len(shares[0]["chunk"])
        await hold.wait_for(-(-10_000 // each), ben)
        await hold.free()
        assert all("result" in answer for answer in await asker.wait())


async def test_a_stop_waits_for_what_has_begun_and_begins_no_more(tmp_path: Path):
    async with AsyncExitStack() as stack:
        url, core = await stack.enter_async_context(
            serve_inside(tmp_path, control_events_burst=1000)
        )
        async with Knocker(url) as zoe, Knocker(url) as ben:
            await zoe.start()
            hold = Hold(core.sharing._database)
            for _ in range(COUNT):
                await zoe.socket.emit("content:share", zoe.small(100))
            await hold.wait_for(BEGUN_MAX, ben)
            stopped = asyncio.create_task(stack.aclose())
            await zoe.socket.wait()  # until it is cut off
            await hold.free()
            await stopped
    with closing(sqlite3.connect(tmp_path / "sharethings.db")) as database:
        (count,) = database.execute("SELECT count(*) FROM content_metadata").fetchone()
    assert count == BEGUN_MAX


async def test_who_hangs_up_leaves_after_all_that_was_shared(tmp_path: Path):
    async with serve_inside(tmp_path) as (url, core), Knocker(url) as zoe:
        await zoe.start()
        database, blob = core.sharing._database, "ab" * 16
        note = partial(garbage_rows.note, session_id=zoe.session_id, blob_ids=[blob], now=0)
        async with Knocker(url) as ben:
            ben.keys = zoe.keys
            await ben.join()
            await zoe.ask("content:list")
            zoe.told.clear()
            await database.write(note)
            hold = Hold(database)
            await ben.socket.emit("content:share", ben.small(100))
            # what is left of a removed blob is taken away before: that takes two commits more
            await ben.socket.emit("content:share", ben.content(blob_id=blob))
            await hold.wait_for(2, zoe)
        await hold.wait_for(2, zoe)
        await hold.free()
        async with asyncio.timeout(SECONDS):
            while "member:left" not in [event for event, _ in zoe.told]:
                await pass_time(zoe)
        assert [event for event, _ in zoe.told] == [*["content:changed"] * 2, "member:left"]
        assert revisions(zoe) == [3, 4, 5]


async def test_what_is_no_share_begins_when_all_before_it_are_committed(tmp_path: Path):
    inside = serve_inside(tmp_path)
    async with inside as (url, core), Knocker(url) as zoe, Knocker(url) as ben:
        await zoe.start()
        hold, asker, note = Hold(core.sharing._database), Asker(zoe), zoe.small(100)
        await asker.ask("content:share", note)
        await asker.ask("content:list", {})
        await hold.wait_for(1, ben)
        await hold.free()
        contents = (await asker.wait())[1]["result"]["contents"]
        assert [one["content_id"] for one in contents] == [note["content_id"]]
