"""Talk with a person: on standard error, with colours and bars only on a terminal."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from sharethings.client.names import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

KIB = 1024
ID_SHOWN = 8
"""Digits of an id that are shown; any beginning that is unique may be given back."""


def say(text: str) -> None:
    """Write a line of talk; what a terminal would obey is shown as escapes, whoever said it."""
    sys.stderr.write(f"{printable(text)}\n")


@contextmanager
def progress_bar(name: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """Show a bar for `total` bytes (None: unknown) while something runs, if a person watches."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _size: None
        return
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        DownloadColumn(binary_units=True),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console) as bars:
        task = bars.add_task(printable(name), total=total)
        yield lambda size: bars.advance(task, size)


def size_text(size: int | None) -> str:
    """Give a size for people: 1.5 MiB."""
    if size is None:
        return "?"
    value = float(size)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if value < KIB:
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= KIB
    return f"{value:.1f} TiB"
