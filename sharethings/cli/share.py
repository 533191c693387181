"""`sharethings share`: files, a text, or standard input."""

from __future__ import annotations

import io
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sharethings.cli import connect, durations
from sharethings.cli.exits import OF_ONE_FILE, Exit
from sharethings.cli.folders import not_shared, share_folder
from sharethings.cli.terminal import overall_bar, progress_bar, say
from sharethings.client.folders import read_folder, text_of
from sharethings.client.join import Wishes
from sharethings.client.unfinished import state_folder
from sharethings.client.upload import share_file, share_stream, share_text

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from sharethings.client.session import Session

STDIN = "-"
STDIN_NAME = "stdin"


@connect.client_command
async def share(
    access: connect.Access,
    paths: Annotated[
        list[str] | None, typer.Argument(help="Files and folders to share; - is standard input.")
    ] = None,
    text: Annotated[str | None, typer.Option("--text", help="A text to share.")] = None,
    file_name: Annotated[
        str | None,
        typer.Option("--name", help="Name of the one file, or of what standard input gives."),
    ] = None,
    keep: Annotated[
        str | None,
        typer.Option("--keep", help="It goes by itself after so long: 10m, 1h, 7d."),
    ] = None,
    session_idle: Annotated[
        str | None,
        typer.Option(
            "--session-idle",
            help="A new session ends so long after its last activity: 1h, 7d, never.",
        ),
    ] = None,
    contents_max: Annotated[
        int | None,
        typer.Option(
            "--contents-max", metavar="N", min=1, help="A new session holds so many contents."
        ),
    ] = None,
    drop_oldest: Annotated[
        bool | None,
        typer.Option(
            "--drop-oldest/--keep-oldest",
            help="When a new session is full the oldest goes, or (the default) nothing is taken.",
        ),
    ] = None,
) -> None:
    """Share files, folders, a text or standard input. Makes the session when there is none.

    Prints the id of each content, of a folder that of its group. A new session needs a passphrase
    of at least 12 characters.
    """
    _check(paths or [], text, file_name)
    lifetime = None if keep is None else durations.lifetime(keep)
    idle_seconds = None if session_idle is None else durations.idle_time(session_idle)
    wishes = Wishes(idle_seconds, contents_max, drop_oldest)
    async with await access.open(create=wishes) as opened:
        opened.lifetime_seconds = lifetime
        code = await _share_all(opened, text, paths or [], file_name)
    raise typer.Exit(code)


async def _share_all(opened: Session, text: str | None, paths: list[str], name: str | None) -> Exit:
    """Share one after the other; gives the highest exit code, or names what a failure left out."""
    names = [*([] if text is None else ["text"]), *(_shown(path, name) for path in paths)]
    codes: list[Exit] = []
    try:
        if text is not None:
            codes.append(await _told("text", share_text(opened, text)))
        with overall_bar(_sizes(paths)):
            for path in paths:
                code = await _share(opened, path, _shown(path, name))
                codes.append(code)
    except BaseException:
        for left in names[len(codes) + 1 :]:
            say(f"Not shared: {left}.")
        raise
    return max(codes)


def _shown(path: str, name: str | None) -> str:
    return name or (STDIN_NAME if path == STDIN else text_of(Path(path).name) or path)


def _sizes(paths: list[str]) -> list[int]:
    return [_size(Path(path)) for path in paths if path != STDIN]


def _size(path: Path) -> int:
    with suppress(OSError):  # said when its turn comes
        if path.is_dir():
            return sum(found.size for found in read_folder(path).files)
        return path.stat().st_size
    return 0


async def _share(opened: Session, path: str, shown: str) -> Exit:
    if path != STDIN and Path(path).is_dir():
        return await share_folder(opened, Path(path))
    return await _told(shown, share_one(opened, path, shown))


async def _told(what: str, sharing: Coroutine[None, None, str]) -> Exit:
    """Print the id, and tell what was shared or not: a failure's sentence does not say which."""
    try:
        content_id = await sharing
    except OF_ONE_FILE as error:
        return not_shared(what, error)
    except BaseException:
        say(f"Not shared: {what}.")
        raise
    say(f"Shared {what}.")
    print(content_id, flush=True)
    return Exit.DONE


def _check(paths: list[str], text: str | None, name: str | None) -> None:
    """Refuse what cannot be shared before anything is sent."""
    if not paths and text is None:
        raise typer.BadParameter("Name a file, - for standard input, or --text TEXT.")
    if text == "":
        raise typer.BadParameter("The text is empty.")
    if name is not None and (len(paths) != 1 or text is not None):
        raise typer.BadParameter("--name goes with one file or with standard input.")
    for path in paths:
        if path == STDIN:
            continue
        if name is not None and Path(path).is_dir():
            raise typer.BadParameter("--name goes with one file or with standard input.")
        if not Path(path).is_file() and not Path(path).is_dir():
            raise typer.BadParameter(f"There is no file {path}.")


async def share_one(opened: Session, path: str, name: str) -> str:
    """Share a file, or standard input, under a name; gives the id. Raises what the two raise."""
    if path == STDIN:
        typed = sys.stdin.isatty()  # a bar would draw over what is typed
        opened.patience_seconds = opened.away_seconds  # what has passed by cannot be read again
        # Read unbuffered: it gives what is there, and no lock is held where it waits.
        with (
            progress_bar(name, None, hidden=typed) as progress,
            io.FileIO(sys.stdin.fileno(), closefd=False) as stream,
        ):
            return await share_stream(opened, stream, name, progress)
    file = Path(path)
    with progress_bar(name, file.stat().st_size) as progress:
        return await share_file(opened, file, progress, name, state_folder(os.environ))
