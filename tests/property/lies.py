"""What a hostile server may say in place of the truth, and what each lie must be refused with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sharethings.client import errors
from sharethings.protocol.ids import decode_bytes, encode_bytes
from sharethings.protocol.limits import (
    CHUNK_OVERHEAD_BYTES,
    KDF_ITERATIONS_DEFAULT,
    KDF_ITERATIONS_MAX,
)
from tests.property.lie import Lie, always, at, flip, text

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterator, Sequence

    from sharethings.protocol import replies

NO_TERMS: tuple[object, ...] = (None, "", "!", True, 1.5, [], {}, "600000")
NO_BYTES: tuple[object, ...] = (None, "", "=", 1, [], {})
HELLO, JOIN, LIST = "session:hello", "session:join", "content:list"
BODY_FLIPS_COUNT = 220
CUTS_COUNT = 100
SMALLEST_MANIFEST_BYTES = 36
ALWAYS_THERE = ("stored_count", "stored_bytes", "position")
LATER = 10**9
"""A revision of the session that no row has yet."""
INDEX_BITS = range(8 * (4 + 7), 8 * (4 + 7 + 4))
LAST_KIND_BIT = 24
SEEN_AT_THE_END = {"chunk, of two attempts", "chunk, left out"}
"""Until a content is complete, these could be true of it."""


def cut(size: int) -> Callable[[bytes], bytes]:
    """Leave so many bytes."""
    return lambda data: data[:size]


def extend(size: int) -> Callable[[bytes], bytes]:
    """Add so many bytes, such as stand there already."""
    return lambda data: data + (data * (size // len(data) + 1))[:size]


def weaker(dice: random.Random) -> Iterator[Lie]:
    """Key derivations that a client does not begin."""

    def terms(kind: str, error: type[Exception], name: str, value: object) -> Lie:
        return Lie(kind, error, HELLO, at(name, to=always(value)))

    refused = errors.TermsRefusedError
    bounds = (-1, 0, 1, 1000, KDF_ITERATIONS_DEFAULT - 1, KDF_ITERATIONS_MAX + 1, 2**32, 2**62)
    for count in (*bounds, *(dice.randrange(1, KDF_ITERATIONS_DEFAULT) for _ in range(400))):
        yield terms("weaker or endless KDF", refused, "iterations", count)
    for suite in (-1, 0, *range(2, 256)):
        yield terms("other suite", errors.ServerRefusedError, "suite", suite)
    for name in ("suite", "salt", "iterations", "fingerprint_iv"):
        for value in NO_TERMS:
            yield terms("terms left out or no terms", errors.ServerRefusedError, name, value)


def changed_terms() -> Iterator[Lie]:
    """Other terms than those that a member who comes back has derived its keys on."""
    changed = errors.PassphraseChangedError
    for name, bits in (("salt", 128), ("fingerprint_iv", 96)):
        for bit in range(bits):
            yield Lie("other salt or iv", changed, HELLO, at(name, to=text(flip(bit))))


def false_servers(earlier: dict[str, Any], elsewhere: dict[str, Any]) -> Iterator[Lie]:
    """Answers to a join by who does not hold the session; two are true of other joins."""
    refused = errors.ServerRefusedError

    def said(kind: str, name: str, to: Callable[[Any], Any], answer: str = JOIN) -> Lie:
        return Lie(kind, refused, answer, at(name, to=to))

    for bit in range(256):
        yield said("signature, a bit", "sig", text(flip(bit)))
        yield said("server nonce, a bit", "server_nonce", text(flip(bit)), HELLO)
    for bit in range(800):
        yield said("key box, a bit", "key_box", text(flip(bit)))
    for size in range(100):
        yield said("key box, cut", "key_box", text(cut(size)))
        yield said("key box, extended", "key_box", text(extend(size + 1)))
    for name in ("sig", "key_box"):
        yield said("join, replayed", name, always(elsewhere[name]))
        for value in NO_BYTES:
            yield said("join, no answer", name, always(value))
    yield said("join, replayed", "sig", always(earlier["sig"]))
    yield Lie("join, replayed", refused, JOIN, always(earlier))
    yield Lie("join, replayed", refused, JOIN, always(elsewhere))


@dataclass(frozen=True, slots=True)
class Film:
    """A content, and what else a server has seen or could have that looks like parts of it."""

    row: replies.Content
    plain: bytes
    first_manifest: str
    chunks: tuple[bytes, ...]
    again: tuple[bytes, ...]
    """The same pieces, sealed by the same sender in another attempt."""


def _row_lie(
    content_id: str, to: Callable[[Any], Any]
) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Change a row of a listing, under a later revision of the session."""

    def tell(page: dict[str, Any]) -> dict[str, Any]:
        (row,) = [row for row in page["contents"] if row["content_id"] == content_id]
        row["revision"] = LATER
        to(row)
        return page

    return tell


def rows(film: Film, strangers: Sequence[Film]) -> Iterator[Lie]:
    """Rows whose box or manifest is not the one that a member has sealed for this content."""
    damaged, older = errors.DamagedError, film.first_manifest

    def said(
        kind: str, name: str, to: Callable[[Any], Any], error: type[Exception] = damaged
    ) -> Lie:
        return Lie(kind, error, LIST, _row_lie(film.row.content_id, at(name, to=to)))

    for bit in range(800):
        yield said("content box, a bit", "content_box", text(flip(bit)))
    length = len(decode_bytes(film.row.manifest))
    for byte in range(length):
        yield said("manifest, a bit", "manifest", text(flip(8 * byte + byte % 8)))
    for size in range(SMALLEST_MANIFEST_BYTES, length, 4):
        yield said("manifest, cut", "manifest", text(cut(size)))
    for size in range(1, 100):
        yield said("manifest, extended", "manifest", text(extend(size)))
    for stranger in strangers:
        for name in ("content_box", "manifest"):
            yield said("box or manifest, swapped", name, always(getattr(stranger.row, name)))
        tell = _row_lie(film.row.content_id, _both_of(stranger.row))
        yield Lie("box or manifest, swapped", damaged, LIST, tell)
    yield said("manifest, rolled back", "manifest", always(older), errors.RolledBackError)
    for revision in range(2, 66):
        renumbered = older_as(older, revision)
        yield said("manifest, rolled back and renumbered", "manifest", always(renumbered))


def first_as_last(film: Film) -> Lie:
    """Say that a content is complete, and give the description of before it was."""
    tell = _row_lie(film.row.content_id, at("manifest", to=always(film.first_manifest)))
    return Lie("manifest, rolled back", errors.RolledBackError, LIST, tell)


def numbers(film: Film) -> Iterator[Callable[[Any], Any]]:
    """Say what a row says of its content in clear, and wrongly."""
    for name in ("chunk_count", "total_size", "stored_count", "stored_bytes", "position"):
        for value in (None, 0, 1, 3, 5, 2**40)[name in ALWAYS_THERE :]:
            yield _row_lie(film.row.content_id, at(name, to=always(value)))
    for state in ("uploading", "complete", "damaged"):
        yield _row_lie(film.row.content_id, at("state", to=always(state)))


def _both_of(other: replies.Content) -> Callable[[dict[str, Any]], None]:
    return lambda row: row.update(content_box=other.content_box, manifest=other.manifest)


def older_as(manifest: str, revision: int) -> str:
    """Write another revision into a manifest, where everybody can read it."""
    sealed = decode_bytes(manifest)
    return encode_bytes(sealed[:4] + revision.to_bytes(4, "big") + sealed[8:])


def chunks(film: Film, strangers: Sequence[Film], dice: random.Random) -> Iterator[Lie]:
    """Chunks that are not the ones of their places."""
    for index, chunk in enumerate(film.chunks):
        is_last = index == len(film.chunks) - 1

        def said(
            kind: str,
            error: type[Exception],
            to: Callable[[Any], Any],
            answer: str = f"chunk {index}",
        ) -> Lie:
            return Lie(f"chunk, {kind}", error, answer, to)

        for bit, error in _flips(chunk, dice, is_last=is_last):
            yield said("a bit", error, flip(bit))
        for size in (0, 1, 31, 32, *(dice.randrange(len(chunk)) for _ in range(CUTS_COUNT))):
            yield said("cut", errors.CutError, cut(size))
        for size in (1, 16, 32, *(dice.randrange(1, 9000) for _ in range(CUTS_COUNT))):
            yield said("extended", errors.ExtendedError, extend(size))
        for place, moved in enumerate(film.chunks):
            if place != index:
                yield said("of another place", errors.MisplacedError, always(moved))
        for stranger in strangers:
            moved = stranger.chunks[index]
            yield said("of another content or session", errors.ForeignError, always(moved))
        yield said("of two attempts", errors.MixedError, always(film.again[index]))
        yield said("left out", errors.IncompleteError, always(None))


def _flips(
    chunk: bytes, dice: random.Random, *, is_last: bool
) -> Iterator[tuple[int, type[Exception]]]:
    """Give bits of the header, the body and the tag, and what a reader sees by each."""
    tag = range(8 * (len(chunk) - 16), 8 * len(chunk))
    body = range(128, tag.start)
    for bit in (*range(128), *dice.sample(body, min(len(body), BODY_FLIPS_COUNT)), *tag):
        if bit in INDEX_BITS:
            yield bit, errors.MisplacedError
        elif bit == LAST_KIND_BIT:
            yield bit, errors.ExtendedError if is_last else errors.CutError
        else:
            yield bit, errors.ForeignError


def notes(note: Film, strangers: Sequence[Film], dice: random.Random) -> Iterator[Lie]:
    """Small contents, whose only chunk stands in the row."""
    (chunk,), (again,) = note.chunks, note.again

    def said(kind: str, error: type[Exception], to: Callable[[bytes], bytes]) -> Lie:
        tell = _row_lie(note.row.content_id, at("chunk", to=text(to)))
        return Lie(f"small content, {kind}", error, LIST, tell)

    for bit, error in _flips(chunk, dice, is_last=True):
        yield said("a bit", error, flip(bit))
    for size in range(CHUNK_OVERHEAD_BYTES, len(chunk)):
        yield said("cut", errors.CutError, cut(size))
    for size in range(1, 200):  # as far as anybody else can see, it could be padded so
        yield said("extended", errors.ForeignError, extend(size))
    for stranger in strangers:
        yield said("of another", errors.ForeignError, always(stranger.chunks[0]))
    yield said("of two attempts", errors.MixedError, always(again))
