"""`sharethings share`: files, a text, or standard input."""

from __future__ import annotations

import secrets
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sharethings.cli import connect
from sharethings.cli.terminal import progress_bar, say
from sharethings.client.upload import share_file, share_stream, share_text
from sharethings.crypto.passphrase import generate_passphrase

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sharethings.client.session import Session

STDIN = "-"


@connect.client_command
async def share(
    access: connect.Access,
    paths: Annotated[
        list[str] | None, typer.Argument(help="Files to share; - is standard input.")
    ] = None,
    text: Annotated[str | None, typer.Option("--text", help="A text to share.")] = None,
    stream_name: Annotated[
        str, typer.Option("--name", help="Name of what standard input gives.")
    ] = "stdin",
) -> None:
    """Share files, a text or standard input; makes the session when there is none.

    Prints the id of each content.
    """
    wanted = _check(paths or [], text)
    async with await access.open(create=True) as opened:
        if text is not None:
            with _said("text"):
                print(await share_text(opened, text), flush=True)
        for path in wanted:
            with _said(stream_name if path == STDIN else Path(path).name):
                print(await _share_one(opened, path, stream_name), flush=True)


@contextmanager
def _said(what: str) -> Iterator[None]:
    """Tell whether it was shared: of several, a failure's sentence does not say which."""
    try:
        yield
    except BaseException:
        say(f"Not shared: {what}.")
        raise
    say(f"Shared {what}.")


def _check(paths: list[str], text: str | None) -> list[str]:
    """Refuse what cannot be shared before anything is sent."""
    if not paths and text is None:
        raise typer.BadParameter("Name a file, - for standard input, or --text TEXT.")
    for path in paths:
        if path == STDIN:
            continue
        if Path(path).is_dir():
            raise typer.BadParameter(
                f"{path} is a folder. Share it as one file: "
                f"tar -c {path} | sharethings share - --name {Path(path).name}.tar"
            )
        if not Path(path).is_file():
            raise typer.BadParameter(f"There is no file {path}.")
    return paths


async def _share_one(opened: Session, path: str, stream_name: str) -> str:
    if path == STDIN:
        with progress_bar(stream_name, None) as progress:
            return await share_stream(opened, sys.stdin.buffer, stream_name, progress)
    file = Path(path)
    with progress_bar(file.name, file.stat().st_size) as progress:
        return await share_file(opened, file, progress)


def passphrase() -> None:
    """Print a fresh passphrase of seven words."""
    print(generate_passphrase(secrets.randbelow))
