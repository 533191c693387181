"""Folders on the command line: shared file by file, and told of."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

from sharethings.cli.exits import OF_ONE_FILE, Exit, exit_of, sentence_of
from sharethings.cli.terminal import progress_bar, say
from sharethings.client.folders import Folder, Found, read_folder, text_of
from sharethings.client.regrouping import Regrouping, regrouping
from sharethings.client.unfinished import state_folder

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sharethings.client.session import Session


async def share_folder(opened: Session, path: Path) -> Exit:
    """Share the files of a folder as a group, or those that are lacking, and print its id.

    What cannot be read is said and left out; gives the highest exit code of those.
    """
    try:
        folder = await asyncio.to_thread(read_folder, path)
    except OSError as error:
        return not_shared(text_of(path.name) or str(path), error)
    for name in folder.skipped:
        say(f"Not shared: {name}, a link or no file.")
    for name in folder.empty:
        say(f"Not shared: {name}, an empty folder.")
    files = [found for found in folder.files if not _is_too_deep(found)]
    async with regrouping(opened, folder, path, state_folder(os.environ)) as group:
        try:
            total = sum(found.size for found in folder.files)
            with progress_bar(f"{folder.name} ({_files(len(folder.files))})", total) as progress:
                codes = [await _share(group, found, progress) for found in files]
            worst = max(codes, default=Exit.DONE)
            if worst is Exit.DONE:
                group.done()
        finally:
            _tell(folder, group)
    return worst if len(files) == len(folder.files) else max(worst, Exit.LIMIT)


def _is_too_deep(found: Found) -> bool:
    if found.is_too_deep:
        say(f"Not shared: {found.path}, whose path is too long.")
    return found.is_too_deep


async def _share(group: Regrouping, found: Found, progress: Callable[[int], None]) -> Exit:
    try:
        await group.share(found, progress)
    except OF_ONE_FILE as error:
        return not_shared(found.path, error)
    return Exit.DONE


def not_shared(what: str, error: Exception) -> Exit:
    """Say what was not shared and why; gives the exit code of that."""
    say(f"Not shared: {what}. {sentence_of(error)}")
    return exit_of(error) or Exit.UNEXPECTED


def _tell(folder: Folder, group: Regrouping) -> None:
    count = group.sent_count + group.there_count
    there = f", {group.there_count} of them were there already" if group.there_count else ""
    say(f"Shared {folder.name}: {count} of {_files(len(folder.files))}{there}.")
    if not count:
        return
    print(group.group_id, flush=True)
    if group.goes_on:
        removal = f"sharethings remove {group.group_id}"
        say(f"The same command goes on with it. To remove it instead: {removal}")


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count} files"
