"""`sharethings get`: print contents, or save them as files."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sharethings.cli import connect
from sharethings.cli.exits import Exit, exit_of, sentence_of
from sharethings.cli.listing import ALL, Which, find
from sharethings.cli.terminal import ID_SHOWN, progress_bar, say
from sharethings.client.contents import Content, Unreadable
from sharethings.client.download import Download
from sharethings.client.errors import NoConnectionError, TargetExistsError
from sharethings.client.names import safe_name
from sharethings.client.saving import save

if TYPE_CHECKING:
    from sharethings.client.session import Session

STDOUT = "-"


@connect.client_command
async def get(
    access: connect.Access,
    which: Which,
    output: Annotated[
        str | None,
        typer.Option("--output", "-o", help="File or folder to save to; - is standard output."),
    ] = None,
) -> None:
    """Save a content, or print it with -o -. Texts are printed unless -o says where to."""
    async with await access.open() as opened:
        await opened.load_all()
        found = find(opened.state.ordered(), which)
        if which == ALL:
            worst = await _get_all(opened, found, output)
            raise typer.Exit(worst)
        for content in found:
            await _get(opened, content, output, all_of_them=False)


async def _get_all(opened: Session, found: list[Content | Unreadable], output: str | None) -> Exit:
    """Get what can be got; gives the highest exit code of what could not."""
    if output not in {None, STDOUT}:
        _make_folder(Path(str(output)))
    worst = Exit.DONE
    for content in found:
        try:
            await _get(opened, content, output, all_of_them=True)
        except Exception as error:
            code = exit_of(error)
            hopeless = opened.end is not None or isinstance(
                error, (NoConnectionError, BrokenPipeError)
            )
            if code is None or hopeless:
                raise
            say(sentence_of(error))
            worst = max(worst, code)
    return worst


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError as error:
        raise TargetExistsError(f"{folder} is a file: name a folder with --output.") from error


async def _get(
    opened: Session, content: Content | Unreadable, output: str | None, *, all_of_them: bool
) -> None:
    if isinstance(content, Unreadable):
        raise content.reason(f"{content.content_id[:ID_SHOWN]} cannot be read. {content.reason()}")
    if output == STDOUT or (output is None and content.manifest.kind == "text"):
        await _print(opened, content, line=output is None)
        return
    place = Path(output or ".")
    if all_of_them:
        target = choose_target(place, content)
        if target is None:
            say(f"{place / name_of(content)} is there already.")
            return
    else:
        target = place / name_of(content) if place.is_dir() else place
    with progress_bar(content.manifest.name, content.manifest.size) as progress:
        await save(opened, content, target, progress)
    say(f"Saved {target}.")


async def _print(opened: Session, content: Content, *, line: bool) -> None:
    async for piece in Download(opened, content).pieces():
        await asyncio.to_thread(sys.stdout.buffer.write, piece)
    if line:
        sys.stdout.buffer.write(b"\n")
    sys.stdout.buffer.flush()


def name_of(content: Content, mark: str = "") -> str:
    """Give the name of a content's file; `mark` goes before the ending."""
    return safe_name(content.manifest.name or f"{content.content_id[:ID_SHOWN]}.txt", mark)


def choose_target(folder: Path, content: Content) -> Path | None:
    """Give the file of a content that is saved with all others; None when it is there already.

    A name that is taken gets the content's short id. A file is the content's own when it has
    its size, and either its short id or the time at which it was shared (see `save`).
    """
    target = folder / name_of(content)
    if not os.path.lexists(target):
        return target
    found = target.lstat()
    same_time = found.st_mtime_ns // 1_000_000 == content.manifest.created
    if same_time and found.st_size == content.manifest.size:
        return None
    target = folder / name_of(content, f" ({content.content_id[:ID_SHOWN]})")
    if os.path.lexists(target) and target.lstat().st_size == content.manifest.size:
        return None
    return target
