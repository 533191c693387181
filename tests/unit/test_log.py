"""Logs: lines of one form, whoever writes them, and without what was sent."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING

import pytest
import structlog
from aiohttp.http_exceptions import BadHttpMessage

from sharethings.config import load_settings
from sharethings.log import configure_log

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def _restore() -> Iterator[None]:
    root, server = logging.getLogger(), logging.getLogger("aiohttp.server")
    before = root.handlers[:], root.level, server.filters[:]
    yield
    root.handlers[:], server.filters[:] = before[0], before[2]
    root.setLevel(before[1])
    structlog.reset_defaults()


def test_ours_and_theirs_are_json_lines(capsys: pytest.CaptureFixture[str]):
    configure_log(load_settings())
    structlog.get_logger("sharethings").info("joined", session="ab12")
    logging.getLogger("asyncio").warning("slow %s", "task")
    logging.getLogger("asyncio").info("not said")
    first, second = map(json.loads, capsys.readouterr().err.splitlines())
    assert (first["event"], first["level"], first["session"]) == ("joined", "info", "ab12")
    assert (second["event"], second["level"]) == ("slow task", "warning")
    assert first["timestamp"].endswith("Z")


def test_levels_and_lines_for_people(capsys: pytest.CaptureFixture[str]):
    configure_log(load_settings(log_level="error", log_format="console"))
    structlog.get_logger("sharethings").warning("not_said")
    structlog.get_logger("sharethings").error("said")
    logging.getLogger("asyncio").warning("not said")
    said = capsys.readouterr().err
    assert "said" in said
    assert "not" not in said
    assert "\x1b" not in said


def test_what_cannot_be_read_is_not_quoted(capsys: pytest.CaptureFixture[str]):
    configure_log(load_settings())
    secret = BadHttpMessage("Authorization: Bearer SECRET")
    logging.getLogger("aiohttp.server").error("Error at %s", "SECRET", exc_info=secret)
    logging.getLogger("aiohttp.server").error("Fault", exc_info=OSError("of ours"))
    line, fault = capsys.readouterr().err.splitlines()
    assert json.loads(line)["event"] == "request_unreadable"
    assert (json.loads(fault)["level"], "of ours" in fault) == ("error", True)
    assert "SECRET" not in line
