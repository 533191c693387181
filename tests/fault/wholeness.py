"""What must be so whatever has happened: of a data directory, of its backups."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

from sharethings.admin.backup import restore_backup
from sharethings.admin.errors import AdminError
from tests.fault.acts import Plan, Play
from tests.unit.core.house import House

if TYPE_CHECKING:
    from pathlib import Path


def check_whole(root: Path) -> None:
    """The database is sound, and rows and files say the same."""
    with closing(sqlite3.connect(root / "sharethings.db")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        assert connection.execute("SELECT count(*) FROM gc").fetchone() == (0,)
        rows = connection.execute(
            "SELECT session_id, content_id, chunk_index, size FROM chunk_metadata AS chunk "
            "WHERE NOT EXISTS (SELECT 1 FROM content_metadata AS content WHERE "
            "content.session_id = chunk.session_id AND content.blob_id = chunk.content_id AND "
            "content.inline_chunk IS NOT NULL)"
        ).fetchall()
    sessions = root / "sessions"
    expected = {f"{place}/{blob}/{index}.bin": size for place, blob, index, size in rows}
    found = {
        str(path.relative_to(sessions)): path.stat().st_size
        for path in sessions.rglob("*")
        if path.is_file()
    }
    assert found == expected
    assert [*(root / "tmp").iterdir(), *(root / "trash").iterdir()] == []


def rows_of(database: Path) -> dict[str, list[Any]]:
    """Give all rows of all tables."""
    with closing(sqlite3.connect(database)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        return {
            name: sorted(connection.execute(f"SELECT * FROM {name}").fetchall(), key=repr)  # noqa: S608
            for (name,) in tables.fetchall()
        }


async def check_backups(root: Path, plan: Plan, state: dict[str, Any]) -> None:
    """Each backup under its name holds everything; one that was cut off does too, or is refused."""
    for backup in root.with_name("backups").glob("of-*"):
        other = root.with_name("restored")
        shutil.rmtree(other, ignore_errors=True)
        try:
            await restore_backup(House(other).settings, backup, lambda _done, _whole: None)
        except AdminError:
            assert backup.suffix == ".part", backup
            continue
        async with House(other) as house:
            assert await Play(house, plan).state() == state, backup
            await Play(house, plan).settle()
            check_whole(other)
