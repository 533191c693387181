"""Several contents in one zip file, written while they come (APPNOTE 6.3.10: stored, zip64)."""

from __future__ import annotations

import os
import time
import zipfile
from typing import TYPE_CHECKING

from sharethings.client.download import Download
from sharethings.client.errors import TargetExistsError
from sharethings.client.names import safe_name, safe_path
from sharethings.client.parts import NEW, PART

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import BinaryIO

    from sharethings.client.contents import Content
    from sharethings.client.places import Place
    from sharethings.client.session import Session

    Progress = Callable[[int], None]

FIRST_YEAR, LAST_YEAR = 1980, 2107
"""Zip files know no other (APPNOTE 4.4.6)."""
ID_SHOWN = 8


def names_in(contents: Sequence[Content]) -> list[str]:
    """Give each content's path in a zip, safe and its own: one that is taken gets the short id."""
    taken: set[str] = set()
    names: list[str] = []
    for content in contents:
        short = content.content_id[:ID_SHOWN]
        manifest = content.manifest
        folders = safe_path(manifest.path)[:-1] if manifest.path else ()
        base = manifest.name or f"{short}.txt"
        name = "/".join([*folders, safe_name(base)])
        if name.casefold() in taken:
            name = "/".join([*folders, safe_name(base, f" ({short})")])
        taken.add(name.casefold())
        names.append(name)
    return names


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
                    file.write(piece)
                    progress(len(piece))


def _moment(created_ms: int) -> tuple[int, int, int, int, int, int]:
    then = time.localtime(created_ms / 1000)
    if not FIRST_YEAR <= then.tm_year <= LAST_YEAR:
        return (FIRST_YEAR, 1, 1, 0, 0, 0)
    return (then.tm_year, then.tm_mon, then.tm_mday, then.tm_hour, then.tm_min, then.tm_sec)


async def save_zip(
    session: Session, contents: Sequence[Content], place: Place, progress: Progress
) -> None:
    """Save contents as one zip file; it is NAME.part until all of it holds, and kept only then.

    Raises TargetExistsError, OSError, and what `write_zip` raises.
    """
    part = place.beside(PART)
    if place.stat() is not None:
        raise TargetExistsError(f"{place.shown} exists already. Choose another name.")
    try:
        descriptor = part.open(NEW, 0o666)
    except FileExistsError as error:
        raise TargetExistsError(f"{part.shown} is in the way. Remove it.") from error
    try:
        with os.fdopen(descriptor, "wb") as file:
            await write_zip(session, contents, file, progress)
            file.flush()
            os.fsync(file.fileno())
        part.rename_to(place)
    finally:
        part.remove()
