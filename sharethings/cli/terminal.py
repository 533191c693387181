"""Talk with a person: on standard error, with colours and bars only on a terminal."""

from __future__ import annotations

import getpass
import signal
import sys
import time
import warnings
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.text import Text

from sharethings.client.names import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.console import RenderableType

ID_SHOWN = 8
"""Digits of an id that are shown; any beginning that is unique may be given back."""


def say(text: str) -> None:
    """Write a line of talk; what a terminal would obey is shown as escapes, whoever said it."""
    sys.stderr.write(f"{printable(text)}\n")


@contextmanager
def _interruptible() -> Iterator[None]:
    """Let Ctrl-C end a question at once: asyncio's handler would wait for Enter."""
    handler = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)


def ask_secret(prompt: str, otherwise: str) -> str:
    """Ask without an echo. Raises BadParameter with `otherwise` when there is no terminal."""
    with _interruptible(), warnings.catch_warnings():
        warnings.simplefilter("error", getpass.GetPassWarning)  # it would be read with an echo
        try:
            return getpass.getpass(prompt)
        except (EOFError, getpass.GetPassWarning) as error:
            raise typer.BadParameter(otherwise) from error


def confirm(question: str, otherwise: str) -> bool:
    """Ask for a yes; Enter is a no. Raises BadParameter with `otherwise` without a terminal."""
    if not sys.stdin.isatty():
        raise typer.BadParameter(otherwise)
    sys.stderr.write(f"{printable(question)} [y/N] ")
    sys.stderr.flush()
    with _interruptible():
        return sys.stdin.readline().strip().lower() in {"y", "yes"}


_OVERALL: ContextVar[tuple[Progress, TaskID] | None] = ContextVar("overall", default=None)
"""The bar for several files, which all that is done for one of them stands beside."""
ALL = "all"
SPEED_SECONDS = 10.0
"""The speed is that of so long: what stood still before says nothing of it."""
STILL_SECONDS = 5.0
"""Where nothing has moved for so long there is no speed, and no time left."""


class _PerCentColumn(ProgressColumn):
    """Full per cent, rounded down: 100 only when it is done. Nothing of what has no known size."""

    def render(self, task: Task) -> Text:
        """Give what stands in the column."""
        size = int(task.total or 0)
        return Text(
            f"{int(task.completed) * 100 // size:3} %" if size else "", "progress.percentage"
        )


class _MovingColumn(ProgressColumn):
    """What follows from how fast it goes: nothing while it stands still."""

    def __init__(self, column: ProgressColumn) -> None:
        super().__init__()
        self._column = column

    def render(self, task: Task) -> RenderableType:
        """Give what stands in the column."""
        is_still = time.monotonic() - task.fields.get("moved_at", 0.0) > STILL_SECONDS
        return Text("") if is_still and not task.finished else self._column.render(task)


def _advance(bar: tuple[Progress, TaskID] | None, size: int) -> None:
    if bar is not None:
        bar[0].update(bar[1], advance=size, moved_at=time.monotonic())


@contextmanager
def _bar(
    name: str, total: int | None, *, hidden: bool, transient: bool = False
) -> Iterator[tuple[Progress, TaskID] | None]:
    overall = _OVERALL.get()
    if overall is not None and not hidden:
        task = overall[0].add_task(printable(name), total=total)
        try:
            yield overall[0], task
        finally:
            overall[0].remove_task(task)  # hundreds would push those that move off the screen
        return
    console = Console(stderr=True)
    if hidden or not console.is_terminal:
        yield None
        return
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        _PerCentColumn(),
        DownloadColumn(),
        _MovingColumn(TransferSpeedColumn()),
        _MovingColumn(TimeRemainingColumn()),
    )
    to_terminal = sys.stdout.isatty()  # else ids are data, and go past the bars
    with Progress(
        *columns,
        console=console,
        transient=transient,
        redirect_stdout=to_terminal,
        speed_estimate_period=SPEED_SECONDS,
    ) as bars:
        yield bars, bars.add_task(printable(name), total=total, visible=not transient)


@contextmanager
def overall_bar(sizes: list[int]) -> Iterator[None]:
    """Show one bar over all while something runs for each of several files of these bytes."""
    with _bar(ALL, sum(sizes), hidden=not sizes[1:]) as bar:
        token = _OVERALL.set(bar)
        try:
            yield
        finally:
            _OVERALL.reset(token)


@contextmanager
def without_bars() -> Iterator[None]:
    """Take the bars off the screen while something else is written to it."""
    overall = _OVERALL.get()
    if overall is None:
        yield
        return
    live = overall[0].live
    live.transient = True
    live.stop()
    live.transient = False
    try:
        yield
    finally:
        live.start()


@contextmanager
def progress_bar(
    name: str, total: int | None, *, hidden: bool = False
) -> Iterator[Callable[[int], None]]:
    """Show a bar for `total` bytes (None: unknown) while something runs, if a person watches."""

    def advance(size: int) -> None:
        _advance(bar, size)
        _advance(overall, size)

    overall = None if total is None else _OVERALL.get()
    with _bar(name, total, hidden=hidden) as bar:
        yield advance


@contextmanager
def passing_bar(name: str) -> Iterator[Callable[[int, int], None]]:
    """Show a bar from the first time that it is told (done, in all) bytes; it leaves no trace."""

    def told(done: int, total: int) -> None:
        if bar is not None:
            moved_at = time.monotonic()
            bar[0].update(bar[1], completed=done, total=total, visible=True, moved_at=moved_at)

    with _bar(name, None, hidden=False, transient=True) as bar:
        yield told
