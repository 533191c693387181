"""Sending contents: sealed in threads, a window of chunks in flight, over lost connections.

A sealed chunk is kept until the server has it: sealed again it would be other bytes, which a
server that stored the first ones must refuse. Memory is a window of chunks at any size.
"""

from __future__ import annotations

import asyncio
import io
import mimetypes
import secrets
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, BinaryIO

from sharethings.client.control import REQUEST_SECONDS
from sharethings.client.equal import Equal, read_through
from sharethings.client.errors import ClientError
from sharethings.client.sealer import Sealer
from sharethings.client.sizes import STREAM_CHUNK_BYTES, Layout, lay_out
from sharethings.client.source import FileSource
from sharethings.client.window import WINDOW_COUNT, in_window
from sharethings.protocol import replies, requests
from sharethings.protocol.errors import (
    ChunkConflictError,
    ContentConflictError,
    ContentNotFoundError,
    ProtocolError,
    SessionNotFoundError,
)
from sharethings.protocol.ids import encode_bytes
from sharethings.protocol.limits import CHUNK_OVERHEAD_BYTES

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from sharethings.client.links import Link
    from sharethings.client.session import Session

    Progress = Callable[[int], None]

ABANDON_SECONDS = 5.0
SYNC_SECONDS = 0.1
"""To complete a content its server brings each chunk onto its disk, so slow as that may be."""
TEXT_NAME = "text.txt"
"""Of a text, for who saves it; as in the browser."""


class Upload:
    """One content on its way; made by the functions below."""

    def __init__(
        self,
        session: Session,
        kind: str,
        name: str,
        mime: str,
        chunk_size: int,
        equal: Equal | None = None,
    ) -> None:
        """Draw ids and keys; with `equal` the bytes are sealed as every equal file is."""
        self._session = session
        self._equal = equal
        self.content_id = secrets.token_hex(16)
        key = None if equal is None else equal.keys.content_key
        self._blob_id = self.content_id if equal is None else equal.keys.blob_id.hex()
        self._key, self._box = session.keys.new_content(self.content_id, key)
        cipher = session.keys.chunk_cipher(self._key, self._blob_id, chunk_size)
        self._sealer = Sealer(cipher, equal)
        self._chunk_size = chunk_size
        self._members: dict[str, Any] = {
            "v": 1,
            "kind": kind,
            "name": name,
            "mime": mime,
            "chunk_size": chunk_size,
            "created": time.time_ns() // 1_000_000,
            "sender": session.member_name,
        }

    def _manifest(self, revision: int) -> str:
        return self._session.keys.seal_manifest(self._key, self.content_id, revision, self._members)

    async def _share(self, layout: Layout | None, *, chunk: bytes | None = None) -> replies.Shared:
        request = requests.ContentShare(
            content_id=self.content_id,
            blob_id=self._blob_id,
            chunk_size=self._chunk_size,
            chunk_count=None if layout is None else layout.chunk_count,
            total_size=None if layout is None else layout.total_size,
            content_box=self._box,
            manifest=self._manifest(1),
            chunk=None if chunk is None else encode_bytes(chunk),
            lifetime_seconds=self._session.lifetime_seconds,
        )
        return await self._session.request(request, replies.Shared)

    async def send_inline(self, plain: bytes, layout: Layout) -> None:
        """Send a small content whole."""
        self._members |= {"size": layout.size, "chunks": 1}
        chunk = self._sealer.seal(0, plain.ljust(layout.padded_size, b"\0"), last=True)
        self._members["root"] = self._sealer.root()
        await self._share(layout, chunk=chunk)

    async def _put(self, index: int, chunk: bytes) -> None:
        session_id, digest = self._session.keys.session_id, self._sealer.digest(index)

        async def put(link: Link) -> None:
            async with self._session.window.place():
                await self._session.bulk.put(
                    link.token, session_id, self.content_id, index, chunk, digest
                )

        await self._session.persist(put)

    async def _check_stored(self, index: int) -> bool:
        """Say whether the server has a chunk. Raises ChunkConflictError when it has another."""
        session_id = self._session.keys.session_id

        async def ask(link: Link) -> bytes | None:
            return await self._session.bulk.get_digest(
                link.token, session_id, self.content_id, index
            )

        stored = await self._session.persist(ask)
        if stored not in {None, self._sealer.digest(index)}:
            raise ChunkConflictError
        return stored is not None

    async def send_file(self, source: FileSource, progress: Progress) -> None:
        """Send a file of known size; what the server has of its blob is compared instead.

        Raises FileChangedError when the file changes meanwhile, ContentConflictError or
        ChunkConflictError when other bytes stand under its blob's id.
        """
        layout = source.layout
        self._members |= {"size": layout.size, "chunks": layout.chunk_count}
        shared = await self._share(layout)
        missing = {index for first, last in shared.missing for index in range(first, last + 1)}

        def read(index: int) -> bytes:
            return self._sealer.seal(
                index, source.read(index), last=index == layout.chunk_count - 1
            )

        async def send(index: int) -> None:
            chunk = await asyncio.to_thread(read, index)
            if index in missing or not await self._check_stored(index):
                await self._put(index, chunk)
            progress(source.plain_bytes(index))

        await in_window(range(layout.chunk_count), send)
        await self._complete(layout.chunk_count, layout.total_size)

    async def send_stream(self, stream: BinaryIO, first: bytes, progress: Progress) -> None:
        """Send a stream of unknown length that begins with `first`, a whole chunk or all of it."""
        await self._share(None)
        size = total_size = 0
        window: set[asyncio.Task[None]] = set()
        piece = first
        index = 0
        try:
            last = False
            while not last:
                ended = len(piece) < self._chunk_size  # a terminal that ended would ask for more
                following = b"" if ended else await asyncio.to_thread(stream.read, self._chunk_size)
                last = not following
                chunk = await asyncio.to_thread(self._sealer.seal, index, piece, last=last)
                window.add(asyncio.create_task(self._put(index, chunk)))
                if len(window) >= WINDOW_COUNT:
                    done, window = await asyncio.wait(window, return_when=asyncio.FIRST_COMPLETED)
                    for task in done:
                        task.result()
                progress(len(piece))
                size += len(piece)
                total_size += len(piece) + CHUNK_OVERHEAD_BYTES
                piece, index = following, index + 1
            await asyncio.gather(*window)
        finally:
            for task in window:
                task.cancel()
        self._members |= {"size": size, "chunks": index}
        await self._complete(index, total_size)

    async def _complete(self, chunk_count: int, total_size: int) -> None:
        self._members["root"] = self._sealer.root()
        request = requests.ContentComplete(
            content_id=self.content_id,
            manifest=self._manifest(2),
            chunk_count=chunk_count,
            total_size=total_size,
        )
        seconds = REQUEST_SECONDS + chunk_count * SYNC_SECONDS
        await self._session.request(request, replies.Changed, seconds)

    @asynccontextmanager
    async def abandoning(self) -> AsyncIterator[None]:
        """Remove what was sent when it cannot be completed: nobody else has its keys.

        When the server cannot be asked, the member is told how to remove it later.
        """
        try:
            yield
        except BaseException:
            request = requests.ContentRemove(content_id=self.content_id)
            try:
                async with asyncio.timeout(ABANDON_SECONDS):
                    await self._session.request(request, replies.Changed)
            except (ContentNotFoundError, SessionNotFoundError):
                pass
            except (ProtocolError, ClientError, TimeoutError):
                going_on = "" if self._equal is None else "Share it again to go on, or remove"
                self._session.say(
                    f"A part of it may be left on the server. {going_on or 'Remove'} it later: "
                    f"sharethings remove {self.content_id}"
                )
            raise


async def share_text(session: Session, text: str) -> str:
    """Share a text; gives the content's id."""
    plain = text.encode()
    layout = lay_out(len(plain))
    upload = Upload(session, "text", TEXT_NAME, "text/plain", layout.chunk_size)
    async with upload.abandoning():
        if layout.is_inline:
            await upload.send_inline(plain, layout)
        else:
            stream = io.BytesIO(plain)
            first = stream.read(layout.chunk_size)
            await upload.send_stream(stream, first, lambda _: None)
    return upload.content_id


async def share_file(
    session: Session, path: Path, progress: Progress, name: str | None = None
) -> str:
    """Share a file, under `name` if given; gives the content's id.

    When other bytes stand where an equal file would be, somebody in the session put them
    there: it is sent once more as a content of its own. Raises OSError, FileChangedError.
    """
    name = name or path.name
    source = FileSource(path)
    if source.layout.is_inline:
        return await _send_file(session, source, name, progress)
    equal = await read_through(session, source)
    done_bytes = 0

    def count(size: int) -> None:
        nonlocal done_bytes
        done_bytes += size
        progress(size)

    try:
        return await _send_file(session, source, name, count, equal)
    except (ContentConflictError, ChunkConflictError):
        if equal is None:
            raise
    progress(-done_bytes)
    return await _send_file(session, source, name, progress)


async def _send_file(
    session: Session,
    source: FileSource,
    name: str,
    progress: Progress,
    equal: Equal | None = None,
) -> str:
    layout = source.layout
    mime = mimetypes.guess_type(name)[0] or "application/octet-stream"
    kind = "picture" if mime.startswith("image/") else "file"
    upload = Upload(session, kind, name, mime, layout.chunk_size, equal)
    async with upload.abandoning():
        if layout.is_inline:
            plain = await asyncio.to_thread(source.read, 0)
            await upload.send_inline(plain[: layout.size], layout)
            progress(layout.size)
        else:
            await upload.send_file(source, progress)
    return upload.content_id


async def share_stream(session: Session, stream: BinaryIO, name: str, progress: Progress) -> str:
    """Share a stream until it ends; gives the content's id.

    The stream is buffered: its `read` gives less than was asked for at the end only.
    """
    mime = mimetypes.guess_type(name)[0] or "application/octet-stream"
    first = await asyncio.to_thread(stream.read, STREAM_CHUNK_BYTES)
    upload = Upload(session, "file", name, mime, STREAM_CHUNK_BYTES)
    async with upload.abandoning():
        await upload.send_stream(stream, first, progress)
    return upload.content_id
