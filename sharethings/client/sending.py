"""One content on its way out: sealed in threads, its chunks sent over lost connections.

A sealed chunk is kept until the server has it: sealed again it would be other bytes, which a
server that stored the first ones must refuse. Memory is a window of chunks at any size.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from typing import TYPE_CHECKING, Any

from sharethings.client.control import REQUEST_SECONDS
from sharethings.client.ending import Ending
from sharethings.client.errors import FileChangedError, PartsLostError
from sharethings.client.keeping import shared
from sharethings.client.progress import HeldBack
from sharethings.client.sealer import Sealer
from sharethings.client.unfinished import Header
from sharethings.client.window import in_window
from sharethings.protocol import replies, requests
from sharethings.protocol.errors import ChunkConflictError, ChunksMissingError
from sharethings.protocol.ids import encode_bytes
from sharethings.protocol.limits import CHUNK_OVERHEAD_BYTES

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping

    from sharethings.client.equal import Equal
    from sharethings.client.links import Link
    from sharethings.client.session import Session
    from sharethings.client.sizes import Layout
    from sharethings.client.source import Source
    from sharethings.client.unfinished import Unfinished

    Progress = Callable[[int], None]
    Resend = Callable[[list[int], dict[int, bytes]], Awaitable[None]]

SYNC_SECONDS = 0.1
"""To complete a content its server brings each chunk onto its disk, so slow as that may be."""


class Upload(Ending):
    """One content on its way; made by the functions of upload.py."""

    def __init__(
        self,
        session: Session,
        kind: str,
        name: str,
        mime: str,
        chunk_size: int,
        equal: Equal | None = None,
        notes: Unfinished[Header] | None = None,
        members: Mapping[str, Any] | None = None,
    ) -> None:
        """Draw ids and keys; with `equal` the bytes are sealed as every equal file is.

        With `notes` of an upload that was begun it is that one. `members`: more of the manifest.
        """
        begun = None if notes is None else notes.header
        content_id = secrets.token_hex(16) if begun is None else begun.content_id
        super().__init__(session, content_id, notes)
        if begun is None:
            key = None if equal is None else equal.keys.content_key
            self._blob_id = self.content_id if equal is None else equal.keys.blob_id.hex()
            self._key, self._box = session.keys.new_content(self.content_id, key)
        else:
            self._blob_id = begun.blob_id
            self._key, self._box = session.keys.content_key(begun), begun.content_box
        cipher = session.keys.chunk_cipher(self._key, self._blob_id, chunk_size)
        self._sealer = Sealer(cipher, equal)
        self._chunk_size = chunk_size
        self._members: dict[str, Any] = {
            "v": 1,
            "kind": kind,
            "name": name,
            "mime": mime,
            "chunk_size": chunk_size,
            "created": time.time_ns() // 1_000_000 if begun is None else begun.created_ms,
            "sender": session.member_name,
        } | dict(members or {})

    def begin(self, source: Source) -> None:
        """Note down that it begins."""
        if self._notes is not None:
            header = Header(
                content_id=self.content_id,
                blob_id=self._blob_id,
                content_box=self._box,
                created_ms=self._members["created"],
                **source.identity(),
            )
            self._notes.begin(header)

    def _manifest(self, revision: int) -> str:
        return self._session.keys.seal_manifest(self._key, self.content_id, revision, self._members)

    def _share(self, layout: Layout | None, chunk: bytes | None = None) -> requests.ContentShare:
        return requests.ContentShare(
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

    async def send_inline(self, plain: bytes, layout: Layout) -> None:
        """Send a small content whole."""
        self._members |= {"size": layout.size, "chunks": 1}
        chunk = self._sealer.seal(0, plain.ljust(layout.padded_size, b"\0"), last=True)
        self._members["root"] = self._sealer.root()
        await self._session.request(self._share(layout, chunk), replies.Shared)

    async def _put(self, index: int, chunk: bytes) -> None:
        """Send a chunk; when its answer was lost it is asked for before it is sent again."""
        session_id = self._session.keys.session_id
        may_be_there = False

        async def put(link: Link) -> None:
            nonlocal may_be_there
            bulk = self._session.bulk
            place = (link.token, session_id, self.content_id, index)
            if may_be_there and self._is_mine(index, await bulk.get_digest(*place)):
                return
            may_be_there = True
            try:
                async with self._session.window.place():
                    await bulk.put(*place, chunk, self._sealer.digest(index))
            except ChunkConflictError:  # what an earlier run had sent may have come only now
                if not self._is_mine(index, await bulk.get_digest(*place)):
                    raise

        await self._session.persist(put)

    def _is_mine(self, index: int, stored: bytes | None) -> bool:
        """Say whether the server has this piece as it was sealed by this member, now or earlier."""
        if stored is None or stored == self._sealer.digest(index):
            return stored is not None
        if self._notes is None:
            return False
        mine = self._notes.plain_digest(index, self._sealer.digest(index))
        if mine is None or mine != self._notes.plain_digest(index, stored):
            return False
        self._sealer.adopt(index, stored)
        return True

    async def _stored(self) -> dict[int, bytes]:
        """Ask the digests of all that the server has."""
        session_id = self._session.keys.session_id
        return await self._session.persist(
            lambda link: self._session.bulk.digests(link.token, session_id, self.content_id)
        )

    def _seal(self, index: int, plain: bytes, stored: bytes | None, *, last: bool) -> bytes | None:
        """Seal a piece unless the server has it; blocks.

        Raises FileChangedError when it is not the piece that was sent, ChunkConflictError when
        the server has what nobody here has sealed.
        """
        known = stored and self._notes and self._notes.plain_digest(index, stored)
        if stored and known:
            if known != self._sealer.plain_digest(index, plain):
                raise FileChangedError
            self._sealer.adopt(index, stored)
            return None
        chunk = self._sealer.seal(index, plain, last=last)
        if stored == self._sealer.digest(index):
            return None
        if stored is not None:
            raise ChunkConflictError
        if self._notes is not None:
            plain_digest = self._sealer.plain_digest(index, plain)
            self._notes.note(index, self._sealer.digest(index), plain_digest)
        return chunk

    async def send_file(self, source: Source, progress: Progress) -> None:
        """Send what can be read again; what the server has of its blob is compared instead.

        The last bytes are told when it is complete. Raises FileChangedError when the file
        changes meanwhile, ContentConflictError or ChunkConflictError when other bytes stand
        under its blob's id, PartsLostError when the server loses again what is sent again.
        """
        layout = source.layout
        self._members |= {"size": layout.size, "chunks": layout.chunk_count}
        stored: dict[int, bytes] = {}
        held = HeldBack(progress, self._chunk_size)

        def seal(index: int) -> bytes | None:
            is_last = index == layout.chunk_count - 1
            return self._seal(index, source.read(index), stored.get(index), last=is_last)

        async def send(index: int) -> None:
            chunk = await asyncio.to_thread(seal, index)
            if chunk is not None:
                await self._put(index, chunk)
            held(source.plain_bytes(index))

        async def resend(lost: list[int], found: dict[int, bytes]) -> None:
            nonlocal stored
            stored = found
            held(-sum(map(source.plain_bytes, lost)))
            await in_window(lost, send)

        async with shared(self._session, self._share(layout)) as there:
            self.is_placed = True
            stored = await self._stored() if there.stored_count else {}
            await in_window(range(layout.chunk_count), send)
            if there.state != "complete":  # of an earlier run
                await self._complete_file(layout, resend)
        held.done()

    async def _complete_file(self, layout: Layout, resend: Resend) -> None:
        """Complete a file; what its server has lost of it meanwhile is sent again.

        Raises PartsLostError unless fewer chunks are lost each time.
        """
        lost_count = layout.chunk_count + 1
        while True:
            try:
                await self._complete(layout.chunk_count, layout.total_size)
            except ChunksMissingError as error:
                stored = await self._stored()
                indexes = range(layout.chunk_count)
                lost = [at for at in indexes if stored.get(at) != self._sealer.digest(at)]
                if len(lost) >= lost_count:
                    raise PartsLostError from error
            else:
                return
            lost_count = len(lost)
            await resend(lost, stored)

    async def send_stream(
        self, pieces: AsyncGenerator[tuple[int, bytes, bool]], progress: Progress
    ) -> None:
        """Send what comes: (index, piece, whether it is the last). The last bytes are told late.

        Raises PartsLostError when the server has lost some of it: it cannot be read again.
        """
        size = count = 0
        held = HeldBack(progress, self._chunk_size)

        async def send(one: tuple[int, bytes, bool]) -> None:
            nonlocal size, count
            index, piece, is_last = one
            chunk = await asyncio.to_thread(self._sealer.seal, index, piece, last=is_last)
            await self._put(index, chunk)
            size, count = size + len(piece), count + 1
            held(len(piece))

        try:
            async with shared(self._session, self._share(None)):
                self.is_placed = True
                await in_window(pieces, send)
                self._members |= {"size": size, "chunks": count}
                await self._complete(count, size + count * CHUNK_OVERHEAD_BYTES)
        except ChunksMissingError as error:
            raise PartsLostError(
                "The server has lost parts of the stream, and what has passed by cannot be read "
                "again. Share it anew from its beginning."
            ) from error
        held.done()

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
