"""`sharethings get`: print contents, or save them as files."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sharethings.cli import connect
from sharethings.cli.exits import Exit, exit_of, sentence_of
from sharethings.cli.listing import Which, find, is_many
from sharethings.cli.terminal import ID_SHOWN, overall_bar, progress_bar, say, without_bars
from sharethings.client.contents import Content, Unreadable
from sharethings.client.download import Download
from sharethings.client.errors import NoConnectionError, TargetExistsError
from sharethings.client.names import safe_name, safe_path
from sharethings.client.places import Place, place_below, place_of
from sharethings.client.saving import save_at
from sharethings.client.zipping import save_zip

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
    follow: Annotated[
        bool,
        typer.Option("--follow", help="Print it as it arrives; 6 at its end: it was not whole."),
    ] = False,
    zip_file: Annotated[
        Path | None,
        typer.Option("--zip", help="Save as one zip file: a folder, all, or one content."),
    ] = None,
) -> None:
    """Save a content, or print it with -o -. Texts are printed unless -o says where to."""
    if zip_file is not None and (follow or output is not None):
        raise typer.BadParameter("--zip goes without --output and --follow.")
    async with await access.open() as opened:
        await opened.load_all()
        found = find(opened.state.ordered(), which)
        many = is_many(which, found)
        if follow and (many or output not in {None, STDOUT}):
            raise typer.BadParameter("--follow prints one content to standard output.")
        if zip_file is not None:
            await _get_zip(opened, [readable(content) for content in found], zip_file)
        elif many:
            raise typer.Exit(await _get_all(opened, found, output))
        elif follow:
            await _print(opened, readable(found[0]), held=False)
        else:
            await _get(opened, readable(found[0]), output)
            _tell_group(found[0])


def _tell_group(content: Content | Unreadable) -> None:
    """Say that what was got alone was shared with others."""
    if isinstance(content, Content) and (group := content.manifest.group) is not None:
        what = f"It is one of {group.count} files of {group.name}"
        say(f"{what}: get {group.id[:ID_SHOWN]} saves all of them.")


async def _get_zip(opened: Session, contents: list[Content], path: Path) -> None:
    """Save contents as one file, whole or not at all."""
    sizes = [content.manifest.size for content in contents]
    total = None if None in sizes else sum(filter(None, sizes))
    with place_of(path) as place, progress_bar(path.name, total) as progress:
        await save_zip(opened, contents, place, progress)
    say(f"Saved {path}.")


async def _get_all(opened: Session, found: list[Content | Unreadable], output: str | None) -> Exit:
    """Get what can be got; gives the highest exit code of what could not."""
    if output not in {None, STDOUT}:
        _make_folder(Path(str(output)))
    with overall_bar(_sizes(found, output)):
        codes = [await _try_one_of_all(opened, content, output) for content in found]
    return max(codes, default=Exit.DONE)


def _sizes(found: list[Content | Unreadable], output: str | None) -> list[int]:
    """Give the bytes of each content that will be saved, and of which they are known."""
    readables = [content for content in found if isinstance(content, Content)]
    saved = [content.manifest.size for content in readables if not _is_printed(content, output)]
    return [size for size in saved if size is not None]


async def _try_one_of_all(
    opened: Session, content: Content | Unreadable, output: str | None
) -> Exit:
    """Get one if it can be got, else say why; raises what concerns the others too."""
    try:
        await _get_one_of_all(opened, readable(content), output)
    except Exception as error:
        code = exit_of(error)
        hopeless = opened.end is not None or isinstance(error, (NoConnectionError, BrokenPipeError))
        if code is None or hopeless:
            raise
        say(sentence_of(error))
        return code
    return Exit.DONE


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError as error:
        raise TargetExistsError(f"{folder} is a file: name a folder with --output.") from error


def readable(content: Content | Unreadable) -> Content:
    """Give a content that can be read. Raises the DamagedError of one that cannot."""
    if isinstance(content, Unreadable):
        raise content.reason(f"{content.content_id[:ID_SHOWN]} cannot be read. {content.reason()}")
    return content


def _is_printed(content: Content, output: str | None) -> bool:
    return output == STDOUT or (output is None and content.manifest.kind == "text")


async def _get(opened: Session, content: Content, output: str | None) -> None:
    if _is_printed(content, output):
        await _print_whole(opened, content, output)
        return
    path = Path(output or ".")
    with place_of(path / name_of(content) if path.is_dir() else path) as place:
        await _save(opened, content, place)


async def _get_one_of_all(opened: Session, content: Content, output: str | None) -> None:
    """Save a content below the folder of all, where it stood in its own."""
    if _is_printed(content, output):
        await _print_whole(opened, content, output)
        return
    folders = safe_path(content.manifest.path)[:-1] if content.manifest.path else ()
    with place_below(Path(output or "."), [*folders, name_of(content)]) as place:
        target = choose_target(place, content)
        if target is None:
            with progress_bar(content.manifest.name, content.manifest.size) as progress:
                progress(content.manifest.size or 0)
            say(f"{place.shown} is there already.")
        else:
            await _save(opened, content, target)


async def _save(opened: Session, content: Content, target: Place) -> None:
    with progress_bar(content.manifest.name, content.manifest.size) as progress:
        await save_at(opened, content, target, progress)
    say(f"Saved {target.shown}.")


async def _print_whole(opened: Session, content: Content, output: str | None) -> None:
    with without_bars():
        await _print(opened, content)
        if output is None:
            print(flush=True)


async def _print(opened: Session, content: Content, *, held: bool = True) -> None:
    """Print a content as it comes; its last chunk, if `held`, only when its root was checked."""

    def write(piece: bytes) -> None:
        sys.stdout.buffer.write(piece)
        sys.stdout.buffer.flush()

    async for piece in Download(opened, content).pieces(held=held):
        await asyncio.to_thread(write, piece)


def name_of(content: Content, mark: str = "") -> str:
    """Give the name of a content's file; `mark` goes before the ending."""
    return safe_name(content.manifest.name or f"{content.content_id[:ID_SHOWN]}.txt", mark)


def choose_target(place: Place, content: Content) -> Place | None:
    """Give where to save a content that is saved with all others; None when it is there already.

    A name that is taken gets the content's short id. A file is the content's own when it has
    its size, and either its short id or the time at which it was shared (see `save_at`).
    """
    found = place.stat()
    if found is None:
        return place
    same_time = found.st_mtime_ns // 1_000_000 == content.manifest.created
    if same_time and found.st_size == content.manifest.size:
        return None
    marked = place.named(name_of(content, f" ({content.content_id[:ID_SHOWN]})"))
    found = marked.stat()
    return None if found is not None and found.st_size == content.manifest.size else marked
