"""Keys as they are after a join, with a server that does its part, and rows of that session."""

from __future__ import annotations

import secrets
from hashlib import sha256
from typing import TYPE_CHECKING

import msgspec

from sharethings.client.contents import Content
from sharethings.client.keys import SessionKeys, Terms
from sharethings.crypto import boxes
from sharethings.crypto.chunk import make_root
from sharethings.crypto.fingerprint import make_signature
from sharethings.protocol.ids import encode_bytes
from sharethings.protocol.limits import SUITE
from sharethings.protocol.replies import Content as Row
from sharethings.protocol.replies import Joined, Page, Policy

if TYPE_CHECKING:
    from sharethings.client.state import State

PLACE = "ab" * 16
ME, ADA = "01" * 16, "02" * 16
NONCE = bytes(32)
CHUNK_SIZE = 16384


def make_keys() -> SessionKeys:
    made = SessionKeys(PLACE, "correct-horse-battery-staple")
    made.derive(Terms(SUITE, bytes(16), 600_000, bytes(12)))
    return enter(made, ME)


def enter(made: SessionKeys, member_id: str) -> SessionKeys:
    place = bytes.fromhex(PLACE)
    proof = made.prove(NONCE, NONCE)
    signature = make_signature(made._fingerprint.server_key, place, NONCE, NONCE, proof)
    box = boxes.seal_key_box(made._root_key, place, 1, secrets.token_bytes(12), bytes(32))
    page = Page(revision=0, through=0, contents=[])
    joined = Joined(
        sig=encode_bytes(signature),
        token=encode_bytes(NONCE),
        epoch=1,
        key_box=encode_bytes(box),
        created_at=1,
        policy=Policy(idle_seconds=0),
        page=page,
    )
    made.enter(joined, member_id, NONCE, NONCE, proof)
    return made


def row(
    keys: SessionKeys,
    number: int,
    revision: int,
    name: str = "plan.txt",
    manifest_revision: int = 1,
    **changes: object,
) -> Row:
    """A file that is still being sent; `changes` are members of its manifest."""
    content_id = f"{number:032x}"
    key, box = keys.new_content(content_id)
    members = {
        "v": 1,
        "kind": "file",
        "name": name,
        "mime": "text/plain",
        "chunk_size": CHUNK_SIZE,
        "created": 1,
        "sender": "Ada",
    } | changes
    return Row(
        content_id=content_id,
        blob_id=content_id,
        position=number,
        revision=revision,
        state="uploading",
        chunk_size=CHUNK_SIZE,
        created_at=1,
        content_box=box,
        manifest=keys.seal_manifest(key, content_id, manifest_revision, members),
    )


def text_row(keys: SessionKeys, number: int, text: str, **changes: object) -> Row:
    """A small text; `changes` are members of its manifest."""
    content_id = f"{number:032x}"
    key, box = keys.new_content(content_id)
    cipher = keys.chunk_cipher(key, content_id, CHUNK_SIZE)
    chunk = cipher.seal(0, text.encode().ljust(64, b"\0"), secrets.token_bytes(7), last=True)
    members = {
        "v": 1,
        "kind": "text",
        "name": "",
        "mime": "text/plain",
        "chunk_size": CHUNK_SIZE,
        "created": 1,
        "sender": "Ada",
        "size": len(text.encode()),
        "chunks": 1,
        "root": make_root([sha256(chunk).digest()]).hex(),
    } | changes
    return Row(
        content_id=content_id,
        blob_id=content_id,
        position=number,
        revision=number,
        state="complete",
        chunk_size=CHUNK_SIZE,
        chunk_count=1,
        created_at=1,
        content_box=box,
        manifest=keys.seal_manifest(key, content_id, 1, members),
        chunk=encode_bytes(chunk),
    )


def page(revision: int, *rows: Row, **more: object) -> Page:
    given = {"revision": revision, "through": revision, "contents": list(rows), **more}
    return msgspec.convert(msgspec.to_builtins(given), Page)


def names(state: State) -> list[str]:
    return [one.manifest.name for one in state.ordered() if isinstance(one, Content)]
