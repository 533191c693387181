"""Saving contents as files: written as they come, gone on with by whoever asks again."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from sharethings.client.download import Download
from sharethings.client.errors import DamagedError, TargetExistsError
from sharethings.client.parts import Part
from sharethings.client.places import Place, place_of
from sharethings.client.progress import HeldBack
from sharethings.client.window import in_window
from sharethings.crypto.errors import CryptoError
from sharethings.protocol.errors import (
    ChunkDamagedError,
    ContentNotFoundError,
    SessionNotFoundError,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sharethings.client.contents import Content
    from sharethings.client.session import Session

    Progress = Callable[[int], None]

HOPELESS = (
    DamagedError,
    ChunkDamagedError,
    CryptoError,
    ContentNotFoundError,
    SessionNotFoundError,
    TargetExistsError,  # a file that appeared meanwhile
)
"""After these nothing is kept: what is there is not good, or the rest will not come."""


async def save(session: Session, content: Content, path: Path, progress: Progress) -> None:
    """Save a content as `path`; see save_at."""
    with place_of(path) as place:
        await save_at(session, content, place, progress)


async def save_at(session: Session, content: Content, place: Place, progress: Progress) -> None:
    """Save a content; it is NAME.part until its root holds, and then gets the time of its sharing.

    The last bytes are told to `progress` when it has its name: until then its sender is waited for.
    What an earlier attempt has left is gone on with, and after a failure that may pass it stays:
    the member is told so.

    Raises TargetExistsError when there is such a file, a DamagedError or ContentNotFoundError
    (nothing is kept), OSError with the file's name, and what a session raises.
    """
    download = Download(session, content)
    part = Part(place, download)
    held = HeldBack(progress, download.chunk_size)
    try:
        await _fill(part, download, held)
        whole = await download.check()
        size = whole.manifest.size or 0
        await asyncio.to_thread(part.finish, size, whole.manifest.created)
        held.done()
    except HOPELESS:
        part.discard()
        raise
    except BaseException as error:
        if isinstance(error, OSError):
            error.filename = error.filename or str(place.shown)  # a write does not know its file
        if part.written_bytes:
            session.say(f"What has come is kept as {part.shown}: get it again to go on.")
        else:
            part.discard()
        raise
    finally:
        part.close()


async def _fill(part: Part, download: Download, progress: Progress) -> None:
    """Take what is there already, then fetch the rest in any order."""
    await asyncio.to_thread(part.recall)
    progress(part.written_bytes)

    async def take(index: int) -> None:
        written = await download.fetch(index, partial(part.write, index))
        progress(written or 0)

    await in_window(download.lacking(), take)
