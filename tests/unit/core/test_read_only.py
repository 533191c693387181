"""A server that takes nothing new."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sharethings.protocol import requests
from sharethings.protocol.errors import ReadOnlyError
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


async def test_who_leaves_when_nothing_can_be_written_is_out(house: House):
    tia = await house.member()
    await house.store.database.close()
    await house.core.sessions.leave(tia)
    assert house.core.presence.members(tia.session_id) == []
    assert house.told.events() == []
