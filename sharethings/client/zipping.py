"""Several contents in one zip file, written while they come (APPNOTE 6.3.10: stored, zip64)."""

from __future__ import annotations

import itertools
import os
import time
import zipfile
from typing import TYPE_CHECKING

from sharethings.client.claim import Claim
from sharethings.client.download import Download
from sharethings.client.names import safe_name, safe_path
from sharethings.client.progress import HeldBack
from sharethings.writing import parts_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import BinaryIO

    from sharethings.client.contents import Content
    from sharethings.client.places import Place
    from sharethings.client.session import Session

    Progress = Callable[[int], None]

FIRST_YEAR, LAST_YEAR = 1980, 2107
"""Zip files know no other (APPNOTE 4.4.6)."""
ID_SHOWN = 8
MAGIC = b"STZIP01\0"


def names_in(contents: Sequence[Content]) -> list[str]:
    """Give each content's path in a zip, safe and its own.

    One that is taken, by a file or a folder, gets the short id. The browser does the same
    (client/src/transfer/zip.ts); tests/paths.json tries both.
    """
    paths = [content.manifest.path for content in contents]
    places = [safe_path(path)[:-1] if path else () for path in paths]
    taken = {
        _folded("/".join(folders[:depth]))
        for folders in set(places)
        for depth in range(1, len(folders) + 1)
    }
    names: list[str] = []
    for content, folders in zip(contents, places, strict=True):
        base = content.manifest.name or f"{content.content_id[:ID_SHOWN]}.txt"
        tried = ("/".join([*folders, safe_name(base, mark)]) for mark in _marks(content.content_id))
        name = next(name for name in tried if _folded(name) not in taken)
        taken.add(_folded(name))
        names.append(name)
    return names


def _marks(content_id: str) -> Iterator[str]:
    """Give what is tried in turn: no two contents have one id, so that few need a number."""
    yield from ("", f" ({content_id[:ID_SHOWN]})", f" ({content_id})")
    for nth in itertools.count(2):
        yield f" ({content_id} {nth})"


def _folded(path: str) -> str:
    """Give what disks for which case does not count take for the same; browsers fold alike."""
    return path.upper().lower()


async def write_zip(
    session: Session, contents: Sequence[Content], target: BinaryIO, progress: Progress
) -> None:
    """Write contents to a file or pipe as they come, none compressed.

    Raises what `Download.pieces` raises: what was written then is no whole zip file.
    """
    with zipfile.ZipFile(target, "w") as archive:
        for content, name in zip(contents, names_in(contents), strict=True):
            size = content.manifest.size
            entry = zipfile.ZipInfo(name, _moment(content.manifest.created))
            entry.file_size = size or 0
            entry.external_attr = 0o644 << 16
            with archive.open(entry, "w", force_zip64=size is None) as file:
                async for piece in Download(session, content).pieces():
                    for part in parts_of(piece):
                        file.write(part)
                    progress(len(piece))


def _moment(created_ms: int) -> tuple[int, int, int, int, int, int]:
    then = time.localtime(created_ms / 1000)
    if not FIRST_YEAR <= then.tm_year <= LAST_YEAR:
        return (FIRST_YEAR, 1, 1, 0, 0, 0)
    return (then.tm_year, then.tm_mon, then.tm_mday, then.tm_hour, then.tm_min, then.tm_sec)


class _Zip(Claim):
    """An unfinished zip file. Nothing in it is read again: its record only says that it is one."""

    def __init__(self, target: Place) -> None:
        """Make it, or begin anew over what a program that was killed has left; as a Claim."""
        super().__init__(target, MAGIC, "--zip")
        os.ftruncate(self._file, 0)

    def _check_header(self, header: bytes) -> None:
        if header != MAGIC:
            raise self._taken("is of another download")

    def open(self) -> BinaryIO:
        """Give it to write to, for as long as it is held."""
        return open(self._file, "wb", closefd=False)


async def save_zip(
    session: Session, contents: Sequence[Content], place: Place, progress: Progress
) -> None:
    """Save contents as one zip file; it is NAME.part until all of it holds, and kept only then.

    The last bytes are told to `progress` when it has its name.

    Raises TargetExistsError, OSError, and what `write_zip` raises.
    """
    made = _Zip(place)
    chunk_sizes = (content.manifest.chunk_size for content in contents)
    held = HeldBack(progress, max(chunk_sizes, default=0))
    try:
        with made.open() as file:
            await write_zip(session, contents, file, held)
        made.keep()
        held.done()
    except BaseException:
        made.discard()
        raise
    finally:
        made.close()
