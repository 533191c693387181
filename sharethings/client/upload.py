"""Sharing a text, a file or a stream: what each is sent as, and what is tried when that fails."""

from __future__ import annotations

import asyncio
import mimetypes
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from sharethings.client.equal import Equal, read_through
from sharethings.client.errors import FileChangedError, GivenUpError
from sharethings.client.pipe import Pipe
from sharethings.client.sending import Upload
from sharethings.client.sizes import lay_out
from sharethings.client.source import FileSource, TextSource
from sharethings.client.unfinished import Header, open_notes
from sharethings.protocol.errors import ChunkConflictError, ContentConflictError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sharethings.client.pipe import Stream
    from sharethings.client.sending import Progress
    from sharethings.client.session import Session
    from sharethings.client.source import Source
    from sharethings.client.unfinished import Unfinished

TEXT_NAME = "text.txt"
"""Of a text, for who saves it; as in the browser."""
GONE = "what was sent of it is gone"


async def share_text(session: Session, text: str) -> str:
    """Share a text; gives the content's id. Raises LimitError, UnicodeEncodeError."""
    what = What("text", TEXT_NAME, "text/plain", {})
    sharing = _Sharing(session, TextSource(text), what, lambda _: None)
    return await sharing.share(None)


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
    changed since. What its server gave up meanwhile is sent as new, and so is once what changes
    while it is sent. When other bytes stand where an equal file would be, somebody in the session
    put them there: it is sent once more as a content of its own.

    Raises OSError, FileChangedError when it changes again.
    """
    what = What.of_file(name or path.name, members or {})
    remembered = None if memory is None else (memory, path)
    sharing = _Sharing(session, FileSource(path), what, progress)
    try:
        return await sharing.share(remembered)
    except FileChangedError:
        sharing.begin_again("it changed while it was being sent")
    return await _Sharing(session, FileSource(path), what, progress).share(remembered)


class What(NamedTuple):
    """What the manifest says of a content, beside its bytes."""

    kind: str
    name: str
    mime: str
    members: Mapping[str, Any]

    @classmethod
    def of_file(cls, name: str, members: Mapping[str, Any]) -> Self:
        """Guess by its name what a file is."""
        mime = mimetypes.guess_type(name)[0] or "application/octet-stream"
        return cls("picture" if mime.startswith("image/") else "file", name, mime, members)


class _Sharing:
    """The tries to send one content that can be read again."""

    def __init__(self, session: Session, source: Source, what: What, progress: Progress) -> None:
        self._source = source
        self._session = session
        self._progress = progress
        self._what = what
        self._told_bytes = 0

    async def share(self, remembered: tuple[Path, Path] | None) -> str:
        """Share it; go on with what is `remembered` in a folder of the file at a path."""
        if self._source.layout.is_inline:
            return await self._send_new(None, None)
        equal = await read_through(self._session, self._source)
        notes = None if remembered is None else open_notes(self._session, *remembered, Header)
        try:
            return await self._go_on(equal, notes)
        finally:
            if notes is not None:
                notes.close()

    def _count(self, size: int) -> None:
        self._told_bytes += size
        self._progress(size)

    def begin_again(self, why: str | None = None) -> None:
        """Take back what was told of its progress; say why it is sent as new, if that is so."""
        if why is not None:
            self._session.say(f"{self._what.name} is sent as new: {why}.")
        self._progress(-self._told_bytes)
        self._told_bytes = 0

    async def _go_on(self, equal: Equal | None, notes: Unfinished[Header] | None) -> str:
        """Go on with what the notes tell of, if anything can; else begin."""
        if notes is not None and notes.header is not None:
            content_id = await self._take_up(notes.header, equal, notes)
            if content_id is not None:
                return content_id
        while True:
            try:
                return await self._send_new(equal, notes)
            except GivenUpError:
                self.begin_again(GONE)
            except (ContentConflictError, ChunkConflictError):
                if equal is None:
                    raise
                equal = None
                self.begin_again()

    async def _take_up(
        self, begun: Header, equal: Equal | None, notes: Unfinished[Header]
    ) -> str | None:
        """Go on with an upload; None when it cannot, and is gone."""
        if begun.blob_id == begun.content_id:
            equal = None
        identity = self._source.identity()
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
        self.begin_again(why)
        return None

    async def _send_new(self, equal: Equal | None, notes: Unfinished[Header] | None) -> str:
        """Send it as a new content."""
        upload = self._upload(equal, notes)
        upload.begin(self._source)
        return await self._send(upload)

    def _upload(self, equal: Equal | None, notes: Unfinished[Header] | None) -> Upload:
        kind, name, mime, members = self._what
        chunk_size = self._source.layout.chunk_size
        return Upload(self._session, kind, name, mime, chunk_size, equal, notes, members)

    async def _send(self, upload: Upload) -> str:
        layout = self._source.layout
        async with upload.abandoning():
            if layout.is_inline:
                plain = await asyncio.to_thread(self._source.read, 0)
                await upload.send_inline(plain[: layout.size], layout)
                self._count(layout.size)
            else:
                await upload.send_file(self._source, self._count)
        return upload.content_id


async def share_stream(session: Session, stream: Stream, name: str, progress: Progress) -> str:
    """Share a stream until it ends, as it comes; gives the content's id. Raises OSError.

    What is small and there already is sent whole.
    """
    pipe = Pipe(stream)
    chunk_size = await pipe.begin()
    mime = mimetypes.guess_type(name)[0] or "application/octet-stream"
    upload = Upload(session, "file", name, mime, chunk_size)
    whole = pipe.whole()
    async with upload.abandoning():
        if whole is not None and (layout := lay_out(len(whole))).is_inline:
            await upload.send_inline(whole, layout)
            progress(len(whole))
        else:
            await upload.send_stream(pipe.pieces(chunk_size), progress)
    return upload.content_id
