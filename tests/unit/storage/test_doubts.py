"""What a start doubts: nothing after a kill, what no completion has synced after a fall."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psutil
import pytest

from sharethings.protocol.errors import BusyError, ChunksMissingError
from sharethings.storage import boot
from sharethings.storage.chunk_files import ChunkFiles
from tests.unit.core.house import House, a_chunk, a_completion, a_stream, ask, put
from tests.unit.storage.test_recovery import Scene, found_at_start, scene, start

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["scene"]
CHUNK_BYTES = 4 * 1024 * 1024


async def kill(house: House) -> None:
    """End a server as kill -9 does: nothing is synced, nothing noted."""
    await house.store.collector.stop()
    await house.store.database.close()
    house.store.directory.close()


@pytest.fixture
async def killed(tmp_path: Path) -> Scene:
    """A data directory whose server was killed."""
    scene = Scene(tmp_path / "data")
    house = House(scene.root)
    await house.__aenter__()
    await scene.fill(house)
    await kill(house)
    return scene


def fall(scene: Scene, *torn: Path) -> None:
    """Let the machine go down: files keep their size and lose their bytes, and it boots again."""
    for path in torn:
        path.write_bytes(bytes(path.stat().st_size))
    note = scene.root / "boot"
    note.write_text(f"00000000-{note.read_text()[9:]}")


async def test_after_a_kill_no_start_reads_what_the_system_still_has(
    killed: Scene, monkeypatch: pytest.MonkeyPatch
):
    read: list[Path] = []
    monkeypatch.setattr(ChunkFiles, "digest", read.append)
    house = House(killed.root)
    found = await start(house)
    assert (found["was_clean"], found["doubtful"], found["chunks"]) == (False, 0, 7)
    await house.core.doubts.settle()
    assert read == []
    tia, _ = await house.join(killed.passphrase)
    await put(house.core.chunks, tia, killed.begun.content_id, 2, killed.begun_chunks[2])
    await house.core.contents.complete(tia, a_completion(killed.begun))
    await house.__aexit__()
    assert (await found_at_start(killed.root))["was_clean"]


async def test_a_start_does_not_read_200_mib_of_a_begun_upload(tmp_path: Path):
    root = tmp_path / "data"
    house = House(root)
    await house.__aenter__()
    tia = await house.member()
    request = a_stream(chunk_size=CHUNK_BYTES)
    await house.core.sharing.share(tia, request)
    for index in range(50):
        chunk = a_chunk(index, CHUNK_BYTES)
        await put(house.core.chunks, tia, request.content_id, index, chunk)
    await kill(house)
    house, process = House(root), psutil.Process()
    before = process.io_counters()
    found = await start(house)
    after = process.io_counters()
    assert (found["chunks"], found["was_clean"]) == (50, False)
    assert after.read_chars - before.read_chars < CHUNK_BYTES
    await house.__aexit__()


async def test_after_a_fall_of_the_machine_nothing_torn_is_complete(killed: Scene):
    fall(killed, killed.folder(killed.begun) / "0.bin")
    house = House(killed.root)
    found = await start(house)
    assert (found["was_clean"], found["doubtful"], found["chunks_forgotten"]) == (False, 2, 0)
    tia, _ = await house.join(killed.passphrase)
    await put(house.core.chunks, tia, killed.begun.content_id, 2, killed.begun_chunks[2])
    with pytest.raises(BusyError):
        await house.core.contents.complete(tia, a_completion(killed.begun))
    await house.core.contents.remove(tia, killed.stream.content_id)
    await house.core.doubts.settle()
    with pytest.raises(ChunksMissingError) as caught:
        await house.core.contents.complete(tia, a_completion(killed.begun))
    assert caught.value.failure().missing == [(0, 0)]
    await put(house.core.chunks, tia, killed.begun.content_id, 0, killed.begun_chunks[0])
    await house.core.contents.complete(tia, a_completion(killed.begun))
    await kill(house)
    assert (await found_at_start(killed.root))["doubtful"] == 0


async def test_a_doubt_lasts_until_it_is_settled(killed: Scene):
    fall(killed, killed.folder(killed.begun) / "0.bin")
    for _ in range(2):
        found = await found_at_start(killed.root)
        assert (found["was_clean"], found["doubtful"]) == (False, 2)
    house = House(killed.root)
    await start(house)
    await house.core.doubts.settle()
    await house.core.doubts.settle()
    await house.__aexit__()
    assert (await found_at_start(killed.root))["was_clean"]


async def test_what_has_come_onto_the_disk_is_in_no_doubt(scene: Scene):
    fall(scene)
    found = await found_at_start(scene.root)
    assert (found["was_clean"], found["doubtful"]) == (True, 0)


async def test_where_boots_have_no_name_each_unclean_end_is_one_in_doubt(
    killed: Scene, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(boot, "BOOT_ID", killed.root / "none")
    assert (await found_at_start(killed.root))["doubtful"] == 2


async def test_what_cannot_be_read_is_lost(killed: Scene, monkeypatch: pytest.MonkeyPatch):
    def refuse(*_arguments: object) -> None:
        raise OSError(5, "Input/output error")

    fall(killed)
    house = House(killed.root)
    await start(house)
    with monkeypatch.context() as patch:
        patch.setattr("hashlib.file_digest", refuse)
        await house.core.doubts.settle()
    assert await ask(house, "SELECT sum(is_damaged) FROM chunk_metadata") == 4
    await house.__aexit__()


async def test_a_boot_is_named_only_when_nothing_is_in_doubt(killed: Scene):
    """Else the machine before, which shares the disk, trusted what this one has torn."""
    note = killed.root / "boot"
    before = note.read_text()
    fall(killed)
    house = House(killed.root)
    await start(house)
    assert not note.exists()
    await house.core.doubts.settle()
    assert note.read_text() == before
    await house.__aexit__()
