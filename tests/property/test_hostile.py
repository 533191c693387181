"""A hostile server between members: whatever it says in place of the truth is refused.

Some twelve thousand lies, each in one answer or announcement to the client as members have it, and
each refused with the error of its kind before a byte came out that is not the sender's.
client/src/store/hostile.test.ts tells seven thousand more to the browser.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec
import pytest

from sharethings.client.errors import ClientError, ForeignError, RolledBackError
from sharethings.client.keys import SessionKeys
from sharethings.client.saving import save
from sharethings.client.state import State
from tests.property import lies
from tests.property.cinema import Cinema, dice, refuse
from tests.property.hostile import PASSPHRASE, Hostile, stand_in
from tests.property.lie import Lie

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
    from pathlib import Path


SAVED_COUNT = 40
STREAMED: frozenset[type[Exception]] = frozenset({ForeignError})
"""What a wrong length and a wrong end are, where nobody knows yet how long it is."""


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


def copy_of(seen: State) -> State:
    """Give what a session knew, so that what it learns from here on is learnt by the copy alone."""
    return replace(seen, contents=dict(seen.contents), _manifests=dict(seen._manifests))


@pytest.mark.parametrize("learn", [Cinema.look, Cinema.hear], ids=["listed", "announced"])
async def test_a_row_is_what_a_member_has_sealed(
    cinema: Cinema,
    strangers: list[tuple[lies.Film, ...]],
    told: Counter[str],
    learn: Callable[[Cinema], Awaitable[None]],
):
    film, note = await cinema.film(b"!"), await cinema.note("!" * 256)
    session = cinema.session
    await cinema.look()
    seen = session.state

    async def door() -> None:
        session.state = copy_of(seen)
        await learn(cinema)
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


async def test_what_is_read_while_it_is_sent_is_what_was_sent(
    cinema: Cinema, strangers: list[tuple[lies.Film, ...]], told: Counter[str]
):
    film = await cinema.film(b"!")
    content_id, rows = film.row.content_id, cinema.hostile.rows
    rows[content_id] = sent = msgspec.structs.replace(
        film.row, revision=film.row.revision - 1, manifest=film.first_manifest, state="uploading"
    )
    session = cinema.session
    await cinema.look()
    seen = session.state

    async def door() -> None:
        session.state = copy_of(seen)
        reading = asyncio.create_task(cinema.read(content_id))
        if cinema.hostile.lie is None:  # a lie is refused before the end is heard of
            await asyncio.sleep(0)
            rows[content_id] = film.row
            await cinema.hear()
            rows[content_id] = sent
        assert await reading == film.plain

    def check() -> None:
        assert cinema.given != film.plain
        assert film.plain.startswith(cinema.given)

    untrue = lies.chunks(film, [one for one, _ in strangers], dice(5))
    at_once = [lie for lie in untrue if lie.kind not in lies.SEEN_AT_THE_END]
    told.update(await refuse(cinema.hostile, at_once, door, check, STREAMED))
    assert told.total() >= 2700
