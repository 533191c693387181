"""A server that takes nothing new."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy.engine.default import DefaultDialect

from sharethings.protocol import requests
from sharethings.protocol.errors import BusyError, ReadOnlyError
from tests.unit.core.house import (
    House,
    a_completion,
    a_manifest,
    a_share,
    an_inline,
    chunks_of,
    put,
    share_whole,
)

if TYPE_CHECKING:
    from pathlib import Path


async def test_it_gives_and_removes_and_refuses_all_else(tmp_path: Path):
    async with House(tmp_path / "data") as house:
        passphrase = await house.create()
        tia, _ = await house.join(passphrase)
        kept, sent = await share_whole(house, tia)
        other, _ = await share_whole(house, tia)
        begun = a_share()
        await house.core.sharing.share(tia, begun)
        for index, chunk in enumerate(chunks_of(begun)):
            await put(house.core.chunks, tia, begun.content_id, index, chunk)

    async with House(tmp_path / "data", read_only=True) as house:
        core = house.core
        tia, joined = await house.join(passphrase)
        assert len(joined.page.contents) == 3
        _, place = await core.chunks.open(tia, kept.content_id, 0)
        assert not isinstance(place, bytes)
        assert place.read_bytes() == sent[0]
        for act in (
            house.create(),
            core.sharing.share(tia, a_share()),
            core.sharing.share(tia, an_inline()),
            put(core.chunks, tia, begun.content_id, 0, chunks_of(begun)[0]),
            core.contents.complete(tia, a_completion(begun)),
            core.contents.rename(
                tia, requests.ContentRename(content_id=kept.content_id, manifest=a_manifest(3))
            ),
            core.contents.pin(tia, requests.ContentPin(content_id=kept.content_id, pinned=True)),
        ):
            with pytest.raises(ReadOnlyError):
                await act
        await core.contents.remove(tia, other.content_id)
        assert len((await core.sessions.list_contents(tia)).contents) == 2
        await core.contents.clear(tia)
        assert (await core.sessions.list_contents(tia)).contents == []
        await core.sessions.leave(tia)


@pytest.mark.parametrize("is_known", [False, True])
async def test_who_joins_and_reads_needs_no_disk_that_can_be_written(
    house: House, monkeypatch: pytest.MonkeyPatch, is_known: bool
):
    passphrase = await house.create()
    tia, _ = await house.join(passphrase)
    kept, sent = await share_whole(house, tia)
    house.told.events()
    revision = (await house.core.sessions.list_contents(tia)).revision

    def refuse(*_arguments: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr("sqlalchemy.engine.default.DefaultDialect.do_commit", refuse)
    house.store.disk.is_read_only = is_known
    ada, joined = await house.join(passphrase)
    assert house.store.disk.is_read_only
    assert (joined.page.revision, len(joined.page.members)) == (revision, 2)
    _, place = await house.core.chunks.open(ada, kept.content_id, 0)
    assert not isinstance(place, bytes)
    assert place.read_bytes() == sent[0]
    with pytest.raises(ReadOnlyError):
        await house.core.contents.remove(ada, kept.content_id)
    await house.core.sessions.leave(ada)
    assert house.told.events() == []
    assert len((await house.core.sessions.list_contents(tia)).members) == 1


async def test_who_joins_on_a_disk_without_a_byte_left_is_in(
    house: House, monkeypatch: pytest.MonkeyPatch
):
    passphrase = await house.create()

    def refuse(*_arguments: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("sqlalchemy.engine.default.DefaultDialect.do_commit", refuse)
        tia, joined = await house.join(passphrase)
    assert [one.member_id for one in joined.page.members] == [tia.member_id]
    await house.join(passphrase)
    assert house.told.events() == ["member:joined"]


async def test_what_the_disk_refuses_once_is_done_at_the_second_try(
    house: House, monkeypatch: pytest.MonkeyPatch
):
    passphrase = await house.create()
    commit: Any = DefaultDialect.do_commit
    left = [errno.EMFILE, errno.EIO]

    def refuse(*arguments: Any) -> None:
        if left:
            number = left.pop()
            raise OSError(number, os.strerror(number))
        commit(*arguments)

    monkeypatch.setattr(DefaultDialect, "do_commit", refuse)
    with pytest.raises(BusyError):
        await house.join(passphrase)
    left.append(errno.EIO)
    await house.join(passphrase)
    assert house.told.events() == ["member:joined"]
    assert not house.store.disk.is_read_only


async def test_who_leaves_when_nothing_can_be_written_is_out(house: House):
    tia = await house.member()
    await house.store.database.close()
    await house.core.sessions.leave(tia)
    assert house.core.presence.members(tia.session_id) == []
    assert house.told.events() == []
