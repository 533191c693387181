"""Every entry of st1.json in Python: values must be reproduced, refusals refused."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from sharethings.core import verifier
from sharethings.crypto import boxes, dedup, fingerprint, kdf, keys, link, padme
from sharethings.crypto.chunk import ChunkCipher, make_root
from sharethings.crypto.errors import AuthenticationError, CryptoError
from sharethings.crypto.event import EventCipher
from sharethings.crypto.manifest import open_manifest, seal_manifest

VECTORS = json.loads(Path(__file__).with_name("st1.json").read_text("utf-8"))
TEXT_INPUTS = {"text", "session_name", "passphrase"}


def _inputs(entry: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in entry["inputs"].items():
        is_hex = isinstance(value, str) and name not in TEXT_INPUTS
        if name == "plain" and isinstance(value, str):
            found[name] = value.encode()
        elif isinstance(value, list):
            found[name] = [bytes.fromhex(one) for one in value]
        else:
            found[name] = bytes.fromhex(value) if is_hex else value
    return found


def _shake(plain: dict[str, Any]) -> bytes:
    whole = hashlib.shake_256(plain["shake256"].encode()).digest(plain["size"])
    return whole[plain["from"] : plain["to"]]


def _norm(text: str) -> str:
    return keys.norm(text).hex()


def _session_id(realm: bytes, session_name: str) -> str:
    return kdf.derive_session_id(realm, session_name).hex()


def _root_key(**given: Any) -> str:
    return kdf.derive_root_key(**given).hex()


def _fingerprint(**given: Any) -> dict[str, str]:
    made = fingerprint.make_fingerprint(**given)
    return {name: getattr(made, name).hex() for name in made.__slots__}


def _proof(
    client_key: bytes,
    fingerprint_data: bytes,
    session_id: bytes,
    client_nonce: bytes,
    server_nonce: bytes,
) -> str:
    made = fingerprint.Fingerprint(client_key, fingerprint_data, b"")
    return fingerprint.make_proof(made, session_id, client_nonce, server_nonce).hex()


def _signature(**given: Any) -> str:
    made = fingerprint.make_signature(**given)
    assert made == verifier.sign(**given)
    return made.hex()


def _verify_proof(**given: Any) -> bool:
    if not verifier.verify_proof(**given):
        raise AuthenticationError
    return True


def _open_key_box(root_key: bytes, session_id: bytes, key_box: bytes) -> dict[str, Any]:
    epoch, session_key = boxes.open_key_box(root_key, session_id, key_box)
    return {"epoch": epoch, "session_key": session_key.hex()}


def _open_content_box(
    session_key: bytes, session_id: bytes, content_id: bytes, content_box: bytes
) -> str:
    return boxes.open_content_box(session_key, session_id, content_id, content_box).hex()


def _open_manifest(**given: Any) -> dict[str, Any]:
    revision, manifest = open_manifest(**given)
    return {"revision": revision, "manifest": manifest}


def _seal_chunk(
    content_key: bytes,
    session_id: bytes,
    blob_id: bytes,
    index: int,
    last: bool,
    chunk_size: int,
    prefix: bytes,
    plain: dict[str, Any],
) -> dict[str, Any]:
    cipher = ChunkCipher(content_key, session_id, blob_id, chunk_size)
    chunk = cipher.seal(index, _shake(plain), prefix, last=last)
    assert cipher.open(index, chunk, last=last) == _shake(plain)
    return {
        "sha256": hashlib.sha256(chunk).hexdigest(),
        "size": len(chunk),
        "head": chunk[:16].hex(),
        "tail": chunk[-16:].hex(),
    }


def _open_chunk(
    content_key: bytes,
    session_id: bytes,
    blob_id: bytes,
    index: int,
    last: bool,
    chunk_size: int,
    chunk: bytes,
) -> dict[str, str]:
    cipher = ChunkCipher(content_key, session_id, blob_id, chunk_size)
    return {"sha256": hashlib.sha256(cipher.open(index, chunk, last=last)).hexdigest()}


def _seal_event(
    session_key: bytes,
    session_id: bytes,
    epoch: int,
    member_id: bytes,
    seq: int,
    kept: bool,
    plain: bytes,
) -> str:
    cipher = EventCipher(session_key, session_id, epoch, member_id)
    event = cipher.seal(seq, plain, kept=kept)
    assert cipher.open(event) == (seq, json.loads(plain))
    return event.hex()


def _dedup(**given: Any) -> dict[str, str]:
    given["plain_digests"] = given.pop("plain_sha256")
    made = dedup.make_convergent(**given)
    return {name: getattr(made, name).hex() for name in made.__slots__}


def _link(session_name: str, passphrase: str) -> str:
    text = link.make_link(session_name, passphrase)
    assert [one.encode() for one in link.read_link(text)] == [
        keys.norm(session_name),
        keys.norm(passphrase),
    ]
    return text


OPS: dict[str, Any] = {
    "norm": _norm,
    "session_id": _session_id,
    "root_key": _root_key,
    "fingerprint": _fingerprint,
    "proof": _proof,
    "signature": _signature,
    "verify_proof": _verify_proof,
    "seal_key_box": lambda **given: boxes.seal_key_box(**given).hex(),
    "seal_content_box": lambda **given: boxes.seal_content_box(**given).hex(),
    "open_key_box": _open_key_box,
    "open_content_box": _open_content_box,
    "seal_manifest": lambda **given: seal_manifest(**given).hex(),
    "open_manifest": _open_manifest,
    "seal_chunk": _seal_chunk,
    "open_chunk": _open_chunk,
    "root": lambda chunk_sha256: make_root(chunk_sha256).hex(),
    "seal_event": _seal_event,
    "dedup": _dedup,
    "padme": padme.padme,
    "link": _link,
}


def _run(entry: dict[str, Any]) -> Any:
    return OPS[entry["op"]](**_inputs(entry))


@pytest.mark.parametrize("entry", VECTORS["values"], ids=lambda entry: entry["name"])
def test_value(entry: dict[str, Any]):
    assert _run(entry) == entry["output"]


@pytest.mark.parametrize("entry", VECTORS["refusals"], ids=lambda entry: entry["name"])
def test_refusal(entry: dict[str, Any]):
    with pytest.raises(CryptoError) as caught:
        _run(entry)
    assert entry["expect"] in {"any", caught.value.kind}


def test_nothing_is_left_out():
    assert (len(VECTORS["values"]), len(VECTORS["refusals"])) == (74, 161)
    assert {entry["op"] for part in ("values", "refusals") for entry in VECTORS[part]} == set(OPS)
