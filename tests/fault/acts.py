"""What a session goes through in the tests of faults: acts made of steps, each acknowledged.

A step asked again must be answered as done: that is what a client does that got no answer.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from sharethings.admin.acts import Backup
from sharethings.admin.backup import back_up
from sharethings.admin.place import Place
from sharethings.protocol import requests
from sharethings.protocol.errors import ChunkNotFoundError, ChunksMissingError
from tests.unit.core.house import (
    ADDRESS,
    Hands,
    House,
    Passphrase,
    a_completion,
    a_manifest,
    a_share,
    an_inline,
    chunks_of,
    put,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sharethings.protocol.replies import Page
    from sharethings.records import Member

BRIEF_SECONDS = 650
IDLE_SECONDS = 700
GIVEN_UP_SECONDS = 2000
"""When contents expire, a session does, and an upload is given up: each has a sweep of its own."""


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
    left: Passphrase = field(default_factory=Passphrase)
    kept: Upload = field(default_factory=Upload)
    half: Upload = field(default_factory=Upload)
    fresh: Upload = field(default_factory=Upload)
    brief: Upload = field(default_factory=lambda: Upload(a_share(lifetime_seconds=BRIEF_SECONDS)))
    note: requests.ContentShare = field(default_factory=an_inline)
    text: requests.ContentShare = field(default_factory=an_inline)
    again: Upload = field(init=False)

    def __post_init__(self) -> None:
        """Make what creates the session, and what shares bytes that were removed."""
        object.__setattr__(self, "creation", self.passphrase.creation())
        request = a_share(blob_id=self.kept.request.blob_id)
        object.__setattr__(self, "again", Upload(request))


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
        await self.upload(plan.kept)
        await self.house.core.sharing.share(self.member, plan.note)
        await self.share(plan.half)
        await self.put(plan.half, 0)
        await self.upload(plan.brief)
        await self.leave_another()

    async def upload(self, upload: Upload) -> None:
        """Share a content whole."""
        await self.share(upload)
        for index in range(3):
            await self.put(upload, index)
        await self.complete(upload)

    async def leave_another(self) -> None:
        """Make another session with contents, which nobody is in any more."""
        core, creation = self.house.core, self.plan.left.creation(idle_seconds=IDLE_SECONDS)
        await core.sessions.create(creation, ADDRESS)
        other = Play(self.house, self.plan)
        other.member, _ = await self.house.join(self.plan.left)
        await other.upload(Upload())
        await core.sharing.share(other.member, an_inline())
        await core.sessions.leave(other.member)

    async def sweep(self, seconds: int) -> None:
        """Take away what is due when so much time has passed."""
        self.house.hands.seconds = Hands.seconds + seconds
        await self.house.core.sweeper.sweep()

    async def back_up(self) -> None:
        """Back everything up, under a name that is free."""
        house = self.house
        backups = house.store.directory.root.with_name("backups")
        target = backups / f"of-{len(list(backups.iterdir()))}"
        place = Place(house.store, house.core, house.settings, house.hands.clock(), is_running=True)
        await back_up(place, Backup(str(target)), lambda _done, _whole: None)

    def steps(self, act: str) -> list[Callable[[], Awaitable[object]]]:
        """Give what an act of members and of the operator consists of; there is none for others."""
        plan, core = self.plan, self.house.core
        kept_id = plan.kept.request.content_id
        pin = requests.ContentPin(content_id=kept_id, pinned=True)
        acts: dict[str, list[Callable[[], Awaitable[object]]]] = {
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
            "again": [
                lambda: core.contents.remove(self.member, kept_id),
                partial(self.share, plan.again),
                *(partial(self.put, plan.again, index) for index in range(3)),
                partial(self.complete, plan.again),
            ],
            "clear": [lambda: core.contents.clear(self.member)],
            "expire": [
                partial(self.sweep, seconds)
                for seconds in (BRIEF_SECONDS, IDLE_SECONDS, GIVEN_UP_SECONDS)
            ],
            "backup": [self.back_up],
        }
        return acts.get(act, [])

    async def settle(self) -> None:
        """Take what was removed off the disk now. Raises what the disk says."""
        await self.house.store.collector.collect()

    async def state(self) -> dict[str, Any]:
        """Give what a member finds, with the digests of the bytes that are really there."""
        if not await self._exists(self.plan.passphrase):
            return {}
        await self.join()
        page: Page = await self.house.core.sessions.list_contents(self.member)
        found = {content.content_id: await self._content(content) for content in page.contents}
        return {**found, "left": await self._exists(self.plan.left)}

    async def _exists(self, passphrase: Passphrase) -> bool:
        hello = requests.SessionHello(session_id=passphrase.session_id, client_nonce="A" * 43)
        return (await self.house.core.sessions.hello(hello))[1].exists

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
