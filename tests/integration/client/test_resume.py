"""A share that was cut off goes on with the same content when the file is shared again."""

from __future__ import annotations

import asyncio
import os
import time
from typing import TYPE_CHECKING

import pytest

from sharethings.client.saving import save
from sharethings.client.unfinished import (
    KEPT_SECONDS,
    SALT_BYTES,
    Header,
    open_unfinished,
    state_folder,
)
from sharethings.client.upload import share_file
from sharethings.protocol import replies, requests
from sharethings.protocol.errors import ContentNotFoundError
from tests.files import MIB, make_file, sha256_of
from tests.integration.client.members import Puts, join, readable, until

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sharethings.client.session import Session
    from tests.programs import Server as Program

COUNT = 8
"""Chunks of the file."""
OWN_KEYS = replies.Policy(idle_seconds=0, deduplicates=False)


class Place:
    """A file, and what a machine remembers of it."""

    def __init__(self, tmp_path: Path) -> None:
        self.file = tmp_path / "holiday film.mkv"
        self.memory = tmp_path / "memory"
        self.digest = make_file(self.file, COUNT * MIB)
        self.told: list[str] = []

    async def share(self, member: Session, progress: Callable[[int], None] = lambda _: None) -> str:
        return await share_file(member, self.file, progress, memory=self.memory)

    async def begin(self, member: Session, chunks: int) -> tuple[str, list[int]]:
        """Share until so many chunks are sent, then be interrupted; gives the content's id."""
        puts = Puts(member, chunks)
        sharing = asyncio.create_task(self.share(member))
        await puts.stopped.wait()
        sharing.cancel()
        await asyncio.wait({sharing})
        await until(member, lambda: member.state.contents)
        (content_id,) = member.state.contents
        return content_id, puts.indexes


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


@pytest.mark.parametrize("own_keys", [False, True], ids=["equal keys", "own keys"])
async def test_it_goes_on_under_its_own_row_and_sends_what_is_missing(
    program: Program, place: Place, tmp_path: Path, own_keys: bool
):
    async with await join(program, say=place.told.append) as tia:
        tia.policy = OWN_KEYS if own_keys else tia.policy
        content_id, first = await place.begin(tia, 3)
    kept = "What was sent is kept: the same command goes on with it. To remove it instead: "
    assert place.told == [f"{kept}sharethings remove {content_id}"]
    (state,) = place.memory.iterdir()
    assert (state.stat().st_mode & 0o777, place.memory.stat().st_mode & 0o777) == (0o600, 0o700)
    data = state.read_bytes() + bytes(state)
    assert not any(word in data for word in (b"holiday", b"film", content_id.encode()))
    program.restart()
    async with await join(program) as tia:
        tia.policy = OWN_KEYS if own_keys else tia.policy
        puts, told = Puts(tia), list[int]()
        assert await place.share(tia, told.append) == content_id
        assert sorted(first + puts.indexes) == list(range(COUNT))
        assert sum(told) == COUNT * MIB
        await until(tia, lambda: readable(tia, content_id).row.state == "complete")
        assert set(tia.state.contents) == {content_id}
        await save(tia, readable(tia, content_id), tmp_path / "got", lambda _: None)
    assert sha256_of(tmp_path / "got") == place.digest
    assert list(place.memory.iterdir()) == []


@pytest.mark.parametrize("own_keys", [False, True], ids=["equal keys", "own keys"])
@pytest.mark.parametrize("secretly", [False, True], ids=["time told", "time kept"])
async def test_a_file_that_changed_is_sent_as_new(
    program: Program, place: Place, tmp_path: Path, own_keys: bool, secretly: bool
):
    async with await join(program, say=place.told.append) as tia:
        tia.policy = OWN_KEYS if own_keys else tia.policy
        old, _ = await place.begin(tia, 3)
        place.told.clear()
    before = place.file.stat()
    with place.file.open("r+b") as opened:
        opened.write(b"another beginning")
    if secretly:
        os.utime(place.file, ns=(before.st_atime_ns, before.st_mtime_ns))
    async with await join(program, say=place.told.append) as tia:
        tia.policy = OWN_KEYS if own_keys else tia.policy
        new = await place.share(tia)
        assert new != old
        await until(tia, lambda: set(tia.state.contents) == {new})
        await until(tia, lambda: readable(tia, new).row.state == "complete")
        await save(tia, readable(tia, new), tmp_path / "got", lambda _: None)
    assert place.told == ["holiday film.mkv is sent as new: it changed since."]
    assert sha256_of(tmp_path / "got") == sha256_of(place.file)


async def test_what_was_removed_meanwhile_is_sent_as_new(program: Program, place: Place):
    async with await join(program) as tia:
        old, _ = await place.begin(tia, 3)
        await tia.request(requests.ContentRemove(content_id=old), replies.Changed)
    async with await join(program, say=place.told.append) as tia:
        new = await place.share(tia)
        await until(tia, lambda: set(tia.state.contents) == {new})
    assert place.told == ["holiday film.mkv is sent as new: what was sent of it is gone."]
    assert list(place.memory.iterdir()) == []


async def test_what_is_removed_while_it_goes_on_is_not_sent_again(program: Program, place: Place):
    async with await join(program) as tia:
        old, _ = await place.begin(tia, 3)
    async with await join(program) as tia, await join(program, "Ada") as ada:
        puts = Puts(tia, 1)
        sharing = asyncio.create_task(place.share(tia))
        await puts.stopped.wait()
        await ada.request(requests.ContentRemove(content_id=old), replies.Changed)
        puts.released.set()
        with pytest.raises(ContentNotFoundError):
            await sharing
        await until(tia, lambda: not tia.state.contents)
    assert list(place.memory.iterdir()) == []


async def test_chunks_that_nobody_here_has_sealed_are_not_believed(
    program: Program, place: Place, tmp_path: Path
):
    """As when the machine has fallen, and what was remembered last did not reach its disk."""
    async with await join(program) as tia:
        tia.policy = OWN_KEYS
        old, _ = await place.begin(tia, 3)
    (state,) = place.memory.iterdir()
    with state.open("r+b") as opened:
        opened.seek(SALT_BYTES)
        opened.truncate(SALT_BYTES + 4 + int.from_bytes(opened.read(4), "big"))  # the header stays
    async with await join(program, say=place.told.append) as tia:
        tia.policy = OWN_KEYS
        new = await place.share(tia)
        await until(tia, lambda: set(tia.state.contents) == {new})
        await save(tia, readable(tia, new), tmp_path / "got", lambda _: None)
    assert old != new
    why = "the server has other parts of it than were sent"
    assert place.told == [f"holiday film.mkv is sent as new: {why}."]
    assert sha256_of(tmp_path / "got") == place.digest


async def test_two_at_once_do_not_write_into_one_state(program: Program, place: Place):
    async with await join(program) as tia:
        first, second = await asyncio.gather(place.share(tia), place.share(tia))
        assert first != second
        state = (place.memory, tia.keys, place.file, Header, lambda _: None)
        held = open_unfinished(*state)
        assert held is not None
        assert open_unfinished(*state) is None
        held.close()
        assert list(place.memory.iterdir()) == []


async def test_states_of_old_are_swept_away(program: Program, place: Place):
    place.memory.mkdir(mode=0o700)
    old, young = place.memory / "old", place.memory / "young"
    for path, age in ((old, KEPT_SECONDS + 60), (young, KEPT_SECONDS - 60)):
        path.write_bytes(b"")
        os.utime(path, (time.time() - age,) * 2)
    async with await join(program) as tia:
        await place.share(tia)
    assert list(place.memory.iterdir()) == [young]


async def test_a_share_goes_on_without_a_place_to_remember_it(program: Program, place: Place):
    place.memory.write_bytes(b"no folder")
    async with await join(program, say=place.told.append) as tia:
        await place.share(tia)
    assert [one[:33] for one in place.told] == ["If this is cut off, it begins anew"[:33]]


def test_states_are_kept_where_a_user_keeps_them(tmp_path: Path):
    assert state_folder({"XDG_STATE_HOME": "/srv/state"}).as_posix() == (
        "/srv/state/sharethings/unfinished"
    )
    for environment in ({}, {"XDG_STATE_HOME": ""}, {"XDG_STATE_HOME": "relative"}):
        assert state_folder(environment).parts[-4:] == (
            ".local",
            "state",
            "sharethings",
            "unfinished",
        )
