"""A folder on its way into a session: the group that it is shared as, over all tries to share it.

Which group that is, this machine remembers: others may share folders of the same name. What of it
is there already, the session tells; that it is what the files hold now is proved from their bytes
where its keys follow from them or they are in the row, and else from their times.
"""

from __future__ import annotations

import asyncio
import secrets
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from sharethings.client.contents import Content
from sharethings.client.equal import read_through
from sharethings.client.errors import DamagedError
from sharethings.client.inline import open_inline
from sharethings.client.source import FileSource
from sharethings.client.unfinished import GroupHeader, open_notes
from sharethings.client.upload import share_file
from sharethings.protocol import replies, requests
from sharethings.protocol.errors import ContentNotFoundError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from sharethings.client.folders import Folder, Found
    from sharethings.client.sending import Progress
    from sharethings.client.session import Session
    from sharethings.client.unfinished import Unfinished


class Regrouping:
    """One folder that is being shared, for the first time or again after it was cut off."""

    def __init__(
        self, session: Session, folder: Folder, memory: Path, notes: Unfinished[GroupHeader] | None
    ) -> None:
        """Use `regrouping`."""
        self._session = session
        self._folder = folder
        self._memory = memory
        self._notes = notes
        self.sent_count = self.there_count = 0
        begun = notes.header if notes is not None else None
        self.group_id = secrets.token_hex(16) if begun is None else begun.group_id
        if notes is not None and begun is None:
            notes.begin(GroupHeader(self.group_id))
        self._held = self._look()

    @property
    def goes_on(self) -> bool:
        """Whether the same folder, shared again, goes on with this group."""
        return self._notes is not None and self._notes.header is not None

    def _look(self) -> dict[str, list[Content]]:
        """Give what this member has shared in the group, by path."""
        held: dict[str, list[Content]] = {}
        for content in self._session.state.ordered():
            if not isinstance(content, Content) or content.manifest.group is None:
                continue
            manifest = content.manifest
            place = (content.manifest.group.id, manifest.sender)
            if place == (self.group_id, self._session.member_name):
                held.setdefault(manifest.path or "", []).append(content)
        return held

    async def share(self, found: Found, progress: Progress) -> None:
        """Share a file of the folder, unless it is there already as it is now.

        What else stands at its path, of a file that changed since, is removed. Raises OSError,
        FileChangedError.
        """
        held = self._held.get(found.path, [])
        content_id = await self._find(found, held)
        if content_id is None:
            content_id = await self._send(found, progress)
            self.sent_count += 1
        else:
            progress(found.size)
            self.there_count += 1
        for content in held:
            if content.content_id != content_id:
                request = requests.ContentRemove(content_id=content.content_id)
                with suppress(ContentNotFoundError):
                    await self._session.request(request, replies.Changed)

    async def _send(self, found: Found, progress: Progress) -> str:
        name, memory = found.path.rpartition("/")[2], self._memory
        group = {"id": self.group_id, "name": self._folder.name, "count": len(self._folder.files)}
        members = {"path": found.path, "group": group}
        return await share_file(self._session, found.file, progress, name, memory, members)

    async def _find(self, found: Found, held: list[Content]) -> str | None:
        for content in held:
            if await self._is_there(found, content):
                return content.content_id
        return None

    async def _is_there(self, found: Found, content: Content) -> bool:
        """Say whether a content is complete, and what the file holds now."""
        source = FileSource(found.file)
        if content.row.state != "complete" or content.manifest.size != source.layout.size:
            return False
        if content.row.chunk is not None:
            plain = await asyncio.to_thread(source.read, 0)
            with suppress(DamagedError):
                return open_inline(self._session.keys, content) == plain[: source.layout.size]
            return False
        if content.row.blob_id == content.content_id:  # its keys are its own
            return source.is_older_than(content.manifest.created)
        equal = await read_through(self._session, source)
        return equal is not None and equal.keys.blob_id.hex() == content.row.blob_id

    def done(self) -> None:
        """Forget the group: the folder, shared again, is another one."""
        if self._notes is not None:
            self._notes.forget()


@asynccontextmanager
async def regrouping(
    session: Session, folder: Folder, path: Path, memory: Path
) -> AsyncIterator[Regrouping]:
    """Begin to share the folder at `path`, or go on with it until it is `done`.

    While another process shares the same folder, or where `memory` cannot be used, it begins anew
    and nothing is remembered. Raises OSError, and what a session raises.
    """
    notes = open_notes(session, memory, path, GroupHeader)
    try:
        if notes is not None and notes.header is not None:
            await session.load_all()
        yield Regrouping(session, folder, memory, notes)
    finally:
        if notes is not None:
            notes.close()
