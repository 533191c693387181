"""`admin doctor` and `admin migrate` on a running server, a stopped one, and what is neither."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from sharethings.storage import migrate
from tests.integration.admin.conftest import Operator

if TYPE_CHECKING:
    from pathlib import Path

    from tests.programs import Server


def test_running_and_stopped_are_examined(program: Server, operator: Operator):
    assert operator.ask("doctor")["is_running"] is True
    program.stop()
    report = operator.ask("doctor")
    levels = {one["name"]: one["level"] for one in report["findings"]}
    assert (report["is_running"], levels["permissions"], levels["schema"]) == (False, "ok", "ok")
    (operator.data_directory / "sharethings.db").chmod(0o644)
    code, output, _ = operator.run("doctor")
    assert (code, "chmod -R go=" in output) == (6, True)


def test_data_that_cannot_be_opened_is_a_finding(program: Server, operator: Operator):
    program.stop()
    (operator.data_directory / "sharethings.db").write_bytes(b"no database" * 1000)
    code, output, _ = operator.run("doctor")
    assert (code, output.split("\t")[:2]) == (6, ["fault", "data"])
    assert operator.run("stats")[0] == operator.run("migrate")[0] == 8
    operator.data_directory.chmod(0o755)
    assert "chmod 700" in operator.run("doctor")[1]


def test_an_older_schema_is_shown_then_migrated(tmp_path: Path):
    root = tmp_path / "data"
    (root / "backups").mkdir(parents=True)
    root.chmod(0o700)
    migrate.upgrade(root / "sharethings.db", "0001")
    newest = migrate.known_schemas()[0]
    operator = Operator(root)
    assert operator.ask("migrate") == {"before": "0001", "after": "0001", "newest": newest}
    code, _, talk = operator.run("stats")
    assert (code, "sharethings admin migrate" in talk) == (8, True)
    code, output, talk = operator.run("migrate", "--yes")
    assert (code, output, talk) == (0, f"{newest}\n", f"Migrated from 0001 to {newest}.\n")
    with closing(sqlite3.connect(root / "backups" / f"before-{newest}.db")) as copy:
        assert copy.execute("SELECT version_num FROM alembic_version").fetchall() == [("0001",)]
    assert operator.ask("stats")["schema"] == newest


def test_a_running_server_has_migrated_itself(program: Server, operator: Operator):
    report = operator.ask("migrate", "--yes")
    assert report["before"] == report["after"] == report["newest"]
