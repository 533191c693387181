"""Sharing a text, a file or a stream: what each is sent as, and what is tried when that fails."""

from __future__ import annotations

import asyncio
import io
import mimetypes
from typing import TYPE_CHECKING, Any

from sharethings.client.equal import Equal, read_through
from sharethings.client.errors import FileChangedError, GivenUpError
from sharethings.client.pipe import Pipe
from sharethings.client.sending import Upload
from sharethings.client.sizes import lay_out
from sharethings.client.source import FileSource
from sharethings.client.unfinished import Header, open_notes
from sharethings.protocol.errors import ChunkConflictError, ContentConflictError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sharethings.client.pipe import Stream
    from sharethings.client.sending import Progress
    from sharethings.client.session import Session
    from sharethings.client.unfinished import Unfinished

TEXT_NAME = "text.txt"
"""Of a text, for who saves it; as in the browser."""
GONE = "what was sent of it is gone"


async def share_text(session: Session, text: str) -> str:
    """Share a text; gives the content's id."""
    what = ("text", TEXT_NAME, "text/plain")
    return await _send_pipe(session, what, io.BytesIO(text.encode()), lambda _: None)


async def share_file(
    session: Session,
    path: Path,
    progress: Progress,
    name: str | None = None,
    memory: Path | None = None,
    members: Mapping[str, Any] | None = None,
) -> str:
    """Share a file, under `name` and with more `members` of its manifest if given; gives its id.

    With a folder as `memory` an upload that was cut off there goes on, unless the file has
    changed since. What its server gave up meanwhile is sent as new. When other bytes stand where
    an equal file would be, somebody in the session put them there: it is sent once more as a
    content of its own. Raises OSError, FileChangedError.
    """
    sharing = _Sharing(session, path, progress, name or path.name, members or {})
    if sharing.source.layout.is_inline:
        return await sharing.send(None, None)
    equal = await read_through(session, sharing.source)
    notes = None if memory is None else open_notes(session, memory, path, Header)
    try:
        return await sharing.go_on(equal, notes)
    finally:
        if notes is not None:
            notes.close()


class _Sharing:
    """The tries to send one file."""

    def __init__(
        self,
        session: Session,
        path: Path,
        progress: Progress,
        name: str,
        members: Mapping[str, Any],
    ) -> None:
        self.source = FileSource(path)
        self._session = session
        self._progress = progress
        self._name = name
        self._members = members
        self._told_bytes = 0

    def _count(self, size: int) -> None:
        self._told_bytes += size
        self._progress(size)

    def _begin_again(self) -> None:
        self._progress(-self._told_bytes)
        self._told_bytes = 0

    async def go_on(self, equal: Equal | None, notes: Unfinished[Header] | None) -> str:
        """Go on with what the notes tell of, if anything can; else begin."""
        if notes is not None and notes.header is not None:
            content_id = await self._take_up(notes.header, equal, notes)
            if content_id is not None:
                return content_id
            self._begin_again()
        while True:
            try:
                return await self.send(equal, notes)
            except GivenUpError:
                self._say_new(GONE)
            except (ContentConflictError, ChunkConflictError):
                if equal is None:
                    raise
                equal = None
            self._begin_again()

    async def _take_up(
        self, begun: Header, equal: Equal | None, notes: Unfinished[Header]
    ) -> str | None:
        """Go on with an upload; None when it cannot, and is gone."""
        if begun.blob_id == begun.content_id:
            equal = None
        identity = self.source.identity()
        is_same = all(getattr(begun, name) == value for name, value in identity.items())
        blob_id = begun.content_id if equal is None else equal.keys.blob_id.hex()
        why = "it changed since"
        upload = self._upload(equal, notes)
        try:
            if is_same and begun.blob_id == blob_id:
                return await self._send(upload)
        except FileChangedError:
            pass
        except GivenUpError:
            why = GONE
        except (ContentConflictError, ChunkConflictError):
            why = "the server has other parts of it than were sent"
        await upload.remove()
        self._say_new(why)
        return None

    def _say_new(self, why: str) -> None:
        self._session.say(f"{self._name} is sent as new: {why}.")

    async def send(self, equal: Equal | None, notes: Unfinished[Header] | None) -> str:
        """Send it as a new content."""
        upload = self._upload(equal, notes)
        upload.begin(self.source)
        return await self._send(upload)

    def _upload(self, equal: Equal | None, notes: Unfinished[Header] | None) -> Upload:
        mime = mimetypes.guess_type(self._name)[0] or "application/octet-stream"
        kind = "picture" if mime.startswith("image/") else "file"
        chunk_size = self.source.layout.chunk_size
        place = (self._session, kind, self._name, mime, chunk_size)
        return Upload(*place, equal, notes, self._members)

    async def _send(self, upload: Upload) -> str:
        layout = self.source.layout
        async with upload.abandoning():
            if layout.is_inline:
                plain = await asyncio.to_thread(self.source.read, 0)
                await upload.send_inline(plain[: layout.size], layout)
                self._count(layout.size)
            else:
                await upload.send_file(self.source, self._count)
        return upload.content_id


async def share_stream(session: Session, stream: Stream, name: str, progress: Progress) -> str:
    """Share a stream until it ends, as it comes; gives the content's id. Raises OSError."""
    mime = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return await _send_pipe(session, ("file", name, mime), stream, progress)


async def _send_pipe(
    session: Session, what: tuple[str, str, str], stream: Stream, progress: Progress
) -> str:
    """Send what is small and there already whole, else as it comes; `what`: kind, name, mime."""
    pipe = Pipe(stream)
    chunk_size = await pipe.begin()
    upload = Upload(session, *what, chunk_size)
    whole = pipe.whole()
    async with upload.abandoning():
        if whole is not None and (layout := lay_out(len(whole))).is_inline:
            await upload.send_inline(whole, layout)
            progress(len(whole))
        else:
            await upload.send_stream(pipe.pieces(chunk_size), progress)
    return upload.content_id
