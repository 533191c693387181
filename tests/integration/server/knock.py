"""A raw member: says to the server what no good client would say."""

from __future__ import annotations

import hashlib
import secrets
from typing import Any, Self

import aiohttp
import socketio

from sharethings.client.keys import SessionKeys
from sharethings.crypto.kdf import derive_session_id
from sharethings.protocol.bulk import write_digest
from sharethings.protocol.ids import decode_bytes, encode_bytes

SECONDS = 10
PASSPHRASE = "correct horse battery"


class Knocker:
    """One connection; `ask` gives (result, error code)."""

    def __init__(
        self, url: str, session_name: str = "garden", transport: str = "websocket"
    ) -> None:
        """Take where the server is."""
        self._transport = transport
        self.url = url
        self.name = session_name
        self.token = ""
        self.member_id = secrets.token_hex(16)
        self.told: list[tuple[str, Any]] = []
        self.keys = SessionKeys("00" * 32, "")
        self.http = aiohttp.ClientSession()
        self.socket = socketio.AsyncClient(reconnection=False, handle_sigint=False)

    async def __aenter__(self) -> Self:
        """Connect."""
        self.socket.on("*", self._hear)
        await self.socket.connect(self.url, transports=[self._transport])
        async with self.http.get(f"{self.url}/api/v1/config") as response:
            realm = bytes.fromhex((await response.json())["realm"])
        self.session_id = derive_session_id(realm, self.name).hex()
        return self

    async def __aexit__(self, *_exception: object) -> None:
        """Disconnect."""
        await self.socket.disconnect()
        await self.http.close()

    async def _hear(self, event: str, data: Any) -> None:
        self.told.append((event, data))

    async def ask(self, event: str, **fields: Any) -> Any:
        """Ask; gives the result, or the error's code."""
        answer = await self.socket.call(event, fields, timeout=SECONDS)
        return answer["error"]["code"] if "error" in answer else answer["result"]

    async def failure(self, event: str, **fields: Any) -> dict[str, Any]:
        """Ask what must fail; gives the whole failure."""
        answer = await self.socket.call(event, fields, timeout=SECONDS)
        failure: dict[str, Any] = answer["error"]
        return failure

    async def failure_or_none(self, event: str, **fields: Any) -> dict[str, Any] | None:
        """Ask; gives the failure if there is one."""
        answer = await self.socket.call(event, fields, timeout=SECONDS)
        failure: dict[str, Any] | None = answer.get("error")
        return failure

    async def create(self, passphrase: str | None = None, **changes: Any) -> Any:
        """Create the session."""
        self.keys = SessionKeys(self.session_id, passphrase or PASSPHRASE)
        self.creation = self.keys.create()
        fields = {
            name: getattr(self.creation, name) for name in self.creation.__struct_fields__
        } | changes
        return await self.ask("session:create", **fields)

    async def join(self, **changes: Any) -> Any:
        """Join with the keys in hand."""
        nonce = secrets.token_bytes(32)
        hello = await self.ask(
            "session:hello", session_id=self.session_id, client_nonce=encode_bytes(nonce)
        )
        proof = self.keys.prove(nonce, decode_bytes(hello["server_nonce"]))
        fields = {
            "session_id": self.session_id,
            "proof": encode_bytes(proof),
            "member_id": self.member_id,
        } | changes
        joined = await self.ask("session:join", **fields)
        if isinstance(joined, dict):
            self.token = joined["token"]
        return joined

    async def start(self) -> Self:
        """Create and join."""
        assert await self.create() == {"created": True}
        assert isinstance(await self.join(), dict)
        return self

    def content(
        self, size: int = 40_000, chunk_size: int = 16384, **changes: Any
    ) -> dict[str, Any]:
        """Give the fields of content:share for `size` plain bytes."""
        count = max(1, -(-size // chunk_size))
        content_id = secrets.token_hex(16)
        return {
            "content_id": content_id,
            "blob_id": content_id,
            "chunk_size": chunk_size,
            "chunk_count": count,
            "total_size": size + 32 * count,
            "content_box": encode_bytes(secrets.token_bytes(100)),
            "manifest": self.manifest(1),
        } | changes

    def small(self, plain: int = 16_000) -> dict[str, Any]:
        """Give the fields of content:share for a content that is sent whole."""
        chunk = self.chunk(0, plain, last=True)
        return self.content(plain, chunk=encode_bytes(chunk), total_size=len(chunk))

    @staticmethod
    def manifest(revision: int) -> str:
        """Give bytes that look like a sealed manifest of a revision."""
        head = b"ST\x01\x04" + revision.to_bytes(4, "big")
        return encode_bytes(head + secrets.token_bytes(12 + 256 + 16))

    @staticmethod
    def chunk(index: int, plain: int, *, last: bool) -> bytes:
        """Give bytes that look like a sealed chunk."""
        head = b"ST\x01" + (b"\x11" if last else b"\x10") + secrets.token_bytes(7)
        head += index.to_bytes(4, "big") + bytes([last])
        return head + secrets.token_bytes(plain + 16)

    async def put(
        self, content_id: str, index: object, chunk: bytes, **changes: Any
    ) -> tuple[int, Any]:
        """PUT a chunk; gives the status, and the answer or its error's code."""
        headers = {
            "Authorization": f"Bearer {changes.pop('token', self.token)}",
            "Digest": write_digest(hashlib.sha256(chunk).digest()),
        } | changes.pop("headers", {})
        path = f"/api/v1/sessions/{changes.pop('session_id', self.session_id)}/contents"
        async with self.http.put(
            f"{self.url}{path}/{content_id}/chunks/{index}",
            data=changes.pop("body", chunk),
            headers=headers,
        ) as response:
            answer = await response.json()
            return response.status, answer["error"]["code"] if "error" in answer else answer

    async def get(
        self, content_id: str, index: object, **headers: str
    ) -> tuple[int, bytes, dict[str, str]]:
        """GET a chunk; gives status, body and headers."""
        path = f"/api/v1/sessions/{self.session_id}/contents/{content_id}/chunks/{index}"
        sent = {"Authorization": f"Bearer {self.token}"} | headers
        async with self.http.get(f"{self.url}{path}", headers=sent) as response:
            return response.status, await response.read(), dict(response.headers)
