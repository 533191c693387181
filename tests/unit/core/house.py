"""The rules in process: a real database and real files, a clock to turn, and what was told."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from sharethings.config import load_settings
from sharethings.core.announce import Announce
from sharethings.core.clock import Clock
from sharethings.crypto.fingerprint import Fingerprint, make_fingerprint, make_proof
from sharethings.protocol import replies, requests
from sharethings.protocol.ids import encode_bytes
from sharethings.server import Core, Store, compose
from sharethings.storage.tables import sessions

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sharethings.config import Settings
    from sharethings.core.chunks import Chunks
    from sharethings.core.sessions import Challenge, Guest
    from sharethings.protocol.announcements import Announcement
    from sharethings.records import Member

ADDRESS = "192.0.2.1"
CHUNK_SIZE = 16_384


@dataclass
class Hands:
    """A clock whose hands are turned by the test."""

    seconds: float = 1000.0
    ahead: float = 0.0  # what the wall clock was set forward, in seconds

    def clock(self) -> Clock:
        """Give the clock."""
        return Clock(lambda: int((self.seconds + self.ahead) * 1000), lambda: self.seconds)


@dataclass
class Told(Announce):
    """All announcements, in order: (session_id, announcement, member_id that was skipped)."""

    all: list[tuple[str, Announcement, str | None]] = field(default_factory=list)

    async def __call__(
        self, session_id: str, announcement: Announcement, *, skip: str | None = None
    ) -> None:
        """Note it."""
        self.all.append((session_id, announcement, skip))

    def events(self) -> list[str]:
        """Give the names of what was told, and forget it."""
        told, self.all = self.all, []
        return [announcement.event for _, announcement, _ in told]


@dataclass
class Passphrase:
    """Who knows it: the keys of one session, without the slow derivation."""

    session_id: str = field(default_factory=lambda: secrets.token_hex(32))
    root_key: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    iv: bytes = bytes(12)

    @property
    def fingerprint(self) -> Fingerprint:
        """Give the fingerprint that the root key makes."""
        return make_fingerprint(self.root_key, bytes.fromhex(self.session_id), self.iv)

    def creation(self, **changes: Any) -> requests.SessionCreate:
        """Give a request that creates the session."""
        fields = {
            "session_id": self.session_id,
            "suite": 1,
            "salt": encode_bytes(bytes(16)),
            "iterations": 600_000,
            "fingerprint_iv": encode_bytes(self.iv),
            "fingerprint_data": encode_bytes(self.fingerprint.fingerprint_data),
            "server_key": encode_bytes(self.fingerprint.server_key),
            "key_box": encode_bytes(bytes(60)),
            "owner_hash": encode_bytes(bytes(32)),
        }
        return requests.SessionCreate(**{**fields, **changes})


@cache
def _settings(**settings: Any) -> Settings:
    """Read settings and the environment once: it is a tenth of what opening a house takes."""
    return load_settings(data_directory=Path(), **settings)


class House:
    """A store with its rules. Use as `async with House(path) as house`."""

    def __init__(self, root: Path, **settings: Any) -> None:
        """Take the data directory and settings beside the defaults."""
        self.hands = Hands()
        self.told = Told()
        settings = {"ballast_bytes": 0, "free_content_bytes": 0, "free_write_bytes": 0} | settings
        settings |= {"free_content_ratio": 0, "free_write_ratio": 0}
        self.settings = _settings(**settings).model_copy(update={"data_directory": root})
        self.store: Store
        self.core: Core

    async def __aenter__(self) -> Self:
        """Open it."""
        clock = self.hands.clock()
        self.store = Store(self.settings, clock)
        await self.store.open()
        self.core = compose(self.store, self.told, self.settings, clock)
        return self

    async def __aexit__(self, *_exception: object) -> None:
        """Close it."""
        await self.store.close()

    async def create(self, **changes: Any) -> Passphrase:
        """Create a session."""
        passphrase = Passphrase()
        created = await self.core.sessions.create(passphrase.creation(**changes), ADDRESS)
        assert created.created
        return passphrase

    async def challenge(self, passphrase: Passphrase) -> Challenge:
        """Say hello."""
        nonce = encode_bytes(secrets.token_bytes(32))
        request = requests.SessionHello(session_id=passphrase.session_id, client_nonce=nonce)
        challenge, _ = await self.core.sessions.hello(request)
        return challenge

    async def prove(
        self,
        passphrase: Passphrase,
        challenge: Challenge | None = None,
        address: str = ADDRESS,
        **changes: Any,
    ) -> Guest:
        """Answer a challenge, a fresh one if none is given."""
        asked = challenge or await self.challenge(passphrase)
        proof = make_proof(
            passphrase.fingerprint,
            bytes.fromhex(passphrase.session_id),
            asked.client_nonce,
            asked.server_nonce,
        )
        fields = {
            "session_id": passphrase.session_id,
            "proof": encode_bytes(proof),
            "member_id": secrets.token_hex(16),
        } | changes
        return await self.core.sessions.prove(requests.SessionJoin(**fields), asked, address)

    async def join(
        self, passphrase: Passphrase, since: int | None = None
    ) -> tuple[Member, replies.Joined]:
        """Join; gives the member and what the join answers."""
        guest = await self.prove(passphrase)
        return guest.member, await self.core.sessions.enter(guest, since)

    async def member(self) -> Member:
        """Create a session and join it; what was told of it is forgotten."""
        member, _ = await self.join(await self.create())
        self.told.events()
        return member


def a_share(size: int = 40_000, **changes: Any) -> requests.ContentShare:
    """Give a request that shares `size` plain bytes in chunks of 16 KiB."""
    count = max(1, -(-size // CHUNK_SIZE))
    content_id = secrets.token_hex(16)
    fields: dict[str, Any] = {
        "content_id": content_id,
        "blob_id": content_id,
        "chunk_size": CHUNK_SIZE,
        "chunk_count": count,
        "total_size": size + 32 * count,
        "content_box": encode_bytes(secrets.token_bytes(100)),
        "manifest": a_manifest(1),
    } | changes
    return requests.ContentShare(**fields)


def a_stream(**changes: Any) -> requests.ContentShare:
    """Give a request that shares what has no known size yet."""
    return a_share(chunk_count=None, total_size=None, **changes)


def a_manifest(revision: int) -> str:
    """Give bytes that look like a sealed manifest."""
    return encode_bytes(b"ST\x01\x04" + revision.to_bytes(4, "big") + secrets.token_bytes(284))


def a_chunk(index: int, plain: int = CHUNK_SIZE, *, last: bool = False) -> bytes:
    """Give bytes that look like a sealed chunk of `plain` bytes."""
    head = b"ST\x01" + (b"\x11" if last else b"\x10") + secrets.token_bytes(7)
    return head + index.to_bytes(4, "big") + bytes([last]) + secrets.token_bytes(plain + 16)


def chunks_of(request: requests.ContentShare) -> list[bytes]:
    """Give chunks that a content has declared."""
    assert request.chunk_count is not None
    assert request.total_size is not None
    last = request.chunk_count - 1
    rest = request.total_size - 32 * request.chunk_count - last * request.chunk_size
    return [a_chunk(index) for index in range(last)] + [a_chunk(last, rest, last=True)]


async def pieces(chunk: bytes) -> AsyncIterator[bytes]:
    """Give a body in two pieces."""
    yield chunk[:10]
    yield chunk[10:]


async def put(
    chunks: Chunks, member: Member, content_id: str, index: int, chunk: bytes, **changes: Any
) -> tuple[bool, Any]:
    """Accept a chunk as the bulk plane does."""
    given: dict[str, Any] = {
        "size": len(chunk),
        "digest": sha256(chunk).digest(),
        "body": pieces(chunk),
    } | changes
    return await chunks.accept(member, content_id, index, **given)


async def share_whole(
    house: House, member: Member, size: int = 40_000, **changes: Any
) -> tuple[requests.ContentShare, list[bytes]]:
    """Share, send all chunks and complete."""
    request = a_share(size, **changes)
    await house.core.sharing.share(member, request)
    sent = chunks_of(request)
    for index, chunk in enumerate(sent):
        await put(house.core.chunks, member, request.content_id, index, chunk)
    await house.core.contents.complete(member, a_completion(request))
    return request, sent


def a_completion(request: requests.ContentShare, **changes: Any) -> requests.ContentComplete:
    """Give the request that completes a content."""
    fields = {
        "content_id": request.content_id,
        "chunk_count": request.chunk_count,
        "total_size": request.total_size,
        "manifest": a_manifest(2),
    } | changes
    return requests.ContentComplete(**fields)


INLINE = a_chunk(0, 100, last=True)


def an_inline(**changes: Any) -> requests.ContentShare:
    """Give a request that shares a small content whole."""
    fields = {"chunk": encode_bytes(INLINE), "total_size": len(INLINE), "chunk_count": 1}
    return a_share(100, **{**fields, **changes})


async def ask(house: House, statement: str, *values: object) -> Any:
    """Give what the database answers, one value."""
    return await house.store.database.read(
        lambda connection: connection.exec_driver_sql(statement, values).scalar_one()
    )


async def forget(house: House, session_id: str) -> None:
    """Delete a session's row, as the removal of sessions does."""
    clause = sessions.c.session_id == session_id
    await house.store.database.write(
        lambda connection: connection.execute(sessions.delete().where(clause))
    )


def left_behind(house: House) -> list[str]:
    """Give what stands in tmp/."""
    return [path.name for path in (house.store.directory.root / "tmp").iterdir()]
