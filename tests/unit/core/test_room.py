"""Room: what cannot fit is refused before its first byte, with the numbers."""

from __future__ import annotations

import errno
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from sharethings.config import load_settings
from sharethings.core import quota as module
from sharethings.core.quota import DayQuota
from sharethings.protocol.errors import ChunkDamagedError, QuotaError, StorageFullError
from tests.unit.core.house import (
    CHUNK_SIZE,
    Hands,
    House,
    a_chunk,
    a_share,
    a_stream,
    chunks_of,
    left_behind,
    put,
    share_whole,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from sharethings.protocol import requests
    from sharethings.records import Member

MIB = 1024 * 1024


def large(size: int, **changes: object) -> requests.ContentShare:
    """Give a request that shares so many plain bytes in the largest chunks."""
    count = -(-size // (4 * MIB))
    given = {"chunk_size": 4 * MIB, "chunk_count": count, "total_size": size + 32 * count}
    return a_share(0, **{**given, **changes})


async def send_all(house: House, member: Member, content_id: str, sent: list[bytes]) -> None:
    """Send chunks one after the other."""
    for index, chunk in enumerate(sent):
        await put(house.core.chunks, member, content_id, index, chunk)


async def test_what_others_were_promised_is_not_promised_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    async with House(tmp_path / "data", free_write_bytes=MIB) as house:

        async def space() -> tuple[int, int]:
            return 101 * MIB, 1000 * MIB

        monkeypatch.setattr(house.store.directory, "space", space)
        tia, ada = await house.member(), await house.member()
        with pytest.raises(StorageFullError) as caught:
            await house.core.sharing.share(tia, large(100 * MIB))
        assert str(caught.value) == (
            "This needs 104.9 MB; the disk of the server has room for 104.8 MB. "
            "Try again when there is space."
        )
        first = large(60 * MIB)
        await house.core.sharing.share(tia, first)
        with pytest.raises(
            StorageFullError, match=r"needs 42.0 MB; .* has room for 41.9 MB"
        ) as caught:
            await house.core.sharing.share(ada, large(40 * MIB))
        assert caught.value.failure().available_bytes == 100 * MIB - (first.total_size or 0)
        await put(house.core.chunks, tia, first.content_id, 0, a_chunk(0, 4 * MIB))
        await house.core.sharing.share(ada, large(40 * MIB))
        await share_whole(house, ada)
        await house.core.contents.remove(tia, first.content_id)
        await house.core.sharing.share(tia, large(50 * MIB))
        with pytest.raises(StorageFullError):
            await house.core.sharing.share(tia, large(50 * MIB))


async def test_the_same_blob_is_promised_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    async with House(tmp_path / "data") as house:

        async def space() -> tuple[int, int]:
            return 100 * MIB, 1000 * MIB

        monkeypatch.setattr(house.store.directory, "space", space)
        tia = await house.member()
        first = large(60 * MIB)
        await house.core.sharing.share(tia, first)
        await house.core.sharing.share(tia, large(60 * MIB, blob_id=first.blob_id))
        await house.core.sharing.share(tia, large(30 * MIB))


async def test_an_address_sends_only_so_much_in_a_day(tmp_path: Path):
    async with House(tmp_path / "data", address_bytes_per_day=MIB) as house:
        tia = await house.member()
        await house.core.sharing.share(tia, a_share(600_000))
        with pytest.raises(QuotaError) as caught:
            await house.core.sharing.share(tia, a_share(600_000))
        assert str(caught.value) == (
            "This needs 621.7 kB; your address may send 426.9 kB more, of 1.0 MB in a day. "
            "Try again in 24 hours."
        )
        assert caught.value.failure().limit_bytes == MIB
        stream = a_stream()
        await house.core.sharing.share(tia, stream)
        sent = chunks_of(a_share(40 * CHUNK_SIZE))
        with pytest.raises(QuotaError):
            await send_all(house, tia, stream.content_id, sent)
        content = house.core.contents.get(tia, stream.content_id)
        assert 20 < content.stored_count < 30
        house.hands.seconds += 23 * 3600
        with pytest.raises(QuotaError):
            await house.core.sharing.share(tia, a_share(600_000))
        house.hands.seconds += 3600
        await house.core.sharing.share(tia, a_share(600_000))


async def test_a_stream_is_refused_before_its_body_is_read(tmp_path: Path):
    """But not what is stored already: who lost the answer asks again."""
    read: list[bytes] = []

    async def body(chunk: bytes) -> AsyncIterator[bytes]:
        read.append(chunk)
        yield chunk

    async with House(tmp_path / "data", address_bytes_per_day=MIB) as house:
        tia = await house.member()
        stream = a_stream(chunk_size=MIB // 2)
        await house.core.sharing.share(tia, stream)
        sent = [a_chunk(index, MIB // 2) for index in range(2)]
        await put(house.core.chunks, tia, stream.content_id, 0, sent[0])
        with pytest.raises(QuotaError, match="your address may send"):
            await put(house.core.chunks, tia, stream.content_id, 1, sent[1], body=body(sent[1]))
        assert (read, left_behind(house)) == ([], [])
        again = await put(house.core.chunks, tia, stream.content_id, 0, sent[0], body=body(sent[0]))
        assert (again[0], read) == (False, [sent[0]])


async def test_what_was_not_stored_is_given_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def refuse(*_arguments: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    async with House(tmp_path / "data", address_bytes_per_day=MIB) as house:
        tia = await house.member()
        with monkeypatch.context() as patch:
            patch.setattr("sqlalchemy.engine.default.DefaultDialect.do_commit", refuse)
            for _ in range(3):
                with pytest.raises(StorageFullError):
                    await house.core.sharing.share(tia, a_share(600_000))
        await house.core.sharing.share(tia, a_share(600_000))
        with pytest.raises(QuotaError):
            await house.core.sharing.share(tia, a_share(600_000))


async def test_what_heals_is_counted_to_who_sent_it(tmp_path: Path):
    async with House(tmp_path / "data", address_bytes_per_day=3 * MIB) as house:
        tia = await house.member()
        request, sent = await share_whole(
            house, tia, MIB, chunk_size=MIB, chunk_count=1, total_size=MIB + 32
        )
        content = house.core.contents.get(tia, request.content_id)
        house.store.files.path(content, 0).unlink()
        with pytest.raises(ChunkDamagedError):
            await house.core.chunks.open(tia, request.content_id, 0)
        await put(house.core.chunks, tia, request.content_id, 0, sent[0])
        await house.core.chunks.open(tia, request.content_id, 0)
        with pytest.raises(QuotaError, match="in a day"):
            await house.core.sharing.share(tia, a_share(MIB))


def test_who_has_sent_too_much_is_told_when_it_goes():
    hands = Hands()
    quota = DayQuota(load_settings(address_bytes_per_day=4 * MIB), hands.clock())
    for size in (MIB, 2 * MIB):
        quota.take("a", size)
        hands.seconds += 3600
    hands.seconds += 60 - hands.seconds % 3600
    for size, hours in ((2 * MIB, 22), (3 * MIB, 23), (4 * MIB, 23)):
        with pytest.raises(QuotaError, match=rf"Try again in {hours} hours\.") as caught:
            quota.take("a", size)
        details = caught.value.failure()
        assert details.retry_after_seconds == hours * 3600 - 60
    with pytest.raises(QuotaError, match=r"Share a part of it\.") as caught:
        quota.take("a", 4 * MIB + 1)
    assert caught.value.failure().retry_after_seconds is None
    hands.seconds += 23 * 3600 - 61
    with pytest.raises(QuotaError, match=r"Try again in 1 hour\."):
        quota.take("a", 4 * MIB)
    hands.seconds += 1
    quota.take("a", 4 * MIB)


async def test_a_session_that_holds_more_than_it_may_by_now_has_no_room(tmp_path: Path):
    async with House(tmp_path / "data") as house:
        passphrase = await house.create()
        tia, _ = await house.join(passphrase)
        await share_whole(house, tia, 2 * MIB)
    async with House(tmp_path / "data", session_bytes=MIB) as house:
        tia, _ = await house.join(passphrase)
        with pytest.raises(QuotaError) as caught:
            await house.core.sharing.share(tia, a_share(MIB // 2))
        assert str(caught.value).endswith(
            "the session has room for 0 B of its 1.0 MB. Remove something first."
        )
        assert caught.value.failure().available_bytes == 0
        with pytest.raises(QuotaError, match="Share it in parts, in several sessions"):
            await house.core.sharing.share(tia, a_share(MIB))


def test_an_hour_that_is_over_takes_nothing_back():
    hands = Hands()
    quota = DayQuota(load_settings(address_bytes_per_day=MIB), hands.clock())
    hour = quota.take("a", MIB)
    hands.seconds += 24 * 3600
    quota.take("a", MIB // 2)
    quota.give_back("a", Counter({hour: MIB}))
    quota.give_back("nobody", Counter({hour: MIB}))
    with pytest.raises(QuotaError):
        quota.take("a", MIB)
    quota.take("a", MIB // 2)


def test_addresses_are_told_apart_and_only_so_many_are_remembered(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(module, "REMEMBERED_COUNT", 2)
    hands = Hands()
    quota = DayQuota(load_settings(address_bytes_per_day=MIB), hands.clock())
    for address in ("a", "b", "a", "c"):
        quota.take(address, MIB // 2)
    with pytest.raises(QuotaError):
        quota.take("a", 1)
    quota.take("b", MIB)
    hands.seconds += 3600
    quota.take("b", 0)
    with pytest.raises(QuotaError):
        quota.take("b", 1)
