"""The scan at the start: rows and files, both ways."""

from __future__ import annotations

import os
import secrets
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from sharethings.storage.chunk_files import ChunkFiles
from sharethings.storage.connections import DatabaseError
from sharethings.storage.data_directory import DataDirectory
from sharethings.storage.disk import Disk
from sharethings.storage.recovery import recover
from tests.unit.core.house import (
    House,
    a_chunk,
    a_completion,
    a_share,
    a_stream,
    an_inline,
    chunks_of,
    put,
    share_whole,
)

if TYPE_CHECKING:
    from pathlib import Path

    from sharethings.protocol import requests
    from sharethings.records import Member
    from tests.unit.core.house import Passphrase

PUT_RIGHT = ("chunks_damaged", "chunks_forgotten", "counters_corrected", "files_removed")


class Scene:
    """A session with a whole content, a begun one, a begun stream and a small one."""

    passphrase: Passphrase
    tia: Member
    whole: requests.ContentShare
    begun: requests.ContentShare
    stream: requests.ContentShare
    begun_chunks: list[bytes]
    whole_chunks: list[bytes]

    def __init__(self, root: Path) -> None:
        self.root = root

    async def fill(self, house: House) -> None:
        """Share all of it."""
        self.passphrase = await house.create()
        self.tia, _ = await house.join(self.passphrase)
        self.whole, self.whole_chunks = await share_whole(house, self.tia)
        self.begun, self.stream = a_share(), a_stream()
        self.begun_chunks = chunks_of(self.begun)
        await house.core.sharing.share(self.tia, self.begun)
        await house.core.sharing.share(self.tia, self.stream)
        for index in (0, 1):
            for request in (self.begun, self.stream):
                chunk = self.begun_chunks[index]
                await put(house.core.chunks, self.tia, request.content_id, index, chunk)
        await house.core.sharing.share(self.tia, an_inline())

    def folder(self, request: requests.ContentShare) -> Path:
        """Give the folder of a content's blob."""
        return self.root / "sessions" / self.tia.session_id / request.blob_id


@pytest.fixture
async def scene(tmp_path: Path) -> Scene:
    """A data directory whose server has ended well."""
    made = Scene(tmp_path / "data")
    async with House(made.root) as house:
        await made.fill(house)
    return made


async def start(house: House) -> dict[str, Any]:
    """Open a house; gives what was found."""
    with capture_logs() as logs:
        await house.__aenter__()
    (found,) = [one for one in logs if one["event"] == "recovered"]
    return {name: value for name, value in found.items() if name != "seconds"}


async def found_at_start(root: Path) -> dict[str, Any]:
    """Start and end a server; gives what it found."""
    house = House(root)
    found = await start(house)
    await house.__aexit__()
    return found


async def all_rows(house: House, statement: str) -> list[Any]:
    """Ask the database."""
    rows = await house.store.database.read(lambda c: c.execute(text(statement)).all())
    return [tuple(row) for row in rows]


async def test_what_is_in_order_stays_as_it_is(scene: Scene):
    before = sorted(path for path in scene.root.rglob("*.bin"))
    found = await found_at_start(scene.root)
    assert [found[name] for name in PUT_RIGHT] == [0] * 4
    assert (found["was_clean"], found["chunks"], found["doubtful"]) == (True, 7, 0)
    assert sorted(path for path in scene.root.rglob("*.bin")) == before


async def test_a_file_without_row_goes_and_what_is_not_ours_stays(scene: Scene):
    sessions = scene.root / "sessions"
    ours = [
        scene.folder(scene.whole) / "3.bin",
        sessions / scene.tia.session_id / secrets.token_hex(16) / "0.bin",
        sessions / secrets.token_hex(32) / secrets.token_hex(16) / "0.bin",
    ]
    strange = [
        scene.folder(scene.whole) / "00.bin",
        scene.folder(scene.whole) / "3.bin.bak",
        sessions / "note.txt",
        sessions / scene.tia.session_id / "note.txt",
        sessions / secrets.token_hex(32) / secrets.token_hex(16) / "0.BIN",
    ]
    for path in (*ours, *strange):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    linked = scene.folder(scene.whole) / "4.bin"
    linked.symlink_to(sessions / "note.txt")
    beside = strange[-1].with_name("7.bin")
    beside.write_bytes(b"x")
    found = await found_at_start(scene.root)
    assert (found["files_removed"], found["strangers"]) == (4, 6)
    assert not any(path.exists() for path in (*ours, beside))
    assert all(path.read_bytes() == b"x" for path in strange)
    assert linked.is_symlink()
    assert not ours[1].parent.exists()


@pytest.mark.parametrize("hurt", ["gone", "cut", "extended", "folder"])
async def test_lost_bytes_of_a_complete_content_are_damaged_and_heal(scene: Scene, hurt: str):
    path = scene.folder(scene.whole) / "1.bin"
    if hurt == "folder":
        for file in path.parent.iterdir():
            file.unlink()
        path.parent.rmdir()
    elif hurt == "gone":
        path.unlink()
    else:
        os.truncate(path, path.stat().st_size + (1 if hurt == "extended" else -1))
    house = House(scene.root)
    found = await start(house)
    lost = 3 if hurt == "folder" else 1
    assert (found["chunks_damaged"], found["chunks_forgotten"]) == (lost, 0)
    tia, joined = await house.join(scene.passphrase)
    (mine,) = [one for one in joined.page.contents if one.content_id == scene.whole.content_id]
    assert (mine.state, mine.stored_count) == ("damaged", 3 - lost)
    assert mine.revision > 5
    for index, chunk in enumerate(scene.whole_chunks):
        await put(house.core.chunks, tia, scene.whole.content_id, index, chunk)
    page = await house.core.sessions.list_contents(tia)
    assert "damaged" not in [one.state for one in page.contents]
    await house.__aexit__()
    assert [(await found_at_start(scene.root))[name] for name in PUT_RIGHT] == [0] * 4


async def test_a_damage_that_is_known_is_not_told_again(scene: Scene):
    (scene.folder(scene.whole) / "1.bin").unlink()
    await found_at_start(scene.root)
    found = await found_at_start(scene.root)
    assert [found[name] for name in PUT_RIGHT] == [0] * 4


async def test_lost_bytes_of_an_unfinished_content_are_asked_for_again(scene: Scene):
    for request in (scene.begun, scene.stream):
        (scene.folder(request) / "1.bin").unlink()
    house = House(scene.root)
    found = await start(house)
    assert (found["chunks_forgotten"], found["chunks_damaged"]) == (2, 0)
    tia, _ = await house.join(scene.passphrase)
    content = house.core.contents.get(tia, scene.begun.content_id)
    assert (await house.core.contents.missing(content)).missing == [(1, 2)]
    assert (content.stored_count, content.stored_bytes) == (1, len(scene.begun_chunks[0]))
    for index in (1, 2):
        chunk = a_chunk(1) if index == 1 else scene.begun_chunks[index]
        await put(house.core.chunks, tia, scene.begun.content_id, index, chunk)
    await house.core.contents.complete(tia, a_completion(scene.begun))
    held = await all_rows(house, "SELECT reserved_bytes FROM sessions")
    assert held == [
        (
            sum(map(len, scene.whole_chunks))
            + (scene.begun.total_size or 0)
            + len(scene.begun_chunks[0])
            + (an_inline().total_size or 0),
        )
    ]
    await house.__aexit__()


async def test_wrong_counters_and_rows_of_nothing_are_put_right(scene: Scene):
    async with House(scene.root) as house:
        before = await all_rows(house, "SELECT content_count, reserved_bytes FROM sessions")

        def disturb(connection: Any) -> None:
            for statement in (
                "UPDATE sessions SET content_count = 77, reserved_bytes = 1",
                "UPDATE content_metadata SET stored_count = 9",
                """INSERT INTO chunk_metadata
                (content_id, chunk_index, size, created_at, session_id, sha256)
                SELECT DISTINCT 'ee', chunk_index, 1, 0, session_id, x'' FROM chunk_metadata""",
                "INSERT INTO gc (session_id, blob_id, created_at) VALUES ('aa', 'bb', 0)",
            ):
                connection.execute(text(statement))

        await house.store.database.write(disturb)
    house = House(scene.root)
    found = await start(house)
    assert found["counters_corrected"] == 5
    assert await all_rows(house, "SELECT content_count, reserved_bytes FROM sessions") == before
    assert await all_rows(house, "SELECT * FROM gc") == []
    assert await all_rows(house, "SELECT count(*) FROM chunk_metadata") == [(8,)]
    await house.__aexit__()


async def test_a_disk_that_refuses_when_a_server_ends_leaves_it_unclean(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    scene = Scene(tmp_path / "data")
    house = House(scene.root)
    await house.__aenter__()
    await scene.fill(house)

    def refuse(_file: int) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch, capture_logs() as logs:
        patch.setattr("os.fdatasync", refuse)
        await house.__aexit__()
    assert "not_settled" in [one["event"] for one in logs]
    assert not (await found_at_start(scene.root))["was_clean"]


def test_a_database_without_tables_is_told(tmp_path: Path):
    directory = DataDirectory(tmp_path / "data")
    directory.database.mkdir()
    with pytest.raises(DatabaseError, match="cannot be used"):
        recover(directory.database, ChunkFiles(directory.root, Disk()))
    directory.close()
