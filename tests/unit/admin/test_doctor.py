"""The doctor finds what an operator can put right."""

from __future__ import annotations

import errno
import os
import resource
from typing import TYPE_CHECKING, Any

import pytest

from sharethings.admin import acts, reports
from sharethings.admin.doors import answer
from sharethings.admin.place import Place
from sharethings.storage.tables import contents
from tests.unit.core.house import House, share_whole

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

DAY = 86_400


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with House(tmp_path / "data", connections_count=10) as house:
        await share_whole(house, await house.member())
        yield house


async def examine(house: House, **options: Any) -> dict[str, reports.Finding]:
    """Give the findings that are not ok."""
    settings = house.settings.model_copy(update=options)
    place = Place(house.store, house.core, settings, house.hands.clock(), is_running=True)
    report = await answer(place, acts.Doctor(), lambda _done, _whole: None)
    assert isinstance(report, reports.Examined)
    assert len(report.findings) == 12
    for one in report.findings:
        assert bool(one.advice) == (one.level != "ok")
    return {one.name: one for one in report.findings if one.level != "ok"}


async def test_a_good_store_only_lacks_a_backup(house: House, tmp_path: Path):
    found = await examine(house)
    assert {name: one.level for name, one in found.items()} == {"backups": "warning"}
    place = Place(house.store, house.core, house.settings, house.hands.clock(), is_running=True)
    await answer(place, acts.Backup(str(tmp_path / "backup")), lambda _done, _whole: None)
    note = house.store.directory.root / "backups" / "last"
    os.utime(note, (house.hands.seconds, house.hands.seconds))
    assert await examine(house) == {}
    house.hands.seconds += 9 * DAY
    assert "9 days ago" in (await examine(house))["backups"].sentence


async def test_what_others_can_read_is_found(house: House):
    house.store.directory.database.chmod(0o644)
    found = (await examine(house))["permissions"]
    assert (found.level, found.sentence) == ("fault", "Open to other users: sharethings.db.")


async def test_a_disk_that_fills_is_found(house: House):
    found = (await examine(house, free_content_bytes=2**60))["space"]
    assert (found.level, "nothing new is taken below 1152921.5 TB" in found.sentence) == (
        "fault",
        True,
    )


async def test_a_clock_behind_what_was_stored_is_found(house: House):
    house.hands.seconds -= 3600
    assert "3600 s behind" in (await examine(house))["clock"].sentence


async def test_a_small_limit_of_files_is_found(house: House):
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    found = (await examine(house, connections_count=limit))["file descriptors"]
    assert f"LimitNOFILE={limit + 256}" in found.advice


async def test_no_trusted_proxy_is_found(house: House):
    assert "nobody" in (await examine(house, trusted_proxies=()))["proxy headers"].sentence


async def test_a_disk_that_is_not_written_to_any_more_is_found(house: House):
    disk = house.store.disk
    disk.translate(OSError(errno.EIO, "Input/output error"))
    found = (await examine(house))["writing"]
    assert (found.level, found.sentence) == (
        "warning",
        "Since the start the disk has failed 1 time.",
    )
    for _ in range(2):
        disk.translate(OSError(errno.EIO, "Input/output error"))
    found = (await examine(house))["writing"]
    assert (found.level, found.sentence) == (
        "fault",
        "Since the start the disk has failed 3 times. Nothing new is taken any more.",
    )
    disk.is_read_only = False


async def test_what_the_operator_has_set_is_told_as_that(house: House):
    found = (await examine(house, read_only=True))["writing"]
    assert (found.level, found.sentence) == (
        "warning",
        "Nothing new is taken: the setting read_only is on.",
    )


async def test_damaged_contents_and_folders_of_restores_are_found(house: House):
    change = contents.update().values(is_damaged=1)
    await house.store.database.write(lambda connection: connection.execute(change))
    (house.store.directory.root / "replaced-20261121T120000Z-abcd").mkdir(mode=0o700)
    found = await examine(house)
    assert found["damage"].sentence == "Damaged contents: 1."
    assert "replaced-20261121T120000Z-abcd" in found["restores"].sentence
