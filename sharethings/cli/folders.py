"""Folders on the command line: shared file by file, and told of."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

from sharethings.cli.exits import Exit, exit_of, sentence_of
from sharethings.cli.terminal import progress_bar, say
from sharethings.client.errors import FileChangedError
from sharethings.client.folders import Folder, Found, read_folder
from sharethings.client.unfinished import state_folder
from sharethings.client.upload import share_file

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sharethings.client.session import Session


async def share_folder(opened: Session, path: Path) -> Exit:
    """Share the files of a folder as a group, and print its id.

    A file that cannot be read is said and left out; gives the highest exit code of those.
    """
    folder = await asyncio.to_thread(read_folder, path)
    for name in folder.skipped:
        say(f"Not shared: {name}, a link or no file.")
    for name in folder.empty:
        say(f"Not shared: {name}, an empty folder.")
    shared, worst = 0, Exit.DONE
    try:
        total = sum(found.size for found in folder.files)
        with progress_bar(f"{folder.name} ({_files(len(folder.files))})", total) as progress:
            for found in folder.files:
                code = await _share(opened, folder, found, progress)
                shared += code is Exit.DONE
                worst = max(worst, code)
    finally:
        say(f"Shared {folder.name}: {shared} of {_files(len(folder.files))}.")
        if shared:
            print(folder.group_id, flush=True)
    return worst


async def _share(
    opened: Session, folder: Folder, found: Found, progress: Callable[[int], None]
) -> Exit:
    if found.is_too_deep:
        say(f"Not shared: {found.path}, whose path is too long.")
        return Exit.LIMIT
    name, members = found.path.rpartition("/")[2], folder.members(found)
    try:
        memory = state_folder(os.environ)
        await share_file(opened, found.file, progress, name, memory, members)
    except (OSError, FileChangedError) as error:
        say(f"Not shared: {found.path}. {sentence_of(error)}")
        return exit_of(error) or Exit.UNEXPECTED
    return Exit.DONE


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count} files"
