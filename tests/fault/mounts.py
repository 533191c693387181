"""File systems of the tests' own: in memory, and in a file that can be copied while it is used."""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.programs import clean_environment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"


def call(*command: object) -> None:
    """Run a program of the system."""
    program = shutil.which(str(command[0]), path=PATH)
    assert program is not None, f"{command[0]} is not installed: run make system"
    subprocess.run(
        [program, *map(str, command[1:])],
        check=True,
        capture_output=True,
        env=clean_environment((), PATH=PATH),
    )


@contextmanager
def mounted(place: Path, *arguments: object) -> Iterator[Path]:
    """Mount with `arguments` of mount(8) at `place`, which is made; unmount at the end."""
    place.mkdir(exist_ok=True)
    call("mount", *arguments, place)
    try:
        yield place
    finally:
        call("umount", "--lazy", place)  # somebody may be looking at it


def make_image(path: Path, size: int) -> None:
    """Make a file that holds an empty ext4 with a journal."""
    with path.open("wb") as file:
        file.truncate(size)
    call("mkfs.ext4", "-q", "-E", "lazy_itable_init=0,lazy_journal_init=0", path)


def in_memory(size_bytes: int) -> tuple[object, ...]:
    """Give what `mounted` takes for a file system in memory."""
    return ("-t", "tmpfs", "-o", f"size={size_bytes},mode=700", "tmpfs")
