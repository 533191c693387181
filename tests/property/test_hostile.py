"""A hostile server between members: whatever it says in place of the truth is refused.

Some seven thousand lies, each in one answer to the client as members have it, and each refused
with the error of its kind before a byte came out that is not the sender's.
client/src/store/hostile.test.ts tells three thousand more to the browser.
"""

from __future__ import annotations

import asyncio
import io
import random
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec
import pytest

from sharethings.client.contents import Content
from sharethings.client.control import Control
from sharethings.client.download import Download
from sharethings.client.errors import ClientError, RolledBackError
from sharethings.client.join import enter
from sharethings.client.keys import SessionKeys
from sharethings.client.pages import catch_up
from sharethings.client.pipe import Pipe
from sharethings.client.saving import save
from sharethings.client.sending import Upload
from sharethings.client.state import State
from sharethings.client.upload import share_text
from sharethings.protocol import replies
from sharethings.protocol.ids import decode_bytes
from sharethings.protocol.limits import CHUNK_SIZE_MIN_BYTES
from tests.property import lies
from tests.property.hostile import PASSPHRASE, PLACE, Hostile, Lie, stand_in

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
    from pathlib import Path

    from sharethings.client.session import Session

    Told = dict[str, int]

CHUNK_COUNT = 4
FILM_BYTES = CHUNK_COUNT * CHUNK_SIZE_MIN_BYTES
SAVED_COUNT = 40


class Cinema:
    """A session with films and notes on a hostile server, and a reader who has seen them all."""

    def __init__(self, hostile: Hostile, session: Session) -> None:
        self.hostile = hostile
        self.session = session
        self.given = b""
        """What the last reading has given out."""

    async def film(self, letter: bytes) -> lies.Film:
        """Share four full chunks."""
        plain = letter * FILM_BYTES
        upload = Upload(self.session, "file", "film.mkv", "", CHUNK_SIZE_MIN_BYTES)
        pieces = Pipe(io.BytesIO(plain)).pieces(CHUNK_SIZE_MIN_BYTES)
        await upload.send_stream(pieces, lambda _: None)
        return self._film(upload.content_id, plain)

    async def note(self, note: str) -> lies.Film:
        return self._film(await share_text(self.session, note), note.encode())

    def _film(self, content_id: str, plain: bytes) -> lies.Film:
        row, keys = self.hostile.rows[content_id], self.session.keys
        count = -(-len(plain) // row.chunk_size)
        chunks = [self.hostile.chunks.get((content_id, index)) for index in range(count)]
        if row.chunk is not None:
            chunks = [decode_bytes(row.chunk)]
        cipher = keys.chunk_cipher(keys.content_key(row), row.blob_id, row.chunk_size)
        again = [
            cipher.seal(index, piece, b"another", last=index == count - 1)
            for index, piece in enumerate(_cut(plain, row.chunk_size))
        ]
        older = self.hostile.older.get(content_id, row.manifest)
        return lies.Film(row, plain, older, tuple(filter(None, chunks)), tuple(again))

    async def enter(self, keys: SessionKeys) -> replies.Joined:
        """Join, or join again, over a new connection."""
        control = Control(PLACE, self.session.bulk._http)
        await control.open()
        try:
            return await enter(control, keys, since=None)
        finally:
            await control.close()

    async def look(self) -> None:
        """Ask what there is, and take it in."""
        link = await self.session.joined()
        await catch_up(self.session.state, lambda ask: link.control.request(ask, replies.Page))

    def found(self, content_id: str) -> Content:
        """Give a content that was listed. Raises what is wrong with it."""
        found = self.session.state.contents[content_id]
        if not isinstance(found, Content):
            raise found.reason
        return found

    async def read(self, content_id: str) -> bytes:
        self.given = b""
        async for piece in Download(self.session, self.found(content_id)).pieces():
            self.given += piece
        return self.given


def dice(seed: int) -> random.Random:
    """Give the same throws at every run."""
    return random.Random(seed)  # noqa: S311 - not secret


def _cut(plain: bytes, size: int) -> list[bytes]:
    return [plain[at : at + size] for at in range(0, len(plain), size)]


async def refuse(
    hostile: Hostile,
    untrue: Iterable[Lie],
    door: Callable[[], Awaitable[object]],
    check: Callable[[], object] = lambda: None,
) -> Told:
    """Tell each lie at a door; gives how many of each kind were refused."""
    told: Counter[str] = Counter()
    await door()  # as it is without any
    for lie in untrue:
        hostile.lie = lie
        with pytest.raises(ClientError) as refused:
            await door()
        assert refused.type is lie.error, (lie, refused.value)
        check()
        told[lie.kind] += 1
    hostile.lie = None
    await door()  # nothing of them has stayed
    return told


@pytest.fixture
async def cinema(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Cinema]:
    hostile = Hostile()
    async with hostile.joined(monkeypatch) as session:
        yield Cinema(hostile, session)


@pytest.fixture
def told() -> Iterator[Counter[str]]:
    """The lies that a test has told, by kind."""
    counted: Counter[str] = Counter()
    yield counted
    print("", *(f"{count:6} {kind}" for kind, count in counted.items()), sep="\n")  # noqa: T201


async def test_who_joins_derives_no_key_on_weaker_terms(cinema: Cinema, told: Counter[str]):
    session_id = cinema.session.keys.session_id

    async def door() -> None:
        if cinema.hostile.lie is not None:
            await cinema.enter(SessionKeys(session_id, PASSPHRASE))

    await cinema.enter(SessionKeys(session_id, PASSPHRASE))
    told.update(await refuse(cinema.hostile, lies.weaker(dice(1)), door))
    assert told.total() >= 690


async def test_who_comes_back_meets_the_same_server(
    cinema: Cinema, told: Counter[str], monkeypatch: pytest.MonkeyPatch
):
    elsewhere = Hostile()
    async with elsewhere.joined(monkeypatch) as session:
        other = msgspec.to_builtins(await Cinema(elsewhere, session).enter(session.keys))
    stand_in(cinema.hostile, monkeypatch)
    keys = cinema.session.keys
    earlier = msgspec.to_builtins(await cinema.enter(keys))
    for untrue in (lies.changed_terms(), lies.false_servers(earlier, other)):
        told.update(await refuse(cinema.hostile, untrue, lambda: cinema.enter(keys)))
    assert told.total() >= 1750


@pytest.fixture
async def strangers(cinema: Cinema, monkeypatch: pytest.MonkeyPatch) -> list[tuple[lies.Film, ...]]:
    """A film and a note of the same session, and such of another."""
    elsewhere = Hostile()
    async with elsewhere.joined(monkeypatch) as session:
        there = Cinema(elsewhere, session)
        found: list[tuple[lies.Film, ...]] = [
            (await one.film(b"?"), await one.note("?" * 256)) for one in (cinema, there)
        ]
    stand_in(cinema.hostile, monkeypatch)
    return found


async def test_what_is_listed_is_what_a_member_has_sealed(
    cinema: Cinema, strangers: list[tuple[lies.Film, ...]], told: Counter[str]
):
    film, note = await cinema.film(b"!"), await cinema.note("!" * 256)
    session = cinema.session
    await cinema.look()
    seen = session.state

    async def door() -> None:
        session.state = replace(
            seen, contents=dict(seen.contents), _manifests=dict(seen._manifests)
        )
        await cinema.look()
        assert await cinema.read(film.row.content_id) == film.plain
        assert await cinema.read(note.row.content_id) == note.plain

    films, others = zip(*strangers, strict=True)
    for untrue in (lies.rows(film, films), lies.notes(note, others, dice(2))):
        told.update(await refuse(cinema.hostile, untrue, door))
    assert told.total() >= 2250


async def test_what_is_read_is_what_its_sender_has_sent(
    cinema: Cinema, strangers: list[tuple[lies.Film, ...]], told: Counter[str], tmp_path: Path
):
    film = await cinema.film(b"!")
    await cinema.look()
    content_id = film.row.content_id

    def check() -> None:
        assert cinema.given != film.plain
        assert film.plain.startswith(cinema.given)

    untrue = list(lies.chunks(film, [one for one, _ in strangers], dice(3)))
    told.update(await refuse(cinema.hostile, untrue, lambda: cinema.read(content_id), check))

    async def door() -> None:
        target = tmp_path / "film.mkv"
        await save(cinema.session, cinema.found(content_id), target, lambda _: None)
        assert target.read_bytes() == film.plain
        target.unlink()

    def check_folder() -> None:
        assert list(tmp_path.iterdir()) == []

    some = dice(4).sample(untrue, SAVED_COUNT)
    told.update(await refuse(cinema.hostile, some, door, check_folder))
    assert told.total() >= 2790


async def test_numbers_in_clear_are_not_believed(cinema: Cinema):
    film = await cinema.film(b"!")
    await cinema.look()
    for tell in lies.numbers(film):
        cinema.hostile.lie = Lie("a number", ClientError, lies.LIST, tell)
        cinema.session.state = State(cinema.session.keys)
        await cinema.look()
        assert await cinema.read(film.row.content_id) == film.plain


async def test_a_newcomer_is_not_given_the_first_description_as_the_last(
    cinema: Cinema,
):
    film = await cinema.film(b"!")
    cinema.hostile.lie = lies.first_as_last(film)
    await cinema.look()
    with pytest.raises(RolledBackError):
        async with asyncio.timeout(10):
            await cinema.read(film.row.content_id)
    assert film.plain.startswith(cinema.given)
    assert cinema.given != film.plain
