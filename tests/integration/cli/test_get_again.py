"""A `get` that was killed: the next one fetches only what is lacking."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

from sharethings.client.parts import ENTRY, HEADER_BYTES
from tests.files import MIB, make_file, sha256_of
from tests.programs import wait_until

if TYPE_CHECKING:
    from pathlib import Path

    from tests.programs import Server
    from tests.terminal import Terminal

COUNT = 200


def recorded(record: Path) -> list[int]:
    """Give the indexes of the chunks that are recorded as written."""
    data = record.read_bytes()[HEADER_BYTES:] if record.exists() else b""
    entries = (data[at : at + ENTRY.size] for at in range(0, len(data), ENTRY.size))
    return [index for index, entry in enumerate(entries) if any(entry)]


def test_after_a_kill_only_the_rest_is_fetched(tia: Terminal, program: Server, tmp_path: Path):
    file, got = tmp_path / "big.bin", tmp_path / "got.bin"
    record = tmp_path / "got.bin.part-record"
    digest = make_file(file, COUNT * MIB)
    content_id = tia.do("share", file).decode().strip()
    getting = tia.start("get", content_id, "-o", got)
    wait_until(lambda: len(recorded(record)) >= COUNT // 10, "some chunks are saved")
    getting.send_signal(signal.SIGKILL)
    getting.communicate()
    there = recorded(record)
    assert COUNT // 10 <= len(there) < COUNT, "it was killed in the middle"
    for index in there:  # whoever asked for them again would meet damage
        next(program.data_directory.glob(f"sessions/*/*/{index}.bin")).unlink()
    tia.do("get", content_id, "-o", got)
    assert sha256_of(got) == digest
    assert set(tmp_path.glob("got*")) == {got}
