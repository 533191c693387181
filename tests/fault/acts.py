"""What a session goes through in the tests of faults: acts made of steps, each acknowledged.

A step asked again must be answered as done: that is what a client does that got no answer.
"""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from sharethings.protocol import requests
from sharethings.protocol.errors import ChunkNotFoundError, ChunksMissingError
from tests.unit.core.house import (
    ADDRESS,
    House,
    Passphrase,
    a_completion,
    a_manifest,
    a_share,
    an_inline,
    ask,
    chunks_of,
    put,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from sharethings.protocol.replies import Page
    from sharethings.records import Member

SETTLE_SECONDS = 5.0


@dataclass(frozen=True)
class Upload:
    """A content of three chunks and everything that its sender says."""

    request: requests.ContentShare = field(default_factory=a_share)
    chunks: list[bytes] = field(init=False)
    completion: requests.ContentComplete = field(init=False)
    renaming: requests.ContentRename = field(init=False)

    def __post_init__(self) -> None:
        """Make the rest fit the request."""
        put_in = partial(object.__setattr__, self)
        put_in("chunks", chunks_of(self.request))
        put_in("completion", a_completion(self.request))
        named = {"content_id": self.request.content_id, "manifest": a_manifest(3)}
        put_in("renaming", requests.ContentRename(**named))


@dataclass(frozen=True)
class Plan:
    """The same for each process that plays: made before they are forked."""

    passphrase: Passphrase = field(default_factory=Passphrase)
    creation: requests.SessionCreate = field(init=False)
    kept: Upload = field(default_factory=Upload)
    half: Upload = field(default_factory=Upload)
    fresh: Upload = field(default_factory=Upload)
    note: requests.ContentShare = field(default_factory=an_inline)
    text: requests.ContentShare = field(default_factory=an_inline)

    def __post_init__(self) -> None:
        """Make what creates the session."""
        object.__setattr__(self, "creation", self.passphrase.creation())


class Play:
    """A member of the planned session in a house."""

    def __init__(self, house: House, plan: Plan) -> None:
        """Take an open house."""
        self.house = house
        self.plan = plan
        self.member: Member

    async def join(self) -> None:
        """Become a member; told of it is who comes."""
        self.member, _ = await self.house.join(self.plan.passphrase)

    async def create(self) -> None:
        """Create the session."""
        await self.house.core.sessions.create(self.plan.creation, ADDRESS)

    async def share(self, upload: Upload) -> None:
        """Announce a content."""
        await self.house.core.sharing.share(self.member, upload.request)

    async def put(self, upload: Upload, index: int) -> None:
        """Send one chunk."""
        content_id, chunk = upload.request.content_id, upload.chunks[index]
        await put(self.house.core.chunks, self.member, content_id, index, chunk)

    async def complete(self, upload: Upload) -> None:
        """Complete a content; chunks that the disk has lost meanwhile are sent again."""
        contents = self.house.core.contents
        try:
            await contents.complete(self.member, upload.completion)
        except ChunksMissingError as error:
            missing: Any = error.details["missing"]
            for first, last in missing:
                for index in range(first, last + 1):
                    await self.put(upload, index)
            await contents.complete(self.member, upload.completion)

    async def fill(self) -> None:
        """Make a session with a content, a note and half of another content."""
        plan = self.plan
        await self.create()
        await self.join()
        await self.share(plan.kept)
        for index in range(3):
            await self.put(plan.kept, index)
        await self.complete(plan.kept)
        await self.house.core.sharing.share(self.member, plan.note)
        await self.share(plan.half)
        await self.put(plan.half, 0)

    def steps(self, act: str) -> list[Callable[[], Awaitable[object]]]:
        """Give what an act consists of."""
        plan, core = self.plan, self.house.core
        kept_id = plan.kept.request.content_id
        pin = requests.ContentPin(content_id=kept_id, pinned=True)
        acts: dict[str, list[Callable[[], Awaitable[object]]]] = {
            "start": [],
            "migrate": [],
            "stop": [],
            "create": [self.create],
            "join": [self.join],
            "upload": [
                partial(self.share, plan.fresh),
                *(partial(self.put, plan.fresh, index) for index in range(3)),
                partial(self.complete, plan.fresh),
            ],
            "inline": [lambda: core.sharing.share(self.member, plan.text)],
            "rename": [lambda: core.contents.rename(self.member, plan.kept.renaming)],
            "pin": [lambda: core.contents.pin(self.member, pin)],
            "remove": [lambda: core.contents.remove(self.member, kept_id)],
            "clear": [lambda: core.contents.clear(self.member)],
        }
        return acts[act]

    async def settle(self, seconds: float = SETTLE_SECONDS) -> None:
        """Wait until what was removed has left the disk. Raises TimeoutError."""
        async with asyncio.timeout(seconds):
            while await self._is_unsettled():  # noqa: ASYNC110 - the collector has no event
                await asyncio.sleep(0.002)

    async def _is_unsettled(self) -> bool:
        return bool(await ask(self.house, "SELECT count(*) FROM gc")) or any(
            (self.house.store.directory.root / "trash").iterdir()
        )

    async def state(self) -> dict[str, Any]:
        """Give what a member finds, with the digests of the bytes that are really there."""
        asked = requests.SessionHello(
            session_id=self.plan.passphrase.session_id, client_nonce="A" * 43
        )
        _, hello = await self.house.core.sessions.hello(asked)
        if not hello.exists:
            return {}
        await self.join()
        page: Page = await self.house.core.sessions.list_contents(self.member)
        return {content.content_id: await self._content(content) for content in page.contents}

    async def _content(self, content: Any) -> list[Any]:
        digests = []
        for index in range(content.chunk_count or 0):
            try:
                chunk, place = await self.house.core.chunks.open(
                    self.member, content.content_id, index
                )
            except ChunkNotFoundError:
                digests.append("")
                continue
            there = place if isinstance(place, bytes) else place.read_bytes()
            found = sha256(there)
            assert found.digest() == chunk.digest, f"chunk {index} is torn"
            digests.append(found.hexdigest()[:16])
        return [content.state, content.pinned, content.manifest[-32:], digests]


def open_house(root: Path) -> House:
    """Give a house with room for every act."""
    return House(root)


def check_whole(root: Path) -> None:
    """The database is sound, and rows and files say the same."""
    with closing(sqlite3.connect(root / "sharethings.db")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        assert connection.execute("SELECT count(*) FROM gc").fetchone() == (0,)
        rows = connection.execute(
            "SELECT session_id, content_id, chunk_index, size FROM chunk_metadata AS chunk "
            "WHERE NOT EXISTS (SELECT 1 FROM content_metadata AS content WHERE "
            "content.session_id = chunk.session_id AND content.blob_id = chunk.content_id AND "
            "content.inline_chunk IS NOT NULL)"
        ).fetchall()
    sessions = root / "sessions"
    expected = {f"{place}/{blob}/{index}.bin": size for place, blob, index, size in rows}
    found = {
        str(path.relative_to(sessions)): path.stat().st_size
        for path in sessions.rglob("*")
        if path.is_file()
    }
    assert found == expected
    assert [*(root / "tmp").iterdir(), *(root / "trash").iterdir()] == []
