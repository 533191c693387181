"""Where files are saved: names in folders that are held open, so that no link is followed."""

from __future__ import annotations

import errno
import os
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sharethings.client.errors import TargetExistsError
from sharethings.client.names import NAME_MAX_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
ENDING_MAX_BYTES = 16


@dataclass(frozen=True, slots=True)
class Place:
    """A name in an open folder, and the path that is shown of it."""

    folder: int
    name: str
    shown: Path

    def named(self, name: str) -> Place:
        """Give the place of another name in the same folder."""
        return Place(self.folder, name, self.shown.with_name(name))

    def beside(self, ending: str) -> Place:
        """Give the place of this name with an ending; the longest names are cut for it."""
        room = NAME_MAX_BYTES - ENDING_MAX_BYTES
        return self.named(os.fsdecode(os.fsencode(self.name)[:room]) + ending)

    def stat(self) -> os.stat_result | None:
        """Look at what stands there, not through a link; None for nothing."""
        try:
            return os.stat(self.name, dir_fd=self.folder, follow_symlinks=False)
        except FileNotFoundError:
            return None

    def open(self, flags: int, mode: int = 0o600) -> int:
        """Open it. Raises OSError with the path."""
        try:
            return os.open(self.name, flags, mode, dir_fd=self.folder)
        except OSError as error:
            error.filename = str(self.shown)
            raise

    def remove(self) -> None:
        """Remove it, if it is there."""
        with suppress(FileNotFoundError):
            os.unlink(self.name, dir_fd=self.folder)

    def rename_to(self, other: Place) -> None:
        """Give it another name in the same folder; it never replaces a file.

        Raises TargetExistsError when one of that name appeared meanwhile.
        """
        folder = self.folder
        try:
            os.link(
                self.name, other.name, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=False
            )
        except FileExistsError as error:
            raise TargetExistsError(
                f"{other.shown} appeared meanwhile and was not replaced."
            ) from error
        except OSError:  # a file system without hard links
            os.rename(self.name, other.name, src_dir_fd=folder, dst_dir_fd=folder)
        else:
            self.remove()


@contextmanager
def place_of(path: Path) -> Iterator[Place]:
    """Open the folder of a path, for as long as something is done in it. Raises OSError."""
    folder = os.open(path.parent, FOLDER)
    try:
        yield Place(folder, path.name, path)
    finally:
        os.close(folder)


@contextmanager
def place_below(root: Path, names: Sequence[str]) -> Iterator[Place]:
    """Open the folder of a file `names` below `root`, made as far as it is not there.

    Each name is one that `safe_path` gave; below `root` no link is followed.

    Raises TargetExistsError where a name is taken by something else than a folder, OSError.
    """
    folder, shown = os.open(root, FOLDER), root
    try:
        for name in names[:-1]:
            shown /= name
            below = _open_folder(Place(folder, name, shown))
            os.close(folder)
            folder = below
        yield Place(folder, names[-1], shown / names[-1])
    finally:
        os.close(folder)


def _open_folder(place: Place) -> int:
    with suppress(FileExistsError):
        os.mkdir(place.name, dir_fd=place.folder)
    try:
        return place.open(FOLDER | os.O_NOFOLLOW)
    except OSError as error:
        if error.errno not in {errno.ENOTDIR, errno.ELOOP}:
            raise
        raise TargetExistsError(
            f"{place.shown} is a link or a file: nothing is saved through it. "
            "Choose another folder with --output."
        ) from error
