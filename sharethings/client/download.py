"""Fetching contents: chunks in any order or given on in theirs, opened in threads.

Chunks may still be on their way to the server: who fetches waits for them, and for their sender.
What was fetched is the content as its sender sealed it only once `check` has passed.
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

from sharethings.client.arriving import Arriving
from sharethings.client.errors import (
    ClientError,
    DamagedError,
    ExtendedError,
    MixedError,
    OtherRootError,
)
from sharethings.client.inline import open_inline
from sharethings.client.refusals import refusal_of, says_last
from sharethings.client.window import WINDOW_COUNT
from sharethings.crypto.chunk import Trace, make_root, trace_of
from sharethings.crypto.errors import CryptoError
from sharethings.protocol import replies, requests
from sharethings.protocol.errors import ChunkNotFoundError, ProtocolError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from sharethings.client.contents import Content
    from sharethings.client.links import Link
    from sharethings.client.session import Session

T = TypeVar("T")

REPORT_SECONDS = 5.0
NO_TRACE = Trace(bytes(12), 0, bytes(32))
"""Of what is checked against its root at once, and in the row to be opened again."""
REPORTED = "Nothing of it was kept. The server was told; whoever has the file can share it again."


class Download:
    """One content on its way in."""

    def __init__(self, session: Session, content: Content) -> None:
        """Open the content's key. Raises DamagedError."""
        self._session = session
        self.content = content
        self.key = session.keys.content_key(content.row)
        self.chunk_size = content.manifest.chunk_size
        if self.chunk_size != content.row.chunk_size:
            raise DamagedError
        self._cipher = session.keys.chunk_cipher(self.key, content.row.blob_id, self.chunk_size)
        self._arriving = Arriving(session, content)
        self._root = content.manifest.root
        self._count = content.manifest.chunks
        self._traces: dict[int, Trace] = {}

    @property
    def size(self) -> int | None:
        """The plain bytes without padding; None of a stream that has not ended."""
        return self.content.manifest.size

    def piece_bytes(self, index: int) -> int:
        """Give how many bytes of the file are in a piece, padding aside; all of one of a stream."""
        if self.size is None:
            return self.chunk_size
        return min(self.chunk_size, max(0, self.size - index * self.chunk_size))

    def _is_beyond(self, index: int) -> bool:
        """Say whether the content has no such chunk, as far as that is known."""
        if self.content.row.chunk is None:
            self.content = self._arriving.now()
        count = self.content.manifest.chunks or self._count
        return count is not None and index >= count

    def lacking(self) -> Iterator[int]:
        """Give the indexes of the chunks that were not fetched yet; of a stream without an end."""
        index = 0
        while not self._is_beyond(index):
            if index not in self._traces:
                yield index
            index += 1

    def recall(self, index: int, trace: Trace, plain: bytes) -> bool:
        """Take a chunk as fetched if `plain` is what it held, padding aside; blocks.

        All of it: zeros that are missing at the end would be taken for padding.
        """
        is_whole = len(plain) == min(trace.plain_bytes, self.piece_bytes(index))
        is_fetched = is_whole and self._cipher.is_of(trace, index, plain)
        if is_fetched:
            self._take(index, trace)
        return is_fetched

    async def fetch(self, index: int, then: Callable[[Trace, bytes], T]) -> T | None:
        """Give what `then` makes, in a thread, of a chunk's trace and plain bytes with padding.

        None when the content ends before it; waits for what is still being sent. Raises a
        DamagedError, which the server was told, ContentNotFoundError with the reason, and what
        a session and `then` raise.
        """
        if self.content.row.chunk is not None:
            return await asyncio.to_thread(then, *await self._open_inline())
        session_id, content_id = self._session.keys.session_id, self.content.content_id

        async def get(link: Link) -> bytes | None:
            try:
                return await self._session.bulk.get(link.token, session_id, content_id, index)
            except ChunkNotFoundError:
                return None

        waited = False
        while not self._is_beyond(index):
            before = self.content
            chunk = await self._session.persist(get)
            if chunk is not None:
                if waited:
                    self._arriving.goes_on()
                return await self._open(index, chunk, then)
            await self._arriving.more(before)
            waited = True
        return None

    async def _open(self, index: int, chunk: bytes, then: Callable[[Trace, bytes], T]) -> T:
        """Open a chunk; of a stream its header says whether it is the last, and AEAD proves it."""
        known = self.content.manifest.chunks is not None
        last = self._is_beyond(index + 1) if known else says_last(chunk)

        def open_chunk() -> tuple[Trace, T]:
            plain = self._cipher.open(index, chunk, last=last)
            trace = trace_of(chunk)
            return trace, then(trace, plain)

        try:
            trace, made = await asyncio.to_thread(open_chunk)
        except CryptoError as error:
            least_bytes = self.piece_bytes(index) if known else 0
            kind = refusal_of(
                chunk, index, last=last, chunk_size=self.chunk_size, least_bytes=least_bytes
            )
            raise await self._reported(index, kind) from error
        self._take(index, trace)
        return made

    def _take(self, index: int, trace: Trace) -> None:
        self._traces[index] = trace
        if trace.is_last:
            self._count = index + 1

    async def _open_inline(self) -> tuple[Trace, bytes]:
        """Open the chunk of the row, against the root at once: nothing is left to check."""
        try:
            plain = open_inline(self._session.keys, self.content)
        except DamagedError as error:
            raise await self._reported(0, type(error)) from error
        trace = self._traces[0] = NO_TRACE
        return trace, plain

    async def _reported(self, index: int, kind: type[DamagedError]) -> DamagedError:
        """Tell the server, which looks itself whether it has the right bytes."""
        request = requests.ContentReport(content_id=self.content.content_id, chunk_index=index)
        with suppress(ProtocolError, ClientError, TimeoutError):  # the reader's failure is told
            async with asyncio.timeout(REPORT_SECONDS):
                await self._session.request(request, replies.Done)
        return kind(f"{kind.__doc__} {REPORTED}")

    async def pieces(self, *, held: bool = True) -> AsyncIterator[bytes]:
        """Yield the plain bytes in order, without padding; the last once `check` has passed.

        Not `held`, the last comes at once and `check` after it: who prints a stream wants it.

        Raises what `fetch` and `check` raise.
        """
        window: deque[asyncio.Task[bytes | None]] = deque()
        given = asked = index = 0
        try:
            while not self._is_beyond(index):
                while len(window) < WINDOW_COUNT and not self._is_beyond(asked):
                    window.append(asyncio.create_task(self.fetch(asked, _plain)))
                    asked += 1
                plain = await window[0]
                window.popleft()
                if plain is None:
                    break
                if held and self._is_beyond(index + 1):
                    await self.check()
                piece = plain[: self.piece_bytes(index)]
                given, index = given + len(piece), index + 1
                yield piece
        finally:
            for task in window:
                task.cancel()
            await asyncio.gather(*window, return_exceptions=True)
        if (await self.check()).manifest.size != given:
            raise ExtendedError

    async def check(self) -> Content:
        """Give the content once it is complete, and all that was fetched is what its sender sealed.

        Raises MixedError, OtherRootError, ContentNotFoundError, and what a session raises.
        """
        if self.content.row.chunk is not None:  # opening it has checked the root
            return self.content
        content = self.content = await self._arriving.completed()
        manifest = content.manifest
        count, size = manifest.chunks or 1, manifest.size or 0
        if self._root not in {None, manifest.root}:
            raise OtherRootError
        traces = [self._traces.get(index, NO_TRACE) for index in range(count)]
        end_bytes = (count - 1) * self.chunk_size + traces[-1].plain_bytes
        root = make_root([trace.digest for trace in traces]).hex()
        if not traces[-1].is_last or end_bytes < size or manifest.root != root:
            raise MixedError
        return content


def _plain(_trace: Trace, plain: bytes) -> bytes:
    return plain


async def read_whole(session: Session, content: Content) -> bytes:
    """Fetch a small content into memory."""
    return b"".join([piece async for piece in Download(session, content).pieces()])
