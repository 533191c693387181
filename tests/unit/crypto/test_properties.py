from __future__ import annotations

import hashlib
import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharethings.crypto import boxes, link
from sharethings.crypto.chunk import ChunkCipher
from sharethings.crypto.errors import (
    AuthenticationError,
    CryptoError,
    FormatError,
    LimitError,
    SuiteError,
)
from sharethings.crypto.event import EventCipher
from sharethings.crypto.fingerprint import check_signature
from sharethings.crypto.kdf import derive_session_id
from sharethings.crypto.manifest import open_manifest, read_object, seal_manifest
from sharethings.crypto.padme import padme
from sharethings.crypto.passphrase import WORDS_COUNT, generate_passphrase, words
from sharethings.protocol.ids import encode_bytes

KEY, SESSION, CONTENT, NONCE = bytes(32), bytes([1]) * 32, bytes([2]) * 16, bytes(12)


def newer(sealed: bytes) -> bytes:
    return sealed[:2] + b"\x02" + sealed[3:]


@given(st.binary(max_size=16384), st.binary(min_size=7, max_size=7))
def test_a_single_chunk_opens_to_what_was_sealed(plain: bytes, prefix: bytes):
    cipher = ChunkCipher(KEY, SESSION, CONTENT, 16384)
    chunk = cipher.seal(0, plain, prefix, last=True)
    assert len(chunk) == len(plain) + 32
    assert cipher.open(0, chunk, last=True) == plain


@given(st.data())
def test_any_flipped_bit_of_a_chunk_is_refused(data: st.DataObject):
    cipher = ChunkCipher(KEY, SESSION, CONTENT, 16384)
    chunk = bytearray(cipher.seal(0, b"garden", bytes(7), last=True))
    bit = data.draw(st.integers(0, len(chunk) * 8 - 1))
    chunk[bit // 8] ^= 1 << bit % 8
    with pytest.raises(CryptoError):
        cipher.open(0, bytes(chunk), last=True)


@pytest.mark.parametrize("size", [0, 3, 8192, 16385, 24576, 2**23])
def test_a_chunk_size_that_is_not_allowed_is_refused(size: int):
    with pytest.raises(LimitError):
        ChunkCipher(KEY, SESSION, CONTENT, size)


@pytest.mark.parametrize(
    ("index", "size", "last"),
    [(0, 16383, False), (0, 16385, True), (1, 0, True), (2**20, 16384, False), (-1, 1, True)],
)
def test_a_piece_of_the_wrong_length_is_not_sealed(index: int, size: int, last: bool):
    with pytest.raises(LimitError):
        ChunkCipher(KEY, SESSION, CONTENT, 16384).seal(index, bytes(size), bytes(7), last=last)


def test_a_short_chunk_that_claims_to_be_inner_is_refused():
    small = ChunkCipher(KEY, SESSION, CONTENT, 16384).seal(0, bytes(16384), bytes(7), last=False)
    with pytest.raises(FormatError):
        ChunkCipher(KEY, SESSION, CONTENT, 32768).open(0, small, last=False)


def test_what_a_newer_suite_sealed_says_so():
    cipher = ChunkCipher(KEY, SESSION, CONTENT, 16384)
    event = EventCipher(KEY, SESSION, 1, CONTENT)
    for refused in (
        lambda: cipher.open(0, newer(cipher.seal(0, b"x", bytes(7), last=True)), last=True),
        lambda: event.open(newer(event.seal(0, b"{}", kept=False))),
        lambda: boxes.open_key_box(
            KEY, SESSION, newer(boxes.seal_key_box(KEY, SESSION, 1, NONCE, KEY))
        ),
        lambda: open_manifest(
            KEY, SESSION, CONTENT, newer(seal_manifest(KEY, SESSION, CONTENT, 1, NONCE, b"{}"))
        ),
    ):
        with pytest.raises(SuiteError, match="Update this client"):
            refused()


def test_one_kind_of_box_is_not_taken_for_the_other():
    box = boxes.seal_key_box(KEY, SESSION, 1, NONCE, KEY)
    with pytest.raises(FormatError):
        boxes.open_content_box(KEY, SESSION, CONTENT, box)


def test_a_content_box_commits_to_its_key():
    box = bytearray(boxes.seal_content_box(KEY, SESSION, 1, CONTENT, NONCE, KEY))
    box[20] ^= 1
    with pytest.raises(AuthenticationError):
        boxes.open_content_box(KEY, SESSION, CONTENT, bytes(box))


def test_a_manifest_above_16_kib_is_not_sealed():
    with pytest.raises(LimitError):
        seal_manifest(KEY, SESSION, CONTENT, 1, NONCE, b'"' + b"x" * 16384 + b'"')


def test_a_manifest_of_another_kind_is_refused():
    manifest = bytearray(seal_manifest(KEY, SESSION, CONTENT, 1, NONCE, b"{}"))
    manifest[3] = 5
    with pytest.raises(FormatError):
        open_manifest(KEY, SESSION, CONTENT, bytes(manifest))


@pytest.mark.parametrize("plain", [b"[]", b"\xff", b"{", b"null", b'{"a":1}x'])
def test_only_a_json_object_is_read(plain: bytes):
    with pytest.raises(FormatError):
        read_object(plain)


def test_events_are_refused_when_damaged_or_of_another_member():
    mine = EventCipher(KEY, SESSION, 1, CONTENT)
    event = mine.seal(7, b'{"t":"typing"}', kept=False)
    with pytest.raises(FormatError):
        EventCipher(KEY, SESSION, 1, bytes(16)).open(event)
    with pytest.raises(FormatError):
        mine.open(event[:30])
    with pytest.raises(AuthenticationError):
        mine.open(event[:-1] + bytes([event[-1] ^ 1]))


@given(st.integers(1, 2**44))
def test_padding_never_shrinks_and_adds_at_most_an_eighth(size: int):
    padded = padme(size)
    assert padded >= size
    assert padded <= max(256, size * 9 // 8)
    assert padme(padded) == padded


@given(st.text(min_size=1, max_size=40), st.text(max_size=40))
def test_a_link_with_a_typo_is_refused(name: str, passphrase: str):
    try:
        text = link.make_link(name, passphrase)
    except LimitError:
        return
    wrong = ("B" if text[10] != "B" else "C").join((text[:10], text[11:]))
    with pytest.raises(CryptoError):
        link.read_link(wrong)


@pytest.mark.parametrize("text", ["", "AQ", "!", "AgAGZ2FyZGVu", "AQAGZ2FyZGVuY29ycmVjdC"])
def test_what_is_no_link_is_refused(text: str):
    with pytest.raises(FormatError):
        link.read_link(text)


def test_a_link_whose_text_is_not_utf8_is_refused():
    body = b"\x01\x00\x01\xff"
    check = hashlib.sha256(b"ShareThings/1 link\0" + body).digest()[:4]
    with pytest.raises(FormatError):
        link.read_link(encode_bytes(body + check))


@pytest.mark.parametrize("name", ["", " \t\n", "x" * 256, "é" * 128])
def test_a_session_name_has_1_to_255_bytes(name: str):
    with pytest.raises(LimitError):
        derive_session_id(bytes(16), name)
    with pytest.raises(LimitError):
        link.make_link(name, "x")


def test_another_servers_signature_is_refused():
    check_signature(b"same", b"same")
    with pytest.raises(AuthenticationError):
        check_signature(b"same", b"other")


def test_the_word_list_holds_2048_words_that_the_first_five_letters_tell_apart():
    found = words()
    assert len(set(found)) == WORDS_COUNT == len({word[:5] for word in found} | set(found[:0]))
    assert list(found) == sorted(found)
    assert all(word.isascii() and word.islower() and 3 <= len(word) <= 8 for word in found)


def test_a_generated_passphrase_has_seven_words():
    assert generate_passphrase(lambda _: 0) == "-".join([words()[0]] * 7)
    made = {generate_passphrase(secrets.randbelow) for _ in range(20)}
    assert len(made) == 20
    assert all(set(one.split("-")) <= set(words()) for one in made)
