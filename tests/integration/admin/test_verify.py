"""`admin verify` over the real files of a server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.integration.admin.conftest import Operator
    from tests.programs import Server
    from tests.terminal import Terminal


@pytest.mark.parametrize("stop", [False, True])
def test_a_flipped_bit_is_found_said_and_marked(
    tia: Terminal, program: Server, operator: Operator, tmp_path: Path, stop: bool
):
    file = tmp_path / "plan.bin"
    file.write_bytes(bytes(2_500_000))
    tia.do("share", file)
    (chunk,) = operator.data_directory.glob("sessions/*/*/1.bin")
    if stop:
        program.stop()
    code, output, talk = operator.run("verify", "--deep")
    assert (code, output) == (0, "")
    assert talk.startswith("Looked at every byte of 3 chunks (2.6 MB) in 1 session: all is well.")
    data = bytearray(chunk.read_bytes())
    data[-1] ^= 1
    chunk.write_bytes(data)
    assert operator.ask("verify")["kinds"] == {}
    code, output, talk = operator.run("verify", "--deep", "--mark")
    assert (code, output.split("\t")[0]) == (6, "digest")
    assert "Marked 1 chunk as damaged." in talk
    assert operator.ask("verify", code=6)["kinds"] == {"damaged": 1}
    assert operator.ask("stats")["damaged_count"] == 1
