"""The command line: `sharethings`."""

from __future__ import annotations

from sharethings.cli.main import main

__all__ = ["main"]
