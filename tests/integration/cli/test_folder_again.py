"""A folder that was cut off is gone on with by the same command: one folder, nothing sent twice."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

import pytest

from sharethings.cli.exits import Exit
from sharethings.cli.folders import share_folder
from sharethings.client.errors import NoConnectionError
from sharethings.client.folders import read_folder
from sharethings.client.regrouping import regrouping
from sharethings.client.unfinished import state_folder
from tests.files import MIB, make_file
from tests.integration.client.members import join
from tests.programs import wait_until
from tests.proxy import Proxy
from tests.terminal import Terminal

if TYPE_CHECKING:
    from pathlib import Path

    from tests.programs import Server

TINY_COUNT = 60
"""With the others more than a first page of contents."""
SMALL_COUNT = 20
SIZES = {"small": 3000, "middle": 20_000, "large": 300_000}
"""In the row, in a chunk under its own keys, and in one under those of its bytes."""
FILM_BYTES = 8 * MIB
LINE_BYTES_PER_SECOND = 3 * MIB


def make_folder(root: Path) -> None:
    root.mkdir()
    for index in range(TINY_COUNT):
        (root / f"{index:02}").write_bytes(b"tiny")
    for index in range(SMALL_COUNT):
        for kind, size in SIZES.items():
            make_file(root / f"{index:02} {kind}", size)
    make_file(root / "film", FILM_BYTES)
    make_file(root / "last", 1000)


def files_in(root: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in root.rglob("*") if path.is_file()}


def stored(program: Server) -> int:
    return len(list(program.data_directory.glob("sessions/*/*/*.bin")))


def is_in_the_film(program: Server) -> bool:
    return stored(program) >= 2 * SMALL_COUNT + 3


async def cut_line(program: Server, proxy: Proxy, folder: Path) -> None:
    """Share until the line is cut and stays away, by the command's own function."""
    async with await join(program, url=proxy.url) as tia:
        tia.away_seconds = 1.0
        sharing = asyncio.create_task(share_folder(tia, folder))
        await asyncio.to_thread(wait_until, lambda: is_in_the_film(program), "some", 60)
        proxy.stall()
        proxy.reset()
        with pytest.raises(NoConnectionError):
            await asyncio.wait_for(sharing, 60)


def kill(program: Server, proxy: Proxy, folder: Path) -> None:
    sharing = Terminal(proxy.url).start("share", folder)
    wait_until(lambda: is_in_the_film(program), "a part of the film", 60)
    sharing.kill()
    sharing.communicate()


@pytest.mark.parametrize("how", ["killed", "cut"])
def test_the_same_command_goes_on_with_the_same_folder(program: Server, tmp_path: Path, how: str):
    folder = tmp_path / "photos"
    make_folder(folder)
    count = len(files_in(folder))
    with Proxy(program.port) as proxy:
        proxy.bytes_per_second = LINE_BYTES_PER_SECOND
        if how == "killed":
            kill(program, proxy, folder)
        else:
            asyncio.run(cut_line(program, proxy, folder))
    ada = Terminal(program.url, name="Ada")
    begun = {one["id"] for one in ada.list()}
    (group,) = {one["group"]["id"] for one in ada.list()}
    assert len(begun) == TINY_COUNT + 3 * SMALL_COUNT + 1
    changed = {f"{index:02} {kind}" for index, kind in enumerate(SIZES)}
    for name in changed:
        before = (folder / name).stat()
        make_file(folder / name, before.st_size)
        os.utime(folder / name, ns=(before.st_atime_ns, before.st_mtime_ns))
    os.utime(folder / "05 small")
    os.utime(folder / "05 large")
    with Proxy(program.port) as proxy:
        code, printed, talk = Terminal(proxy.url).run("share", folder)
        sent_bytes = proxy.sent_bytes
    assert (code, printed.decode().strip()) == (Exit.DONE, group)
    there = len(begun) - 1 - len(changed)
    assert talk.splitlines() == [
        f"Shared photos: {count} of {count} files, {there} of them were there already."
    ]
    listed = ada.list()
    assert {one["group"]["id"] for one in listed} == {group}
    assert sorted(one["path"] for one in listed) == sorted(
        f"photos/{name}" for name in files_in(folder)
    )
    assert {one["state"] for one in listed} == {"complete"}
    assert len(begun & {one["id"] for one in listed}) == there + 1, "the film is the same content"
    assert sent_bytes < FILM_BYTES - MIB + sum(SIZES.values()) + 100_000
    ada.do("get", group, "-o", tmp_path / "got")
    assert files_in(tmp_path / "got") == files_in(folder)
    assert not list((tmp_path / "state").glob("sharethings/unfinished/*"))


def test_a_folder_that_is_complete_is_a_new_one_when_it_is_shared_again(
    tia: Terminal, tmp_path: Path
):
    folder = tmp_path / "photos"
    folder.mkdir()
    (folder / "a").write_bytes(b"a")
    first, second = tia.do("share", folder), tia.do("share", folder)
    assert first != second
    assert {one["group"]["id"] for one in tia.list()} == {
        first.decode().strip(),
        second.decode().strip(),
    }


async def test_what_could_not_be_read_joins_its_folder_later(
    program: Server, tia: Terminal, tmp_path: Path
):
    folder = tmp_path / "photos"
    folder.mkdir()
    for name in ("a", "b"):
        (folder / name).write_bytes(name.encode())
    found, memory = read_folder(folder), state_folder(os.environ)
    (folder / "b").unlink()
    async with (
        await join(program) as member,
        regrouping(member, found, folder, memory) as group,
    ):
        await group.share(found.files[0], lambda _: None)
        with pytest.raises(FileNotFoundError):
            await group.share(found.files[1], lambda _: None)
    (folder / "b").write_bytes(b"now")
    assert tia.do("share", folder).decode().strip() == group.group_id
    assert [one["path"] for one in tia.list()] == ["photos/a", "photos/b"]


def test_another_folder_of_the_same_name_is_another(program: Server, tia: Terminal, tmp_path: Path):
    one, other = tmp_path / "one" / "photos", tmp_path / "other" / "photos"
    for root in (one, other):
        root.parent.mkdir()
        make_folder(root)
    with Proxy(program.port) as proxy:
        proxy.bytes_per_second = LINE_BYTES_PER_SECOND
        kill(program, proxy, one)
    begun = {one["id"] for one in tia.list()}
    code, printed, talk = tia.run("share", other)
    assert (code, "already" in talk) == (Exit.DONE, False)
    assert begun < {one["id"] for one in tia.list()}
    tia.do("get", printed.decode().strip(), "-o", tmp_path / "got")
    assert files_in(tmp_path / "got") == files_in(other)


def test_two_at_once_share_two_folders(program: Server, tia: Terminal, tmp_path: Path):
    folder = tmp_path / "photos"
    make_folder(folder)
    with Proxy(program.port) as proxy:
        proxy.bytes_per_second = LINE_BYTES_PER_SECOND
        first = Terminal(proxy.url).start("share", folder)
        wait_until(lambda: is_in_the_film(program), "a part of the film", 60)
        second = tia.do("share", folder)
        printed, _ = first.communicate(timeout=60)
    assert first.returncode == 0
    assert printed != second
    assert len(tia.list()) == 2 * len(files_in(folder))
