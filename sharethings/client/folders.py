"""Folders as they are shared: one content for each file, with its path, in one group."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path

from sharethings.client.contents import PATH, PATH_MAX_BYTES


@dataclass(frozen=True, slots=True)
class Found:
    """A file of a folder; `path` as its manifest has it: the folder's name first, then /."""

    file: Path
    path: str
    size: int

    @property
    def is_too_deep(self) -> bool:
        """Whether a manifest does not take its path."""
        return len(self.path.encode()) > PATH_MAX_BYTES or re.search(PATH, self.path) is None


@dataclass(frozen=True, slots=True)
class Folder:
    """What is in a folder: the files to share, and what is not shared of it."""

    name: str
    files: list[Found] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    empty: list[str] = field(default_factory=list)


def text_of(name: str) -> str:
    """Give the name of a file as text; what is not UTF-8 in it is replaced: manifests are UTF-8."""
    return os.fsencode(name).decode(errors="replace")


def read_folder(folder: Path) -> Folder:
    """Look through a folder, in the order of names; blocks. Raises OSError.

    Links and what is neither file nor folder is skipped: neither could be made again elsewhere.
    """
    found = Folder(text_of(folder.resolve().name) or "folder")
    waiting = [(folder, found.name)]
    while waiting:
        place, path = waiting.pop()
        with os.scandir(place) as listed:
            entries = sorted(listed, key=lambda entry: entry.name)
        if not entries:
            found.empty.append(path)
        below: list[tuple[Path, str]] = []
        for entry in entries:
            named = f"{path}/{text_of(entry.name)}"
            if entry.is_dir(follow_symlinks=False):
                below.append((Path(entry.path), named))
            elif entry.is_file(follow_symlinks=False):
                size = entry.stat(follow_symlinks=False).st_size
                found.files.append(Found(Path(entry.path), named, size))
            else:
                found.skipped.append(named)
        waiting += reversed(below)
    return found
