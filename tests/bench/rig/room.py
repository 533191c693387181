"""Members of a session of the real server, by the protocol itself, and sealed contents.

The root key is drawn, not derived: deriving is the client's work, and costs the server nothing.
"""

from __future__ import annotations

import hashlib
import json
import random
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from sharethings.crypto import boxes, fingerprint
from sharethings.crypto.chunk import ChunkCipher, make_root
from sharethings.crypto.kdf import derive_session_id
from sharethings.crypto.manifest import seal_manifest
from sharethings.protocol import requests
from sharethings.protocol.bulk import CHUNK_PATH, CONFIG_PATH, DIGEST_HEADER, write_digest
from sharethings.protocol.ids import decode_bytes, encode_bytes
from sharethings.protocol.limits import CHUNK_OVERHEAD_BYTES, KDF_ITERATIONS_DEFAULT, SUITE
from tests.bench.rig.load import Ask, ask_once
from tests.bench.rig.options import CHUNK_SIZE
from tests.bench.rig.wire import Wire, event, frame

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sharethings.protocol.requests import Request

SMALL_CHUNK_SIZE = 16 * 1024


class Member:
    """A joined connection."""

    def __init__(self, wire: Wire, joined: dict[str, Any]) -> None:
        """Take the connection and the reply to its join."""
        self.wire = wire
        self.joined = joined
        self.token: str = joined["token"]

    def ask(self, request: Request) -> dict[str, Any]:
        """Ask, and give the result."""
        return ask(self.wire, request)


def ask(wire: Wire, request: Request) -> dict[str, Any]:
    """Ask over a connection, and give the result."""
    answer = wire.request(request.event, msgspec.to_builtins(request))
    assert "result" in answer, answer
    result: dict[str, Any] = answer["result"]
    return result


def prepared(request: Request, number: int) -> bytes:
    """Give a request as a frame that asks for answer `number`."""
    return frame(event(request.event, msgspec.to_builtins(request), number))


@dataclass(frozen=True, slots=True)
class Sealed:
    """A content that is ready to be sent."""

    content_id: str
    share: requests.ContentShare
    complete: requests.ContentComplete
    chunks: Sequence[bytes]
    digests: Sequence[bytes]

    @property
    def payload_bytes(self) -> int:
        """All bytes of its chunks."""
        return self.share.total_size or 0


class Made(Sequence[bytes]):
    """Items that are made when they are asked for, and not kept."""

    def __init__(self, count: int, make: Callable[[int], bytes]) -> None:
        """Take how many there are, and what makes one."""
        self._count = count
        self._make = make

    def __getitem__(self, index: Any) -> Any:
        """Make one. Raises IndexError beyond the last, which ends an iteration."""
        if not 0 <= index < self._count:
            raise IndexError(index)
        return self._make(index)

    def __len__(self) -> int:
        """Give how many there are."""
        return self._count


class Room:
    """A new session on the server at `port`."""

    def __init__(self, port: int, name: str) -> None:
        """Draw its keys; `create` makes it."""
        self.port = port
        _, _, body = ask_once(port, Ask("GET", CONFIG_PATH))
        self._place = derive_session_id(bytes.fromhex(json.loads(body)["realm"]), name)
        self.session_id = self._place.hex()
        self._iv = secrets.token_bytes(12)
        self._root_key = secrets.token_bytes(32)
        self._session_key = secrets.token_bytes(32)
        self._fingerprint = fingerprint.make_fingerprint(self._root_key, self._place, self._iv)

    def create(self) -> Member:
        """Make the session, and join it."""
        box = boxes.seal_key_box(
            self._root_key, self._place, 1, secrets.token_bytes(12), self._session_key
        )
        wire = Wire(self.port)
        ask(
            wire,
            requests.SessionCreate(
                session_id=self.session_id,
                suite=SUITE,
                salt=encode_bytes(secrets.token_bytes(16)),
                iterations=KDF_ITERATIONS_DEFAULT,
                fingerprint_iv=encode_bytes(self._iv),
                fingerprint_data=encode_bytes(self._fingerprint.fingerprint_data),
                server_key=encode_bytes(self._fingerprint.server_key),
                key_box=encode_bytes(box),
                owner_hash=encode_bytes(secrets.token_bytes(32)),
                idle_seconds=0,
            ),
        )
        return self.join(wire)

    def join(self, wire: Wire | None = None) -> Member:
        """Join, over a new connection if none is given."""
        wire = wire or Wire(self.port)
        nonce = secrets.token_bytes(32)
        hello = ask(
            wire,
            requests.SessionHello(session_id=self.session_id, client_nonce=encode_bytes(nonce)),
        )
        server_nonce = decode_bytes(hello["server_nonce"])
        proof = fingerprint.make_proof(self._fingerprint, self._place, nonce, server_nonce)
        request = requests.SessionJoin(
            session_id=self.session_id,
            proof=encode_bytes(proof),
            member_id=secrets.token_hex(16),
        )
        return Member(wire, ask(wire, request))

    def seal(
        self,
        size: int,
        chunk_size: int = CHUNK_SIZE,
        hold: Callable[[Made], Sequence[bytes]] = list,
    ) -> Sealed:
        """Seal a content of `size` plain bytes in full chunks.

        `hold` keeps its chunks. One that does not seals them as they are sent; of such a content
        the root is not made.
        """
        content_id, key = secrets.token_hex(16), secrets.token_bytes(32)
        cipher = ChunkCipher(key, self._place, bytes.fromhex(content_id), chunk_size)
        plain = random.randbytes(min(size, chunk_size))  # noqa: S311 - not secret
        count = size // chunk_size
        prefix = secrets.token_bytes(7)
        chunks = hold(Made(count, lambda i: cipher.seal(i, plain, prefix, last=i == count - 1)))
        digests = hold(Made(count, lambda i: hashlib.sha256(chunks[i]).digest()))
        root = make_root(digests) if isinstance(digests, list) else bytes(32)
        total = size + count * CHUNK_OVERHEAD_BYTES
        manifest = {"v": 1, "kind": "file", "name": "bench.bin", "mime": "application/octet-stream"}
        manifest |= {"size": size, "chunk_size": chunk_size, "chunks": count}
        share = requests.ContentShare(
            content_id=content_id,
            blob_id=content_id,
            chunk_size=chunk_size,
            chunk_count=count,
            total_size=total,
            content_box=self._box(content_id, key),
            manifest=self._manifest(key, content_id, 1, manifest),
        )
        done = requests.ContentComplete(
            content_id=content_id,
            manifest=self._manifest(key, content_id, 2, {**manifest, "root": root.hex()}),
            chunk_count=count,
            total_size=total,
        )
        return Sealed(content_id, share, done, chunks, digests)

    def _box(self, content_id: str, key: bytes) -> str:
        name = bytes.fromhex(content_id)
        nonce = secrets.token_bytes(12)
        return encode_bytes(
            boxes.seal_content_box(self._session_key, self._place, 1, name, nonce, key)
        )

    def _manifest(self, key: bytes, content_id: str, revision: int, members: object) -> str:
        name, nonce = bytes.fromhex(content_id), secrets.token_bytes(12)
        plain = msgspec.json.encode(members)
        return encode_bytes(seal_manifest(key, self._place, name, revision, nonce, plain))

    def message(self, size: int = 1024) -> requests.ContentShare:
        """Seal a text of `size` bytes that travels inside its `content:share`."""
        content_id, key = secrets.token_hex(16), secrets.token_bytes(32)
        cipher = ChunkCipher(key, self._place, bytes.fromhex(content_id), SMALL_CHUNK_SIZE)
        chunk = cipher.seal(0, random.randbytes(size), secrets.token_bytes(7), last=True)  # noqa: S311
        root = make_root([hashlib.sha256(chunk).digest()]).hex()
        manifest = {"v": 1, "kind": "text", "name": "text.txt", "mime": "text/plain"}
        manifest |= {"size": size, "chunk_size": SMALL_CHUNK_SIZE, "chunks": 1, "root": root}
        return requests.ContentShare(
            content_id=content_id,
            blob_id=content_id,
            chunk_size=SMALL_CHUNK_SIZE,
            chunk_count=1,
            total_size=size + CHUNK_OVERHEAD_BYTES,
            content_box=self._box(content_id, key),
            manifest=self._manifest(key, content_id, 1, manifest),
            chunk=encode_bytes(chunk),
        )

    def put(self, token: str, sealed: Sealed, index: int) -> Ask:
        """Give the request that sends a chunk."""
        headers = {
            "Authorization": f"Bearer {token}",
            DIGEST_HEADER: write_digest(sealed.digests[index]),
        }
        return Ask("PUT", self._path(sealed.content_id, index), headers, sealed.chunks[index])

    def puts(self, token: str, sealed: Sealed) -> list[Ask]:
        """Give the requests that send all chunks."""
        return list(self.puts_in_turn(token, sealed))

    def puts_in_turn(self, token: str, sealed: Sealed) -> Iterator[Ask]:
        """Give one after the other, for a content that is not held."""
        return (self.put(token, sealed, index) for index in range(len(sealed.chunks)))

    def get(self, token: str, content_id: str, index: int) -> Ask:
        """Give the request that fetches a chunk."""
        return Ask("GET", self._path(content_id, index), {"Authorization": f"Bearer {token}"})

    def gets(self, token: str, sealed: Sealed) -> list[Ask]:
        """Give the requests that fetch all chunks."""
        return [self.get(token, sealed.content_id, index) for index in range(len(sealed.chunks))]

    def _path(self, content_id: str, index: int) -> str:
        return CHUNK_PATH.format(session_id=self.session_id, content_id=content_id, index=index)
