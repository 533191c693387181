"""Saves in Firefox and in WebKit that meet damaged bytes, or whose server is killed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.engines.engine import Visitor
from tests.files import MIB, make_file, sha256_of
from tests.line import Line
from tests.programs import wait_until

if TYPE_CHECKING:
    from pathlib import Path

    from tests.engines.engine import Engine
    from tests.programs import Server

SESSION = "Balcony garden"
NAME = "Timelapse.mp4"
COPY = "Timelapse, again.mp4"
FILE_BYTES = 60 * MIB
"""Too large to pass through memory."""
BYTES_PER_SECOND = 20 * MIB
"""So slow that the server is gone in the middle."""
SAVE = "called('button', 'Save', titled(args[0])).click();"
IS_SAVED = "return document.body.innerText.includes(`Saved ${args[0]}.`);"


def test_a_save_of_damaged_bytes_says_why_and_is_whole_when_they_are(
    engine: Engine, place: Server, tmp_path: Path
):
    visitor = Visitor(engine, place.url)
    visitor.join(SESSION, "Zoë")
    digest = make_file(tmp_path / NAME, FILE_BYTES)
    visitor.share(tmp_path / NAME)
    visitor.has_complete(NAME)
    visitor.saves_streams_alone()
    (chunk,) = place.data_directory.glob("sessions/*/*/40.bin")
    data = bytearray(chunk.read_bytes())
    data[1000] ^= 1
    chunk.write_bytes(data)
    visitor.look(SAVE, NAME)
    visitor.says(NAME, "Damaged on the server. Whoever has the file can share it again.")
    assert not visitor.look(IS_SAVED, NAME)

    copy = (tmp_path / NAME).rename(tmp_path / COPY)
    visitor.share(copy)
    visitor.has_complete(COPY)
    visitor.save(COPY, tmp_path / "saved.mp4")
    assert sha256_of(tmp_path / "saved.mp4") == digest
    visitor.look(SAVE, NAME)
    visitor.wait(IS_SAVED, NAME)


def test_a_save_waits_for_a_killed_server_and_goes_on(
    engine: Engine, place: Server, tmp_path: Path
):
    digest = make_file(tmp_path / NAME, FILE_BYTES)
    with Line(place.port, "cut", "nothing") as line:
        visitor = Visitor(engine, line.url)
        visitor.join(SESSION, "Zoë")
        visitor.share(tmp_path / NAME)
        visitor.has_complete(NAME)
        visitor.saves_streams_alone()
        line.bytes_per_second = BYTES_PER_SECOND

        def save() -> None:
            visitor.look(SAVE, NAME)
            wait_until(lambda: line.asked["GET 20"], "a third was asked for")
            place.kill()
            visitor.says(NAME, "Waiting for the connection")
            assert not visitor.look(IS_SAVED, NAME)
            place.start()

        before = line.received_bytes
        engine.download(save, {NAME: tmp_path / "saved.mp4"})
        assert FILE_BYTES < line.received_bytes - before < FILE_BYTES + 10 * MIB
    assert sha256_of(tmp_path / "saved.mp4") == digest
