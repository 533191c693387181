"""Contents on the control plane: shares, listings, limits, announcements."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

import pytest

from sharethings.protocol.ids import encode_bytes
from tests.integration.server.knock import Knocker

if TYPE_CHECKING:
    from tests.conftest import StartServer
    from tests.programs import Server

B32 = encode_bytes(bytes(32))


@pytest.mark.parametrize(
    "changes",
    [
        {"chunk_size": 20_000},
        {"chunk_size": 8192},
        {"chunk_count": 0},
        {"chunk_count": 2**20 + 1},
        {"chunk_count": None},
        {"total_size": 5},
        {"total_size": 2**60},
        {"blob_id": "0" * 31},
        {"content_id": "0" * 31},
        {"content_box": "AAAA"},
        {"manifest": "AAAA"},
        {"manifest": encode_bytes(b"ST\x01\x04" + bytes(17_000))},
        {"chunk": encode_bytes(bytes(40))},
        {"name": "plans.txt"},
    ],
    ids=lambda changes: "-".join(f"{key}={value!s:.20}" for key, value in changes.items()),
)
async def test_what_cannot_be_a_content_is_not_shared(zoe: Knocker, changes: dict[str, Any]):
    assert await zoe.ask("content:share", **zoe.content(**changes)) == "invalid_request"
    assert (await zoe.ask("content:list"))["contents"] == []


async def test_a_first_manifest_has_revision_1(zoe: Knocker):
    fields = zoe.content(manifest=zoe.manifest(2))
    assert await zoe.ask("content:share", **fields) == "revision_conflict"


async def test_sharing_twice_is_sharing_once(zoe: Knocker):
    fields = zoe.content()
    first = await zoe.ask("content:share", **fields)
    assert first["missing"] == [[0, 2]]
    assert await zoe.ask("content:share", **fields) == first
    other = fields | {"content_box": encode_bytes(bytes(100))}
    assert await zoe.ask("content:share", **other) == "content_conflict"
    assert len((await zoe.ask("content:list"))["contents"]) == 1


async def test_completion_names_what_is_missing(zoe: Knocker):
    fields = zoe.content(size=80_000)
    content_id = fields["content_id"]
    await zoe.ask("content:share", **fields)
    for index in (1, 2):
        status, _ = await zoe.put(content_id, index, zoe.chunk(index, 16384, last=False))
        assert status == 201
    done = {
        "content_id": content_id,
        "manifest": zoe.manifest(2),
        "chunk_count": 5,
        "total_size": fields["total_size"],
    }
    failure = await zoe.failure("content:complete", **done)
    assert failure["code"] == "chunks_missing"
    assert (failure["missing"], failure["missing_count"]) == ([[0, 0], [3, 4]], 3)
    for index, size, last in ((0, 16384, False), (3, 16384, False), (4, 14464, True)):
        assert (await zoe.put(content_id, index, zoe.chunk(index, size, last=last)))[0] == 201
    wrong = done | {"manifest": zoe.manifest(3)}
    assert await zoe.ask("content:complete", **wrong) == "revision_conflict"
    small = done | {"total_size": 1}
    assert await zoe.ask("content:complete", **small) == "content_conflict"
    completed = await zoe.ask("content:complete", **done)
    assert await zoe.ask("content:complete", **done) == completed
    assert (
        await zoe.ask("content:complete", **done | {"manifest": zoe.manifest(2)})
        == "content_conflict"
    )
    late = zoe.chunk(0, 16384, last=False)
    assert await zoe.put(content_id, 0, late) == (409, "chunk_conflict")


async def test_limits_are_said(server: StartServer):
    started = server(contents_count=2, session_bytes=2**20, control_events_burst=1000)
    async with Knocker(started.url) as zoe:
        await zoe.start()
        failure = await zoe.failure("content:share", **zoe.content(size=2**20 + 1))
        assert (failure["code"], failure["limit_bytes"]) == ("quota_exceeded", 2**20)
        assert failure["available_bytes"] == 2**20
        for _ in range(2):
            assert isinstance(await zoe.ask("content:share", **zoe.content()), dict)
        assert await zoe.ask("content:share", **zoe.content()) == "limit_reached"


async def test_four_unfinished_uploads_and_fifty_pins(zoe: Knocker):
    unfinished = [zoe.content() for _ in range(5)]
    for fields in unfinished[:4]:
        assert isinstance(await zoe.ask("content:share", **fields), dict)
    assert await zoe.ask("content:share", **unfinished[4]) == "throttled"
    for number in range(51):
        chunk = zoe.chunk(0, 256, last=True)
        fields = zoe.content(size=256, chunk=encode_bytes(chunk))
        await zoe.ask("content:share", **fields)
        pinned = await zoe.ask("content:pin", content_id=fields["content_id"], pinned=True)
        assert (pinned == "pin_limit") == (number == 50)


async def test_a_disk_that_is_nearly_full_takes_nothing_new(server: StartServer):
    started = server(free_content_bytes=2**60)
    async with Knocker(started.url) as zoe:
        await zoe.start()
        failure = await zoe.failure("content:share", **zoe.content())
        assert failure["code"] == "storage_full"
        assert failure["retryable"]
        assert isinstance(await zoe.ask("content:list"), dict)


async def test_two_members_hear_every_revision(zoe: Knocker, started: Server):
    async with Knocker(started.url) as ben:
        ben.keys = zoe.keys
        first = (await ben.join())["page"]["revision"]
        fields = zoe.content(size=256, chunk=encode_bytes(zoe.chunk(0, 256, last=True)))
        content_id = fields["content_id"]
        await zoe.ask("content:share", **fields)
        await zoe.ask("content:rename", content_id=content_id, manifest=zoe.manifest(2))
        await ben.ask("content:pin", content_id=content_id, pinned=True)
        removed = await ben.ask("content:remove", content_id=content_id)
        assert await ben.ask("content:remove", content_id=content_id) == removed
        assert await ben.ask("content:remove", content_id="ab" * 16) == "content_not_found"
        await zoe.ask("content:clear")
        page = await zoe.ask("content:list", since=first)
        await ben.ask("content:list")  # its answer comes after all that was announced before
        heard = [(event, one["revision"]) for event, one in ben.told if "revision" in one]
        assert [revision for _, revision in heard] == list(range(first, first + 6))
        assert page["revision"] == first + 5
        assert [event for event, _ in heard] == [
            "member:joined",
            *["content:changed"] * 3,
            "content:removed",
            "contents:cleared",
        ]
        assert page["reset"]


async def test_listings_page_and_catch_up(zoe: Knocker):
    ids = []
    for _ in range(7):
        fields = zoe.content(size=256, chunk=encode_bytes(zoe.chunk(0, 256, last=True)))
        await zoe.ask("content:share", **fields)
        ids.append(fields["content_id"])
    newest = await zoe.ask("content:list", limit=3)
    assert [one["content_id"] for one in newest["contents"]] == ids[:3:-1]
    assert newest["more"]
    before = newest["contents"][-1]["position"]
    older = await zoe.ask("content:list", before=before, limit=10)
    assert [one["content_id"] for one in older["contents"]] == ids[3::-1]
    assert not older.get("more")
    since = newest["revision"] - 5
    await zoe.ask("content:remove", content_id=ids[0])
    changed: list[str] = []
    removed: list[str] = []
    more = True
    while more:
        page = await zoe.ask("content:list", since=since, limit=2)
        changed += [one["content_id"] for one in page["contents"]]
        removed += page.get("removed", [])
        since, more = page["through"], page.get("more", False)
    assert (changed, removed) == (ids[2:], [ids[0]])
    assert await zoe.ask("content:list", since=1, before=2) == "invalid_request"


async def test_events_are_relayed_and_the_latest_kept(zoe: Knocker, started: Server):
    async with Knocker(started.url) as ben:
        ben.keys = zoe.keys
        await ben.join()
        head = b"ST\x01"
        mine = bytes.fromhex(zoe.member_id) + bytes(8) + secrets.token_bytes(80)
        passing, kept = encode_bytes(head + b"\x20" + mine), encode_bytes(head + b"\x21" + mine)
        assert await zoe.ask("event:send", sealed=passing) == {}
        assert await zoe.ask("event:send", sealed=kept, sort="profile") == {}
        foreign = encode_bytes(head + b"\x20" + bytes(104))
        for fields in (
            {"sealed": kept},
            {"sealed": passing, "sort": "profile"},
            {"sealed": foreign},
            {"sealed": encode_bytes(bytes(100))},
            {"sealed": kept, "sort": "Not a sort"},
        ):
            assert await zoe.ask("event:send", **fields) == "invalid_request"
        await ben.ask("content:list")
        assert [one["sealed"] for event, one in ben.told if event == "event:sent"] == [
            passing,
            kept,
        ]
        async with Knocker(started.url) as late:
            late.keys = zoe.keys
            page = (await late.join())["page"]
            events = {one["member_id"]: one.get("events") for one in page["members"]}
            assert events[zoe.member_id] == [kept]
