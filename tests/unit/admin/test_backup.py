"""Backup and restore: whole or not at all, checked, and finished wherever they were cut."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest

from sharethings.admin import acts, reports
from sharethings.admin.backup import restore_backup
from sharethings.admin.doors import answer
from sharethings.admin.errors import SpaceError, UnusableError, UsageError
from sharethings.admin.place import Place
from sharethings.config import load_settings
from sharethings.storage import restore
from sharethings.storage.backup import Manifest
from tests.fault.mounts import call, in_memory, mounted
from tests.unit.core.house import House, a_chunk, a_stream, an_inline, put, share_whole

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sharethings.records import Member


def quiet(_done: int, _whole: int) -> None:
    """Nobody looks."""


def place_of(house: House) -> Place:
    clock = house.hands.clock()
    return Place(house.store, house.core, house.settings, clock, is_running=True)


async def back_up(house: House, target: Path) -> reports.BackedUp:
    report = await answer(place_of(house), acts.Backup(str(target)), quiet)
    assert isinstance(report, reports.BackedUp)
    return report


async def fill(house: House) -> tuple[Member, str]:
    """Share a file of three chunks and a small text; gives who did, and the file's id."""
    member = await house.member()
    whole, _ = await share_whole(house, member)
    await house.core.sharing.share(member, an_inline())
    return member, whole.content_id


def look(root: Path) -> tuple[list[tuple[str, str]], dict[str, bytes]]:
    """Give the contents and the files of a store that nobody has open."""
    with closing(sqlite3.connect(root / "sharethings.db")) as database:
        rows = database.execute("SELECT session_id, content_id FROM content_metadata").fetchall()
    files = {
        str(path.relative_to(root)): path.read_bytes() for path in root.glob("sessions/*/*/*.bin")
    }
    return sorted(rows), files


async def state(root: Path) -> tuple[list[tuple[str, str]], dict[str, bytes]]:
    """Give the contents and the files of a store, and see that they fit."""
    async with House(root) as house:
        report = await answer(place_of(house), acts.Verify(deep=True), quiet)
        assert isinstance(report, reports.Verified)
        assert report.faults == []
    return look(root)


@pytest.fixture
async def made(tmp_path: Path) -> Path:
    """A backup, of a store whose content was removed since."""
    async with House(tmp_path / "data") as house:
        member, content_id = await fill(house)
        await back_up(house, tmp_path / "backup")
        await house.core.contents.remove(member, content_id)
    return tmp_path / "backup"


async def test_a_backup_holds_what_was_there_and_links_it(tmp_path: Path):
    async with House(tmp_path / "data") as house:
        _, content_id = await fill(house)
        manifest = (await back_up(house, tmp_path / "backup")).manifest
        counts = (manifest.sessions_count, manifest.contents_count, manifest.chunks_count)
        assert (*counts, manifest.linked_count, manifest.damaged_count) == (1, 2, 4, 3, 0)
        (path,) = (tmp_path / "backup").glob(f"sessions/*/{content_id}/2.bin")
        assert path.stat().st_nlink == 2
    assert {path.name for path in tmp_path.iterdir()} == {"data", "backup"}
    read = msgspec.json.decode((tmp_path / "backup" / "manifest.json").read_bytes(), type=Manifest)
    assert read == manifest


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Path]:
    """A folder on another file system than that of the test: in memory, or on the disk."""
    here = tmp_path.stat().st_dev
    places = ("/dev/shm", "/var/tmp")  # noqa: S108 - the folder in it has a name of its own
    place = next(one for one in places if Path(one).stat().st_dev != here)
    with tempfile.TemporaryDirectory(dir=place) as folder:
        yield Path(folder)


async def test_other_file_systems_get_copies(tmp_path: Path, elsewhere: Path):
    assert elsewhere.stat().st_dev != tmp_path.stat().st_dev
    async with House(tmp_path / "data") as house:
        await fill(house)
        assert (await back_up(house, elsewhere / "backup")).manifest.linked_count == 0
    before = await state(tmp_path / "data")
    fresh = load_settings(data_directory=tmp_path / "fresh")
    await restore_backup(fresh, elsewhere / "backup", quiet)
    assert await state(tmp_path / "fresh") == before


async def test_what_is_removed_meanwhile_stays_until_the_backup_is_made(made: Path, tmp_path: Path):
    settings = load_settings(data_directory=tmp_path / "fresh")
    report = await restore_backup(settings, made, quiet)
    assert report.replaced is None
    contents, files = await state(tmp_path / "fresh")
    assert (len(contents), len(files)) == (2, 3)


async def test_what_was_there_is_kept(made: Path, tmp_path: Path):
    before = await state(tmp_path / "data")
    report = await restore_backup(load_settings(data_directory=tmp_path / "data"), made, quiet)
    assert report.replaced is not None
    after = await state(tmp_path / "data")
    assert (len(before[0]), len(after[0])) == (1, 2)
    kept = tmp_path / "data" / report.replaced
    kept.joinpath("lock").touch()
    assert await state(kept) == before


@pytest.mark.parametrize("step", range(8))
async def test_a_swap_that_was_cut_is_finished_by_who_comes_next(
    made: Path, tmp_path: Path, step: int
):
    root = tmp_path / "data"
    (root / "sharethings.db-wal").write_bytes(b"")
    restore.bring(made, root, quiet)
    restore.commit(root)
    steps = restore.swap(root, root / (root / "restored" / "replaced-name").read_text())
    taken = [next(steps) for _ in range(step)]
    assert ("done" in taken) == (step == 7)
    contents, files = await state(root)
    assert (len(contents), len(files)) == (2, 3)
    (replaced,) = root.glob("replaced-*")
    assert {path.name for path in replaced.iterdir()} == {
        "sharethings.db",
        "sharethings.db-wal",
        "sessions",
    }
    assert not (root / "restored").exists()


async def test_a_restore_that_was_cut_before_it_was_decided_has_not_happened(
    made: Path, tmp_path: Path
):
    before = await state(tmp_path / "data")
    restore.bring(made, tmp_path / "data", quiet)
    assert await state(tmp_path / "data") == before
    assert not (tmp_path / "data" / "incoming").exists()


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        ("flip", r"nothing was restored\. digest \(1\): files have other bytes"),
        ("cut", r"size \(1\): files have another size"),
        ("lose", r"missing \(1\): stored chunks have no file.*\. Restore another backup"),
        ("database", "not the one that was written"),
        ("manifest", "cannot be read"),
        ("no manifest", "is no backup"),
        ("newer", "newer than this one"),
    ],
)
async def test_a_damaged_backup_changes_nothing(
    made: Path, tmp_path: Path, damage: str, sentence: str
):
    before = await state(tmp_path / "data")
    (chunk,) = made.glob("sessions/*/*/0.bin")
    manifest = made / "manifest.json"
    data = chunk.read_bytes()
    chunk.unlink()
    if damage != "lose":
        flipped = data[:-1] + bytes([data[-1] ^ 1])
        chunk.write_bytes({"flip": flipped, "cut": data[:-1]}.get(damage, data))
    if damage == "database":
        with (made / "sharethings.db").open("ab") as file:
            file.write(b"x")
    if damage == "manifest":
        manifest.write_text("{}")
    if damage == "no manifest":
        manifest.unlink()
    if damage == "newer":
        manifest.write_text(manifest.read_text().replace('"0002"', '"9999"'))
    with pytest.raises(UnusableError, match=sentence):
        await restore_backup(load_settings(data_directory=tmp_path / "data"), made, quiet)
    assert await state(tmp_path / "data") == before


async def test_what_was_lost_before_is_marked_in_the_backup_and_can_be_restored(tmp_path: Path):
    async with House(tmp_path / "data") as house:
        _, content_id = await fill(house)
        (chunk,) = (tmp_path / "data").glob(f"sessions/*/{content_id}/1.bin")
        chunk.unlink()
        assert (await back_up(house, tmp_path / "backup")).manifest.damaged_count == 1
    fresh = load_settings(data_directory=tmp_path / "fresh")
    await restore_backup(fresh, tmp_path / "backup", quiet)
    async with House(tmp_path / "fresh") as house:
        report = await answer(place_of(house), acts.Verify(deep=True), quiet)
        assert isinstance(report, reports.Verified)
        assert report.kinds == {"damaged": 1}


async def test_a_stream_that_lost_a_chunk_can_be_restored(tmp_path: Path):
    async with House(tmp_path / "data") as house:
        tia, stream = await house.member(), a_stream()
        await house.core.sharing.share(tia, stream)
        for index in (0, 1):
            await put(house.core.chunks, tia, stream.content_id, index, a_chunk(index))
        (chunk,) = (tmp_path / "data").glob("sessions/*/*/1.bin")
        chunk.unlink()
        await back_up(house, tmp_path / "backup")
    await restore_backup(
        load_settings(data_directory=tmp_path / "fresh"), tmp_path / "backup", quiet
    )


async def test_a_backup_that_cannot_be_made_leaves_nothing(tmp_path: Path):
    async with House(tmp_path / "data") as house:
        await fill(house)
        (tmp_path / "there").mkdir()
        with pytest.raises(UsageError, match="is there already"):
            await back_up(house, tmp_path / "there")
        with pytest.raises(UsageError, match="absolute"):
            await answer(place_of(house), acts.Backup("relative"), quiet)
        with pytest.raises(UsageError, match=r"no folder .*/none\. Make it first"):
            await back_up(house, tmp_path / "none" / "backup")
        (tmp_path / "link").symlink_to(tmp_path / "data")
        for inside in (tmp_path / "data" / "backups" / "mine", tmp_path / "link" / "mine"):
            (tmp_path / "data" / "backups").mkdir(exist_ok=True)
            with pytest.raises(UsageError, match="is lost with it"):
                await back_up(house, inside)
        (tmp_path / "link").unlink()
        shutil.rmtree(tmp_path / "data" / "sessions")
        with pytest.raises(UnusableError):
            await back_up(house, tmp_path / "backup")
        assert {path.name for path in tmp_path.iterdir()} == {"data", "there"}
        (tmp_path / "data" / "sessions").mkdir()


@pytest.mark.mounts
@pytest.mark.parametrize("files_count", range(5))
async def test_a_full_disk_is_told_whichever_file_it_has_no_room_for(
    tmp_path: Path, files_count: int
):
    """The folder, the database, the file that SQLite makes beside it, the folder of the chunks."""
    with mounted(tmp_path / "disk", *in_memory(2**26)) as disk:
        async with House(tmp_path / "data") as house:
            await fill(house)
            call("mount", "-o", f"remount,nr_inodes={files_count + 1}", disk)
            with pytest.raises(SpaceError, match=r"No space left .* Free space on its disk\.$"):
                await back_up(house, disk / "backup")
            assert list(disk.iterdir()) == []
            call("mount", "-o", "remount,nr_inodes=100", disk)
            await back_up(house, disk / "backup")


async def test_a_backup_without_room_says_so(made: Path, tmp_path: Path):
    manifest = msgspec.json.decode((made / "manifest.json").read_bytes(), type=Manifest)
    large = msgspec.structs.replace(manifest, bytes_count=2**60)
    (made / "manifest.json").write_bytes(msgspec.json.encode(large))
    with pytest.raises(SpaceError, match=r"1152921\.6 TB are needed, .* are free"):
        await restore_backup(load_settings(data_directory=tmp_path / "data"), made, quiet)


async def test_a_directory_in_use_is_not_restored_into(made: Path, tmp_path: Path):
    async with House(tmp_path / "data"):
        with pytest.raises(UnusableError, match="Another server uses"):
            await restore_backup(load_settings(data_directory=tmp_path / "data"), made, quiet)
