"""Logs: JSON lines on standard error. Ids are cut to 8 hex digits, and nothing secret is given.

Most lines are written because of what strangers do. So of each event only so many lines are
written in a minute, and then it is said how many were not.
"""

from __future__ import annotations

import logging
import sys
import time
from collections import Counter
from threading import Lock
from typing import TYPE_CHECKING

import structlog
from aiohttp.http_exceptions import HttpProcessingError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sharethings.config import Settings

LINES_PER_MINUTE = 60
"""Of one event. Ten events that strangers cause, 200 bytes a line: 170 MB in a day of attack."""
MINUTE_SECONDS = 60.0
KEPT_BACK = "lines_kept_back"
log = structlog.get_logger(__name__)


class LinePace:
    """Keeps lines back: those of an event beyond so many in a minute.

    When the next line is written after that minute, one before it tells how many there were.
    Used by the threads of the loop and of the database.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        """Take a clock in seconds."""
        self._monotonic = monotonic
        self._lock = Lock()
        self._began_at = monotonic()
        self._counts: Counter[str] = Counter()

    def lets(self, event: str) -> bool:
        """Say whether a line of this event is written now."""
        with self._lock:
            now, before = self._monotonic(), Counter[str]()
            if now - self._began_at >= MINUTE_SECONDS:
                self._began_at, self._counts, before = now, before, self._counts
            self._counts[event] += 1
            is_let = event == KEPT_BACK or self._counts[event] <= LINES_PER_MINUTE
        kept = {name: n - LINES_PER_MINUTE for name, n in before.items() if n > LINES_PER_MINUTE}
        if kept:
            log.warning(KEPT_BACK, counts=kept)
        return is_let

    def process(
        self, _logger: object, _method: str, line: structlog.typing.EventDict
    ) -> structlog.typing.EventDict:
        """Drop a line of ours; a processor of structlog."""
        if not self.lets(str(line["event"])):
            raise structlog.DropEvent
        return line

    def filter(self, record: logging.LogRecord) -> bool:
        """Drop a line of our dependencies, told apart by who writes it: texts hold anything."""
        return self.lets(record.name)


def _hide_request(record: logging.LogRecord) -> bool:
    """Cut what aiohttp says of a request that it cannot read: it quotes the bytes, tokens too."""
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, HttpProcessingError):
        record.msg, record.args, record.exc_info = "request_unreadable", (), None
        record.levelno, record.levelname = logging.WARNING, "WARNING"
    return True


def configure_log(settings: Settings, monotonic: Callable[[], float] = time.monotonic) -> None:
    """Set up structlog, and the standard library's loggers of our dependencies, alike."""
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    pace = LinePace(monotonic)
    shared: list[structlog.typing.Processor] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if settings.log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[pace.process, *shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(pace.filter)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    logging.getLogger("aiohttp.server").addFilter(_hide_request)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(level, logging.WARNING))
