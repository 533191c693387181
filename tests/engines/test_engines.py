"""The product's main job in Firefox and in WebKit, with the saving path that each has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.files import MIB, make_file, sha256_of

if TYPE_CHECKING:
    from pathlib import Path

    from tests.engines.engine import Visitor
    from tests.programs import Server

SESSION = "Balcony garden"


def test_a_text_is_shared(visitor: Visitor):
    visitor.join(SESSION, "Zoë")
    visitor.say("Höhe & Tiefe")
    visitor.sees("Höhe & Tiefe")


def test_a_file_comes_back_as_it_was(visitor: Visitor, tmp_path: Path):
    visitor.join(SESSION, "Zoë")
    digest = make_file(tmp_path / "Timelapse.mp4", 60 * MIB)  # too large to pass through memory
    visitor.share(tmp_path / "Timelapse.mp4")
    visitor.has_complete("Timelapse.mp4")
    visitor.save("Timelapse.mp4", tmp_path / "saved.mp4")
    assert sha256_of(tmp_path / "saved.mp4") == digest


def test_an_interrupted_upload_goes_on(visitor: Visitor, place: Server, tmp_path: Path):
    visitor.join(SESSION, "Zoë")
    digest = make_file(tmp_path / "Timelapse.mp4", 100 * MIB)
    visitor.share(tmp_path / "Timelapse.mp4")
    visitor.is_sending("Timelapse.mp4")
    place.restart()
    visitor.has_complete("Timelapse.mp4")
    visitor.save("Timelapse.mp4", tmp_path / "saved.mp4")
    assert sha256_of(tmp_path / "saved.mp4") == digest
