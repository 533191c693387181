"""Backup of a running server and restore into a stopped one, from the command line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tests.files import make_file, sha256_of

if TYPE_CHECKING:
    from tests.integration.admin.conftest import Operator
    from tests.programs import Server
    from tests.terminal import Terminal


def test_what_was_backed_up_while_running_is_there_again(
    tia: Terminal, program: Server, operator: Operator, tmp_path: Path
):
    digest = make_file(tmp_path / "plan.bin", 2_500_000)
    tia.do("share", tmp_path / "plan.bin")
    backup = tmp_path / "backup"
    code, output, talk = operator.run("backup", backup)
    assert (code, output) == (0, f"{backup}\n")
    assert "1 session, 1 content, 3 chunks" in talk
    assert operator.run("backup", backup)[0] == 2
    tia.do("remove", "latest")
    tia.do("share", "--text", "after")
    code, _, talk = operator.run("restore", backup)
    assert (code, "Stop it first" in talk) == (8, True)
    program.stop()
    code, replaced, talk = operator.run("restore", backup)
    assert (code, "Restored 1 session," in talk) == (0, True)
    assert Path(replaced.strip(), "sharethings.db").exists()
    program.start()
    assert [one["name"] for one in tia.list()] == ["plan.bin"]
    tia.do("get", "latest", "-o", tmp_path / "again.bin")
    assert sha256_of(tmp_path / "again.bin") == digest


def test_a_torn_chunk_costs_its_content_and_not_the_backup(
    tia: Terminal, program: Server, operator: Operator, tmp_path: Path
):
    make_file(tmp_path / "plan.bin", 2_500_000)
    tia.do("share", tmp_path / "plan.bin")
    tia.do("share", "--text", "whole")
    backup = tmp_path / "backup"
    assert operator.run("backup", backup)[0] == 0
    program.stop()
    (chunk,) = backup.glob("sessions/*/*/1.bin")
    size = chunk.stat().st_size
    chunk.unlink()
    chunk.write_bytes(bytes(size))
    code, _, talk = operator.run("restore", backup)
    assert (code, "add --damaged" in talk) == (8, True)
    code, _, talk = operator.run("restore", backup, "--damaged")
    assert (code, "Damaged: 1 content." in talk) == (0, True)
    program.start()
    assert len(tia.list()) == 2
