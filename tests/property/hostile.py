"""A server of the tests' own that stores honestly, and lies in one answer when it is told to.

It stands where python-socketio and aiohttp stand: all above them is the client as members have it.
"""

from __future__ import annotations

import secrets
from contextlib import asynccontextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

import aiohttp
import msgspec
import socketio

from sharethings.client.server import Server
from sharethings.client.session import Session
from sharethings.core.verifier import sign, verify_proof
from sharethings.protocol import bulk, replies, requests
from sharethings.protocol.errors import ChunkNotFoundError, Failure, WrongPassphraseError
from sharethings.protocol.ids import decode_bytes, encode_bytes
from sharethings.protocol.limits import SUITE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    import pytest

    from tests.property.lie import Lie

PASSPHRASE = "correct-horse-battery-staple"
PLACE = Server("http://127.0.0.1:9")
CREATED_MS = 1_790_000_000_000
POLICY = replies.Policy(idle_seconds=0)
LIMITS = bulk.ServerLimits(
    control_event_bytes=65_536,
    session_bytes=2**33,
    contents_count=10_000,
    pinned_count=10_000,
    session_idle_seconds=0,
    session_idle_max_seconds=0,
    unfinished_seconds=1800,
)


class Hostile:
    """One session on such a server."""

    def __init__(self) -> None:
        """Store nothing."""
        self.realm = secrets.token_hex(16)
        self.lie: Lie | None = None
        self.rows: dict[str, replies.Content] = {}
        self.older: dict[str, str] = {}
        """The first manifest of each content that has another now."""
        self.chunks: dict[tuple[str, int], bytes] = {}
        self.terms: requests.SessionCreate | None = None
        self.listeners: list[Callable[[str, object], Awaitable[None]]] = []
        self._revision = 0
        self._nonces = (b"", b"")

    def tell(self, name: str, answer: Any) -> Any:
        """Give an honest answer, or what is said instead."""
        if self.lie is not None and self.lie.answer == name:
            return self.lie.tell(answer)
        return answer

    def call(self, event: str, data: object) -> object:
        """Answer a request of the control plane."""
        request = msgspec.convert(data, requests.REQUESTS[event])
        try:
            answer = self._answer(request)
        except WrongPassphraseError as error:
            return {"error": msgspec.to_builtins(Failure(code=error.code, message=str(error)))}
        return {"result": self.tell(event, msgspec.to_builtins(answer))}

    def _answer(  # noqa: PLR0911 - one for each request
        self, request: requests.Request
    ) -> replies.Message:
        self._revision += 1
        match request:
            case requests.SessionHello():
                return self._hello(request)
            case requests.SessionCreate():
                self.terms = request
                return replies.Created(created=True)
            case requests.SessionJoin():
                return self._join(request)
            case requests.ContentList():
                return self._page()
            case requests.ContentShare():
                return self._share(request)
            case requests.ContentComplete(content_id=content_id, manifest=manifest):
                self.older[content_id] = self.rows[content_id].manifest
                self._change(content_id, manifest=manifest, state="complete")
                return replies.Changed(revision=self._revision)
            case requests.ContentMissing(content_id=content_id):
                return replies.Shared(revision=1, state=self.rows[content_id].state)
        return replies.Done()

    def _hello(self, request: requests.SessionHello) -> replies.Hello:
        self._nonces = decode_bytes(request.client_nonce), secrets.token_bytes(32)
        nonce, terms = encode_bytes(self._nonces[1]), self.terms
        if terms is None:
            return replies.Hello(exists=False, server_nonce=nonce)
        return replies.Hello(
            exists=True,
            server_nonce=nonce,
            suite=terms.suite,
            salt=terms.salt,
            iterations=terms.iterations,
            fingerprint_iv=terms.fingerprint_iv,
        )

    def _join(self, request: requests.SessionJoin) -> replies.Joined:
        terms = self.terms
        assert terms is not None
        place, proof = bytes.fromhex(request.session_id), decode_bytes(request.proof)
        # One who lies about its own nonce has no proof to check: it lets the client in.
        is_right = verify_proof(decode_bytes(terms.fingerprint_data), place, *self._nonces, proof)
        if not is_right and self.lie is None:
            raise WrongPassphraseError
        sig = sign(decode_bytes(terms.server_key), place, *self._nonces, proof)
        return replies.Joined(
            sig=encode_bytes(sig),
            token=encode_bytes(secrets.token_bytes(32)),
            epoch=1,
            key_box=terms.key_box,
            created_at=CREATED_MS,
            policy=POLICY,
            page=self._page(),
        )

    def _page(self) -> replies.Page:
        rows = list(self.rows.values())
        return replies.Page(revision=self._revision, through=self._revision, contents=rows)

    def _share(self, share: requests.ContentShare) -> replies.Shared:
        self.rows[share.content_id] = replies.Content(
            content_id=share.content_id,
            blob_id=share.blob_id,
            position=self._revision,
            revision=self._revision,
            state="uploading" if share.chunk is None else "complete",
            chunk_size=share.chunk_size,
            chunk_count=share.chunk_count,
            total_size=share.total_size,
            created_at=CREATED_MS,
            content_box=share.content_box,
            manifest=share.manifest,
            chunk=share.chunk,
        )
        return replies.Shared(revision=self._revision, state=self.rows[share.content_id].state)

    def _change(self, content_id: str, **changes: object) -> None:
        changes["revision"] = self._revision
        self.rows[content_id] = msgspec.structs.replace(self.rows[content_id], **changes)

    def listed(self) -> list[dict[str, Any]]:
        """Give the rows, or what is said instead."""
        page = self.tell("content:list", msgspec.to_builtins(self._page()))
        rows: list[dict[str, Any]] = page["contents"]
        return rows

    async def announce(self, event: str, data: object) -> None:
        """Tell all who are connected, through JSON as a wire does."""
        for listener in self.listeners:
            await listener(event, msgspec.json.decode(msgspec.json.encode(data)))

    def request(self, method: str, path: str, body: bytes) -> bytes:
        """Answer a request of the bulk plane. Raises ChunkNotFoundError."""
        if path == bulk.CONFIG_PATH:
            config = bulk.ServerConfig(
                protocol=1, realm=self.realm, version="1", suites=[SUITE], limits=LIMITS
            )
            return msgspec.json.encode(config)
        *_, content_id, what, index = path.split("/")
        assert what == "chunks"
        place = content_id, int(index)
        if method == "PUT":
            self.chunks[place] = body
            return msgspec.json.encode(bulk.ChunkStored(stored_count=1, stored_bytes=1))
        found: bytes | None = self.tell(f"chunk {index}", self.chunks.get(place))
        if found is None:
            raise ChunkNotFoundError
        return found

    @asynccontextmanager
    async def joined(self, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Session]:
        """Create the session on it by the client's own way in."""
        stand_in(self, monkeypatch)
        async with await Session.open(PLACE, "garden", "Tia", PASSPHRASE, create=True) as session:
            yield session


def stand_in(hostile: Hostile, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let clients that connect from now on meet this server."""
    monkeypatch.setattr(socketio, "AsyncClient", lambda **_: _Socket(hostile))
    monkeypatch.setattr(aiohttp, "ClientSession", lambda **given: _Http(hostile, **given))


class _Socket:
    """What sharethings/client/control.py needs of a socketio.AsyncClient."""

    def __init__(self, hostile: Hostile) -> None:
        self._hostile = hostile

    def on(self, event: str, handler: Callable[[str, object], Awaitable[None]]) -> None:
        """Hear what is announced; this connection is never lost."""
        if event == "*":
            self._hostile.listeners.append(handler)

    async def connect(self, *_: object, **__: object) -> None:
        """It is there."""

    async def disconnect(self) -> None:
        """It is gone."""

    async def call(self, event: str, data: object, **_: object) -> object:
        """Answer through JSON, as a wire does."""
        return msgspec.json.decode(msgspec.json.encode(self._hostile.call(event, data)))


class _Http:
    """What sharethings/client/bulk.py needs of an aiohttp.ClientSession."""

    def __init__(self, hostile: Hostile, connector: aiohttp.BaseConnector, **_: object) -> None:
        self._hostile = hostile
        self._connector = connector

    async def close(self) -> None:
        await self._connector.close()

    @asynccontextmanager
    async def request(
        self, method: str, url: str, data: aiohttp.payload.Payload | None = None, **_: object
    ) -> AsyncIterator[_Response]:
        body = b"" if data is None else await data.as_bytes()
        try:
            yield _Response(200, self._hostile.request(method, urlsplit(url).path, body))
        except ChunkNotFoundError as error:
            failure = Failure(code=error.code, message=str(error), retryable=error.retryable)
            yield _Response(404, msgspec.json.encode({"error": failure}))


@dataclass(frozen=True, slots=True)
class _Response:
    status: int
    body: bytes

    @property
    def headers(self) -> dict[str, str]:
        return {bulk.DIGEST_HEADER: bulk.write_digest(sha256(self.body).digest())}

    @property
    def content(self) -> Self:
        return self

    async def iter_any(self) -> AsyncIterator[bytes]:
        yield self.body
