"""Fetching contents: chunks in a window, opened in threads, given on in order.

The last chunk is held back until the root has been checked: whoever reads to the end has the
whole content as its sender sealed it, and whoever does not sees it fail.
"""

from __future__ import annotations

import asyncio
import os
from collections import deque
from contextlib import suppress
from hashlib import sha256
from typing import TYPE_CHECKING

from sharethings.client.contents import Content
from sharethings.client.errors import ClientError, DamagedError, TargetExistsError
from sharethings.client.inline import open_inline
from sharethings.client.names import NAME_MAX_BYTES
from sharethings.client.window import WINDOW_COUNT
from sharethings.crypto.chunk import ChunkCipher, make_root
from sharethings.crypto.errors import CryptoError
from sharethings.protocol import replies, requests
from sharethings.protocol.errors import ChunkNotFoundError, ContentNotFoundError, ProtocolError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from io import BufferedWriter
    from pathlib import Path

    from sharethings.client.links import Link
    from sharethings.client.session import Session

    Progress = Callable[[int], None]

PART = ".part"
REPORT_SECONDS = 5.0
REPORTED = (
    "A part of the content is damaged or was tampered with. Nothing of it was kept. The server "
    "was told; whoever has the file can share it again."
)


class Download:
    """One content on its way in."""

    def __init__(self, session: Session, content: Content) -> None:
        """Open the content's key. Raises DamagedError."""
        self._session = session
        self._content = content
        key = session.keys.content_key(content.row)
        manifest = content.manifest
        if manifest.chunk_size != content.row.chunk_size:
            raise DamagedError
        self._cipher: ChunkCipher = session.keys.chunk_cipher(
            key, content.row.blob_id, manifest.chunk_size
        )
        self._digests: list[bytes] = []

    async def _completed(self) -> Content:
        """Wait until the content is complete. Raises ContentNotFoundError when it is removed."""
        content_id = self._content.content_id

        def settled() -> bool:
            found = self._session.state.contents.get(content_id)
            waiting = isinstance(found, Content) and found.manifest.root is None
            return self._session.end is not None or not waiting

        async with self._session.changed:
            await self._session.changed.wait_for(settled)
        if self._session.end is not None:
            raise self._session.end
        found = self._session.state.contents.get(content_id)
        if found is None:
            raise ContentNotFoundError
        if not isinstance(found, Content):
            raise DamagedError
        return found

    async def _fetch(self, index: int, *, last: bool) -> tuple[bytes, bytes]:
        content_id = self._content.content_id

        async def get(link: Link) -> bytes:
            keys = self._session.keys
            return await self._session.bulk.get(link.token, keys.session_id, content_id, index)

        try:
            chunk = await self._session.persist(get)
        except ChunkNotFoundError as error:
            raise DamagedError("The sender did not complete this content.") from error

        def open_chunk() -> tuple[bytes, bytes]:
            return self._cipher.open(index, chunk, last=last), sha256(chunk).digest()

        try:
            return await asyncio.to_thread(open_chunk)
        except CryptoError as error:
            await self._report(index)
            raise DamagedError(REPORTED) from error

    async def _open_inline(self) -> bytes:
        try:
            return open_inline(self._session.keys, self._content)
        except DamagedError as error:
            await self._report(0)
            raise DamagedError(REPORTED) from error

    async def _report(self, index: int) -> None:
        """Tell the server, which looks itself whether it has the right bytes."""
        request = requests.ContentReport(content_id=self._content.content_id, chunk_index=index)
        with suppress(ProtocolError, ClientError, TimeoutError):  # the reader's failure is told
            async with asyncio.timeout(REPORT_SECONDS):
                await self._session.request(request, replies.Done)

    async def pieces(self) -> AsyncIterator[bytes]:
        """Yield the plain bytes in order, without padding.

        Raises DamagedError, ContentNotFoundError, and what a session raises.
        """
        if self._content.row.chunk is not None:
            yield await self._open_inline()
            return
        if self._content.manifest.chunks is None:
            self._content = await self._completed()
        count, size = self._content.manifest.chunks, self._content.manifest.size
        if count is None or size is None:
            raise DamagedError
        window: deque[asyncio.Task[tuple[bytes, bytes]]] = deque()
        given = 0
        try:
            for index in range(count + WINDOW_COUNT):
                if index < count:
                    fetch = self._fetch(index, last=index == count - 1)
                    window.append(asyncio.create_task(fetch))
                if len(window) > WINDOW_COUNT or (index >= count and window):
                    plain, digest = await window[0]
                    window.popleft()
                    self._digests.append(digest)
                    if len(self._digests) == count:
                        await self._check_root(count, size, given + len(plain))
                    yield plain[: max(0, size - given)]
                    given += len(plain)
        finally:
            for task in window:
                task.cancel()
            await asyncio.gather(*window, return_exceptions=True)

    async def _check_root(self, count: int, size: int, padded_size: int) -> None:
        manifest = (await self._completed()).manifest
        same = (manifest.chunks, manifest.size) == (count, size) and padded_size >= size
        if not same or manifest.root != make_root(self._digests).hex():
            raise DamagedError


async def read_whole(session: Session, content: Content) -> bytes:
    """Fetch a small content into memory."""
    return b"".join([piece async for piece in Download(session, content).pieces()])


def part_of(path: Path) -> Path:
    """Give the name that `path` has until it is whole; the longest names are cut for it."""
    room = NAME_MAX_BYTES - len(PART)
    return path.with_name(os.fsdecode(os.fsencode(path.name)[:room]) + PART)


async def save(session: Session, content: Content, path: Path, progress: Progress) -> None:
    """Save a content as `path`; it is `path`.part until its root holds.

    The file gets the time at which the content was shared. Raises TargetExistsError when there
    is such a file, DamagedError (nothing is kept), OSError with the file's name.
    """
    if path.exists() or path.is_symlink():
        raise TargetExistsError(f"{path} exists already. Choose another name with --output.")
    part = part_of(path)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        file = os.open(part, flags, 0o666)
    except FileExistsError as error:
        raise TargetExistsError(
            f"{part} exists: another download runs or was cut off. Remove it and try again."
        ) from error
    try:
        with os.fdopen(file, "wb") as target:
            async for piece in Download(session, content).pieces():
                await asyncio.to_thread(target.write, piece)
                progress(len(piece))
            await asyncio.to_thread(_finish, target, content.manifest.created)
        _name_finally(part, path)
    except OSError as error:
        error.filename = error.filename or str(path)  # a write does not know its file
        raise
    finally:
        with suppress(FileNotFoundError):
            part.unlink()


def _finish(target: BufferedWriter, created_ms: int) -> None:
    target.flush()
    with suppress(OSError):  # a file system without such times
        os.utime(target.fileno(), ns=(created_ms * 1_000_000,) * 2)
    os.fsync(target.fileno())


def _name_finally(part: Path, path: Path) -> None:
    """Give the file its name without replacing one that appeared meanwhile."""
    try:
        os.link(part, path)
    except FileExistsError as error:
        raise TargetExistsError(f"{path} appeared meanwhile and was not replaced.") from error
    except OSError:  # a file system without hard links
        part.rename(path)
