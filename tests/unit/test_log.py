"""Logs: lines of one form, whoever writes them, and without what was sent."""

from __future__ import annotations

import json
import logging
from collections import Counter
from typing import TYPE_CHECKING

import pytest
import structlog
from aiohttp.http_exceptions import BadHttpMessage

from sharethings.config import load_settings
from sharethings.log import LINES_PER_MINUTE, configure_log

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


def test_no_event_fills_the_log_and_what_is_kept_back_is_counted(
    capsys: pytest.CaptureFixture[str],
):
    now = [1000.0]
    configure_log(load_settings(), lambda: now[0])
    log = structlog.get_logger("sharethings")
    server, secret = logging.getLogger("aiohttp.server"), BadHttpMessage("")

    def said() -> list[dict[str, object]]:
        return [json.loads(line) for line in capsys.readouterr().err.splitlines()]

    for number in range(LINES_PER_MINUTE + 7):
        log.warning("connection_refused", number=number)
        server.error("Error at %s", number, exc_info=secret)
    log.info("joined")
    assert Counter(line["event"] for line in said()) == {
        "connection_refused": LINES_PER_MINUTE,
        "request_unreadable": LINES_PER_MINUTE,
        "joined": 1,
    }
    now[0] += 59.9
    log.warning("connection_refused")
    assert said() == []
    now[0] += 0.1
    log.info("stopped")
    kept, line = said()
    assert (kept["event"], kept["level"], line["event"]) == (
        *("lines_kept_back", "warning"),
        "stopped",
    )
    assert kept["counts"] == {"connection_refused": 8, "aiohttp.server": 7}
    log.warning("connection_refused")
    now[0] += 60
    server.error("Fault")
    assert [line["event"] for line in said()] == ["connection_refused", "Fault"]
