"""Sending contents: sealed in threads, a window of chunks in flight, over lost connections.

A sealed chunk is kept until the server has it: sealed again it would be other bytes, which a
server that stored the first ones must refuse. Memory is a window of chunks at any size.
"""

from __future__ import annotations

import asyncio
import io
import mimetypes
import os
import secrets
import time
from contextlib import asynccontextmanager
from hashlib import sha256
from typing import TYPE_CHECKING, Any, BinaryIO

from sharethings.client.errors import ClientError, FileChangedError
from sharethings.client.sizes import STREAM_CHUNK_BYTES, Layout, lay_out
from sharethings.crypto.chunk import ChunkCipher, make_root
from sharethings.protocol import replies, requests
from sharethings.protocol.errors import ContentNotFoundError, ProtocolError, SessionNotFoundError
from sharethings.protocol.ids import encode_bytes
from sharethings.protocol.limits import CHUNK_OVERHEAD_BYTES

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable
    from pathlib import Path

    from sharethings.client.session import Link, Session

    Progress = Callable[[int], None]

WINDOW_COUNT = 4
PREFIX_BYTES = 7
ABANDON_SECONDS = 5.0


class Upload:
    """One content on its way; made by the functions below."""

    def __init__(self, session: Session, kind: str, name: str, mime: str, chunk_size: int) -> None:
        """Draw ids and keys."""
        self._session = session
        self.content_id = secrets.token_hex(16)
        self._key, self._box = session.keys.new_content(self.content_id)
        self._cipher: ChunkCipher = session.keys.chunk_cipher(
            self._key, self.content_id, chunk_size
        )
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
        self._digests: dict[int, bytes] = {}

    def _manifest(self, revision: int) -> str:
        return self._session.keys.seal_manifest(self._key, self.content_id, revision, self._members)

    def _seal(self, index: int, plain: bytes, *, last: bool) -> bytes:
        chunk = self._cipher.seal(index, plain, secrets.token_bytes(PREFIX_BYTES), last=last)
        self._digests[index] = sha256(chunk).digest()
        return chunk

    def _root(self) -> str:
        return make_root([self._digests[index] for index in range(len(self._digests))]).hex()

    async def _share(self, layout: Layout | None, *, chunk: bytes | None = None) -> replies.Shared:
        request = requests.ContentShare(
            content_id=self.content_id,
            blob_id=self.content_id,
            chunk_size=self._chunk_size,
            chunk_count=None if layout is None else layout.chunk_count,
            total_size=None if layout is None else layout.total_size,
            content_box=self._box,
            manifest=self._manifest(1),
            chunk=None if chunk is None else encode_bytes(chunk),
        )
        return await self._session.request(request, replies.Shared)

    async def send_inline(self, plain: bytes, layout: Layout) -> None:
        """Send a small content whole."""
        self._members |= {"size": layout.size, "chunks": 1}
        chunk = self._seal(0, plain.ljust(layout.padded_size, b"\0"), last=True)
        self._members["root"] = self._root()
        await self._share(layout, chunk=chunk)

    async def _put(self, index: int, chunk: bytes) -> None:
        async def put(link: Link) -> None:
            keys = self._session.keys
            await self._session.bulk.put(
                link.token, keys.session_id, self.content_id, index, chunk, self._digests[index]
            )

        await self._session.persist(put)

    async def send_file(self, path: Path, layout: Layout, progress: Progress) -> None:
        """Send a file of known size. Raises FileChangedError when it changes meanwhile."""
        self._members |= {"size": layout.size, "chunks": layout.chunk_count}
        before = path.stat()
        shared = await self._share(layout)

        def read(index: int) -> bytes:
            offset = index * layout.chunk_size
            wanted = min(layout.chunk_size, layout.padded_size - offset)
            with path.open("rb") as file:
                plain = os.pread(file.fileno(), wanted, offset)
                now = os.fstat(file.fileno())
            same = (now.st_size, now.st_mtime_ns) == (before.st_size, before.st_mtime_ns)
            if not same or len(plain) < min(wanted, max(0, layout.size - offset)):
                raise FileChangedError(f"{path.name} changed while it was being sent.")
            last = index == layout.chunk_count - 1
            return self._seal(index, plain.ljust(wanted, b"\0"), last=last)

        async def send(index: int) -> None:
            chunk = await asyncio.to_thread(read, index)
            await self._put(index, chunk)
            progress(min(layout.chunk_size, max(0, layout.size - index * layout.chunk_size)))

        await _in_window(
            (index for first, last in shared.missing for index in range(first, last + 1)), send
        )
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
                chunk = await asyncio.to_thread(self._seal, index, piece, last=last)
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
        self._members["root"] = self._root()
        request = requests.ContentComplete(
            content_id=self.content_id,
            manifest=self._manifest(2),
            chunk_count=chunk_count,
            total_size=total_size,
        )
        await self._session.request(request, replies.Changed)

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
                self._session.say(
                    "A part of it may be left on the server. Remove it later: "
                    f"sharethings remove {self.content_id}"
                )
            raise


async def _in_window(
    indexes: Iterable[int], send: Callable[[int], Any], count: int = WINDOW_COUNT
) -> None:
    """Run `send` for each index, `count` at a time; the first failure ends the others."""
    waiting = iter(indexes)

    async def work() -> None:
        for index in waiting:
            await send(index)

    tasks = [asyncio.create_task(work()) for _ in range(count)]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def share_text(session: Session, text: str) -> str:
    """Share a text; gives the content's id."""
    plain = text.encode()
    layout = lay_out(len(plain))
    upload = Upload(session, "text", "", "text/plain", layout.chunk_size)
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

    Raises OSError, FileChangedError.
    """
    name = name or path.name
    size = path.stat().st_size
    layout = lay_out(size)
    mime = mimetypes.guess_type(name)[0] or "application/octet-stream"
    kind = "picture" if mime.startswith("image/") else "file"
    upload = Upload(session, kind, name, mime, layout.chunk_size)
    async with upload.abandoning():
        if layout.is_inline:
            await upload.send_inline(await asyncio.to_thread(path.read_bytes), layout)
            progress(size)
        else:
            await upload.send_file(path, layout, progress)
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
