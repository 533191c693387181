"""Logs: JSON lines on standard error. Ids are cut to 8 hex digits, and nothing secret is given."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING

import structlog
from aiohttp.http_exceptions import HttpProcessingError

if TYPE_CHECKING:
    from sharethings.config import Settings


def _hide_request(record: logging.LogRecord) -> bool:
    """Cut what aiohttp says of a request that it cannot read: it quotes the bytes, tokens too."""
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, HttpProcessingError):
        record.msg, record.args, record.exc_info = "request_unreadable", (), None
        record.levelno, record.levelname = logging.WARNING, "WARNING"
    return True


def configure_log(settings: Settings) -> None:
    """Set up structlog, and the standard library's loggers of our dependencies, alike."""
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
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
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    handler = logging.StreamHandler(sys.stderr)
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
