"""A full disk: what is there can be removed, and then there is room again."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest

from sharethings.protocol.errors import StorageFullError
from sharethings.storage.ballast import Ballast
from sharethings.storage.disk import Disk
from tests.programs import wait_until
from tests.unit.core.house import (
    House,
    a_completion,
    a_share,
    chunks_of,
    put,
    share_whole,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sharethings.records import Member

MIB = 1024 * 1024


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 MiB."""
    place = tmp_path / "small"
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m,mode=700", "tmpfs", place], check=True)
    yield place
    subprocess.run(["umount", "--lazy", place], check=True)


def fill_up(place: Path) -> None:
    """Write until nothing more fits, not a byte."""
    with (place / "filler").open("ab", buffering=0) as filler, suppress(OSError):
        while True:
            filler.write(bytes(4096))
    assert shutil.disk_usage(place).free == 0


async def is_seen(house: House) -> None:
    """Wait until the server knows of the space that there is: it looks once a second."""
    while True:
        free, _ = await house.store.directory.space()
        if free > 30 * MIB:
            return
        await asyncio.sleep(0.02)


async def fill_by_uploads(house: House, member: Member) -> list[str]:
    """Share until the server refuses; gives what is there."""
    shared: list[str] = []
    while True:
        request = a_share(MIB, chunk_size=MIB, chunk_count=1, total_size=MIB + 32)
        try:
            await house.core.sharing.share(member, request)
        except StorageFullError:  # the numbers tell it before the disk does
            return shared
        try:
            await put(house.core.chunks, member, request.content_id, 0, chunks_of(request)[0])
            await house.core.contents.complete(member, a_completion(request))
        except StorageFullError:
            await house.core.contents.remove(member, request.content_id)
            await house.store.collector.collect()  # or it frees what the test fills next
            return shared
        shared.append(request.content_id)


@pytest.mark.mounts
async def test_on_a_full_disk_contents_are_removed_and_shared_again(small: Path):
    async with House(small / "data", ballast_bytes=16 * MIB) as house:
        was_spent = False
        ballast, sessions = small / "data" / "ballast", small / "data" / "sessions"
        passphrase = await house.create()
        tia, _ = await house.join(passphrase)
        for _ in range(2):
            shared = await fill_by_uploads(house, tia)
            assert len(shared) > 20
            fill_up(small)
            ada, _ = await house.join(passphrase)
            with pytest.raises(StorageFullError):
                await share_whole(house, ada)
            for content_id in shared:
                await house.core.contents.remove(ada, content_id)
            await house.core.sessions.leave(ada)
            was_spent |= not ballast.exists()
            await asyncio.to_thread(
                wait_until,
                lambda: not any(files for *_, files in os.walk(sessions)),
                "all bytes are gone",
            )
            (small / "filler").unlink()
            house.hands.seconds += 2
            await is_seen(house)
        await share_whole(house, tia)
        assert was_spent
        assert ballast.stat().st_blocks * 512 == 16 * MIB


@pytest.mark.mounts
async def test_a_server_starts_on_a_full_disk(small: Path):
    async with House(small / "data", ballast_bytes=16 * MIB) as house:
        passphrase = await house.create()
        tia, _ = await house.join(passphrase)
        await share_whole(house, tia)
    fill_up(small)
    async with House(small / "data", ballast_bytes=16 * MIB) as house:
        tia, joined = await house.join(passphrase)
        await house.core.contents.remove(tia, joined.page.contents[0].content_id)
        assert (await house.core.sessions.list_contents(tia)).contents == []


async def test_what_frees_is_run_once_more_in_the_room_of_the_ballast(tmp_path: Path):
    async with House(tmp_path / "data", ballast_bytes=4096) as house:
        ballast = tmp_path / "data" / "ballast"
        assert (ballast.stat().st_size, ballast.stat().st_mode & 0o777) == (4096, 0o600)
        runs: list[bool] = []

        def full_at_first(_connection: Any) -> str:
            runs.append(ballast.exists())
            if len(runs) % 2:
                raise OSError(28, "No space left on device")
            return "done"

        with pytest.raises(StorageFullError):
            await house.store.database.write(full_at_first)
        runs.clear()
        assert await house.store.database.write(full_at_first, frees=True) == "done"
        assert runs == [True, False]
        assert await house.store.database.write(full_at_first, frees=True) == "done"
        assert runs == [True, False, False, False]
        await house.member()
        assert ballast.exists()


async def test_while_the_ballast_does_not_fit_nothing_new_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    now = [0.0]
    ballast = Ballast(tmp_path / "ballast", 4096)
    disk = Disk(ballast, monotonic=lambda: now[0])
    disk.refill()
    disk.check()
    disk.spend()
    tries: list[int] = []

    def refuse(*arguments: int) -> None:
        tries.append(arguments[-1])
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("os.posix_fallocate", refuse)
        for _ in range(3):
            with pytest.raises(StorageFullError):
                disk.check()
        assert tries == [4096]
        now[0] += 1
        with pytest.raises(StorageFullError):
            disk.check()
        assert len(tries) == 2
    assert not (tmp_path / "ballast").exists()
    now[0] += 1
    disk.check()
    assert (tmp_path / "ballast").exists()


def test_without_ballast_there_is_none_and_none_is_missed(tmp_path: Path):
    Ballast(tmp_path / "ballast", 10).make()
    ballast = Ballast(tmp_path / "ballast", 0)
    ballast.make()
    assert not (tmp_path / "ballast").exists()
    assert not ballast.give_up()
    Disk(ballast).check()
    Disk().spend()
    Disk().refill()
