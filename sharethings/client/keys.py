"""The keys of one session in a client: derived once, kept for every rejoin (protocol.md 3 to 7)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import msgspec

from sharethings.client.contents import Content, Unreadable, read_manifest
from sharethings.client.errors import DamagedError, PassphraseChangedError, ServerRefusedError
from sharethings.crypto import boxes, fingerprint
from sharethings.crypto.chunk import ChunkCipher
from sharethings.crypto.dedup import make_convergent
from sharethings.crypto.errors import CryptoError, SuiteError
from sharethings.crypto.event import EventCipher
from sharethings.crypto.kdf import derive_root_key
from sharethings.crypto.keys import label
from sharethings.crypto.manifest import open_manifest, seal_manifest
from sharethings.crypto.record import RecordCipher, record_name
from sharethings.protocol.ids import decode_bytes, encode_bytes
from sharethings.protocol.limits import KDF_ITERATIONS_DEFAULT, NONCE_BYTES, SUITE
from sharethings.protocol.requests import SessionCreate

if TYPE_CHECKING:
    from sharethings.client.unfinished import Header
    from sharethings.crypto.dedup import Convergent
    from sharethings.protocol.replies import Content as Row
    from sharethings.protocol.replies import Hello, Joined


@dataclass(frozen=True, slots=True)
class Terms:
    """How a session derives its keys, as hello tells it."""

    suite: int
    salt: bytes
    iterations: int
    fingerprint_iv: bytes

    @classmethod
    def of(cls, hello: Hello) -> Terms:
        """Read the reply. Raises ServerRefusedError when parts are missing."""
        if hello.suite is None or not hello.salt or hello.iterations is None:
            raise ServerRefusedError
        iv = decode_bytes(hello.fingerprint_iv or "")
        return cls(hello.suite, decode_bytes(hello.salt), hello.iterations, iv)


class SessionKeys:
    """All keys of a session; blocking calls of some 0.2 s are marked and belong in a thread."""

    def __init__(self, session_id: str, passphrase: str) -> None:
        """Take what the keys follow from."""
        self.session_id = session_id
        self._place = bytes.fromhex(session_id)
        self._passphrase: str | None = passphrase
        self._terms: Terms | None = None
        self._root_key = b""
        self._fingerprint = fingerprint.Fingerprint(b"", b"", b"")
        self._session_key = b""
        self._epoch = 0
        self._events: EventCipher | None = None
        self._seq = 0

    def derive(self, terms: Terms) -> None:
        """Derive the root key, once; blocks. Raises CryptoError, PassphraseChangedError."""
        if terms == self._terms:
            return
        if self._passphrase is None:
            raise PassphraseChangedError
        if terms.suite != SUITE:
            raise SuiteError
        root = derive_root_key(self._passphrase, self._place, terms.salt, terms.iterations)
        self._root_key = root
        self._fingerprint = fingerprint.make_fingerprint(root, self._place, terms.fingerprint_iv)
        self._terms = terms

    def create(self) -> SessionCreate:
        """Make a new session on fresh terms; blocks."""
        terms = Terms(
            SUITE,
            secrets.token_bytes(16),
            KDF_ITERATIONS_DEFAULT,
            secrets.token_bytes(NONCE_BYTES),
        )
        self.derive(terms)
        box = boxes.seal_key_box(
            self._root_key,
            self._place,
            1,
            secrets.token_bytes(NONCE_BYTES),
            secrets.token_bytes(32),
        )
        owner_hash = sha256(label("owner") + secrets.token_bytes(32)).digest()
        return SessionCreate(
            session_id=self.session_id,
            suite=terms.suite,
            salt=encode_bytes(terms.salt),
            iterations=terms.iterations,
            fingerprint_iv=encode_bytes(terms.fingerprint_iv),
            fingerprint_data=encode_bytes(self._fingerprint.fingerprint_data),
            server_key=encode_bytes(self._fingerprint.server_key),
            key_box=encode_bytes(box),
            owner_hash=encode_bytes(owner_hash),
        )

    def prove(self, client_nonce: bytes, server_nonce: bytes) -> bytes:
        """Give the proof for one challenge."""
        return fingerprint.make_proof(self._fingerprint, self._place, client_nonce, server_nonce)

    def enter(
        self,
        joined: Joined,
        member_id: str,
        client_nonce: bytes,
        server_nonce: bytes,
        proof: bytes,
    ) -> None:
        """Check the server's signature and open the session key; the passphrase is forgotten.

        Raises ServerRefusedError when the server does not hold this session.
        """
        expected = fingerprint.make_signature(
            self._fingerprint.server_key, self._place, client_nonce, server_nonce, proof
        )
        try:
            fingerprint.check_signature(expected, decode_bytes(joined.sig))
            self._epoch, self._session_key = boxes.open_key_box(
                self._root_key, self._place, decode_bytes(joined.key_box)
            )
        except (CryptoError, ValueError) as error:
            raise ServerRefusedError from error
        self._passphrase = None
        self.member_id = member_id
        self._events = self._event_cipher(member_id)
        self._seq = 0

    def _event_cipher(self, member_id: str) -> EventCipher:
        return EventCipher(self._session_key, self._place, self._epoch, bytes.fromhex(member_id))

    def convergent(self, chunk_size: int, size: int, plain_digests: list[bytes]) -> Convergent:
        """Derive what equal files of this session have in common (protocol.md 8)."""
        return make_convergent(
            self._session_key, self._place, self._epoch, chunk_size, size, plain_digests
        )

    def new_content(self, content_id: str, content_key: bytes | None = None) -> tuple[bytes, str]:
        """Give the key of a new content, drawn if none is given, and its box as on the wire."""
        content_key = content_key or secrets.token_bytes(32)
        box = boxes.seal_content_box(
            self._session_key,
            self._place,
            self._epoch,
            bytes.fromhex(content_id),
            secrets.token_bytes(NONCE_BYTES),
            content_key,
        )
        return content_key, encode_bytes(box)

    def content_key(self, row: Row | Header) -> bytes:
        """Open a content's key. Raises DamagedError."""
        try:
            return boxes.open_content_box(
                self._session_key,
                self._place,
                bytes.fromhex(row.content_id),
                decode_bytes(row.content_box),
            )
        except (CryptoError, ValueError) as error:
            raise DamagedError from error

    def open_content(self, row: Row) -> Content | Unreadable:
        """Open a row's manifest."""
        try:
            revision, members = open_manifest(
                self.content_key(row),
                self._place,
                bytes.fromhex(row.content_id),
                decode_bytes(row.manifest),
            )
            return Content(row, read_manifest(members), revision, members)
        except (CryptoError, DamagedError, ValueError):
            return Unreadable(row)

    def seal_manifest(
        self, content_key: bytes, content_id: str, revision: int, members: dict[str, Any]
    ) -> str:
        """Seal a manifest; as on the wire. Raises LimitError above 16 KiB."""
        sealed = seal_manifest(
            content_key,
            self._place,
            bytes.fromhex(content_id),
            revision,
            secrets.token_bytes(NONCE_BYTES),
            msgspec.json.encode(members),
        )
        return encode_bytes(sealed)

    def chunk_cipher(self, content_key: bytes, blob_id: str, chunk_size: int) -> ChunkCipher:
        """Give the cipher of a content's chunks."""
        return ChunkCipher(content_key, self._place, bytes.fromhex(blob_id), chunk_size)

    def record_cipher(self, salt: bytes) -> RecordCipher:
        """Give the cipher of a file that this client keeps about the session."""
        return RecordCipher(self._session_key, self._place, self._epoch, salt)

    def record_name(self, about: bytes) -> str:
        """Give the name of such a file."""
        return record_name(self._session_key, self._place, about)

    def seal_event(self, event: dict[str, Any], *, kept: bool) -> str:
        """Seal an event of this member; as on the wire."""
        if self._events is None:
            raise ServerRefusedError
        seq, self._seq = self._seq, self._seq + 1
        return encode_bytes(self._events.seal(seq, msgspec.json.encode(event), kept=kept))

    def open_event(self, member_id: str, sealed: str) -> tuple[int, dict[str, Any]] | None:
        """Give (seq, event) of another member's event; None when it cannot be opened."""
        try:
            return self._event_cipher(member_id).open(decode_bytes(sealed))
        except (CryptoError, ValueError):
            return None
