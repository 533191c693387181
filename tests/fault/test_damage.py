"""A damaged database: refused with its own exit code and left as it is, or used rightly."""

from __future__ import annotations

import random
import sqlite3
from collections import Counter
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.fault.harness import Driver

pytestmark = pytest.mark.shim
PAGE_BYTES = 4096
DAMAGES_COUNT = 100
UNUSABLE = 8


def flip_bits(data: bytearray, dice: random.Random) -> None:
    for _ in range(dice.choice((1, 8, 200))):
        data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)


def zero_page(data: bytearray, dice: random.Random) -> None:
    at = dice.randrange(len(data) // PAGE_BYTES) * PAGE_BYTES
    data[at : at + PAGE_BYTES] = bytes(PAGE_BYTES)


def cut_short(data: bytearray, dice: random.Random) -> None:
    del data[dice.randrange(len(data)) :]


def swap_pages(data: bytearray, dice: random.Random) -> None:
    one, other = (at * PAGE_BYTES for at in dice.sample(range(len(data) // PAGE_BYTES), 2))
    first, second = data[one : one + PAGE_BYTES], data[other : other + PAGE_BYTES]
    data[one : one + PAGE_BYTES], data[other : other + PAGE_BYTES] = second, first


DAMAGES = (flip_bits, zero_page, cut_short, swap_pages)


def without_log(database: Path) -> bytes:
    """Write the log back, so that the file is all there is."""
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return database.read_bytes()


def rows_of(database: Path) -> list[int]:
    """Count what must never be fewer because of a start."""
    with closing(sqlite3.connect(database)) as connection:
        return [
            connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608
            for table in ("instance", "sessions", "content_metadata")
        ]


@pytest.mark.parametrize("left", [b"", None])
def test_a_database_that_is_gone_takes_no_files_with_it(driver: Driver, left: bytes | None):
    driver.shim.plan()
    root = driver.copy(driver.filled)
    database = root / "sharethings.db"
    for one in root.glob("sharethings.db*"):
        one.unlink()
    if left is not None:
        database.write_bytes(left)
    before = sorted(root.glob("sessions/*/*/*"))
    assert before
    started = driver.order("serve", root, act="start")
    assert started.all("code") == [UNUSABLE], driver.log
    assert (database.read_bytes() if database.exists() else None) == left
    assert sorted(root.glob("sessions/*/*/*")) == before


def test_damaged_databases(driver: Driver, record_property: Callable[[str, object], None]):
    dice = random.Random(7)  # noqa: S311 - the same damages each time
    whole = without_log(driver.copy(driver.filled) / "sharethings.db")
    driver.shim.plan()
    met: Counter[str] = Counter()
    for number in range(DAMAGES_COUNT):
        damage = DAMAGES[number % len(DAMAGES)]
        data = bytearray(whole)
        damage(data, dice)
        root = driver.copy(driver.filled)
        database = root / "sharethings.db"
        for log in root.glob("sharethings.db-*"):
            log.unlink()
        database.write_bytes(data)
        started = driver.order("serve", root, act="start")
        if started.all("code") == [UNUSABLE]:
            assert database.read_bytes() == data
            met[f"{damage.__name__}_refused"] += 1
            continue
        where = f"damage {number}, {damage.__name__}: {started.lines}\n{driver.log[-900:]}"
        harmless = started.ended == 0
        assert harmless or damage is flip_bits, where  # no digest says what a row held
        assert rows_of(database) == [1, 2, 6], where
        met[f"{damage.__name__}_{'harmless' if harmless else 'told'}"] += 1
    for name, count in sorted(met.items()):
        record_property(name, count)
    assert (
        sum(count for name, count in met.items() if name.endswith("refused")) >= DAMAGES_COUNT // 2
    )
