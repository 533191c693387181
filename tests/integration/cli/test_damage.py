"""Damage as somebody at a terminal meets it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sharethings.cli.exits import Exit
from tests.files import MIB, make_file, sha256_of

if TYPE_CHECKING:
    from pathlib import Path

    from tests.programs import Server
    from tests.terminal import Terminal


def test_a_damaged_file_is_told_and_healed_by_sharing_it_again(
    tia: Terminal, program: Server, tmp_path: Path
):
    file, got = tmp_path / "plans.pdf", tmp_path / "got.pdf"
    digest = make_file(file, 2 * MIB)
    content_id = tia.do("share", file).decode().strip()
    (chunk,) = program.data_directory.glob("sessions/*/*/0.bin")
    chunk.write_bytes(chunk.read_bytes()[:-1] + b"?")
    code, _, talk = tia.run("get", content_id, "-o", got)
    assert code == Exit.DAMAGED
    assert "The server was told; whoever has the file can share it again." in talk
    assert [one["state"] for one in tia.list()] == ["damaged"]
    code, _, talk = tia.run("get", content_id, "-o", got)
    assert code == Exit.DAMAGED
    assert "Whoever has the file can share it again." in talk
    assert not got.exists()
    tia.do("share", file)
    assert [one["state"] for one in tia.list()] == ["complete"] * 2
    tia.do("get", content_id, "-o", got)
    assert sha256_of(got) == digest
