"""What a server announces without a seal cannot be unmasked: it may hide something, and no more."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import pytest

from tests.property.cinema import Cinema
from tests.property.hostile import Hostile

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

NUMBERS = (-(2**53), -1, 0, 1, 3, 2**32, 2**53)


@pytest.fixture
async def cinema(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Cinema]:
    hostile = Hostile()
    async with hostile.joined(monkeypatch) as session:
        yield Cinema(hostile, session)


async def test_numbers_of_what_has_arrived_are_not_believed(cinema: Cinema):
    film = await cinema.film(b"!")
    await cinema.look()
    for count, stored in product(NUMBERS, NUMBERS):
        told = {"stored_count": count, "stored_bytes": stored}
        for content_id in (film.row.content_id, "f" * 32):
            body = {"content_id": content_id, **told}
            await cinema.hostile.announce("content:progressed", body)
        assert await cinema.read(film.row.content_id) == film.plain


async def test_what_is_removed_that_is_not_there_takes_nothing_away(cinema: Cinema):
    film = await cinema.film(b"!")
    await cinema.look()
    for jump in (0, -1, -(2**31), 2**31, 1):
        revision = max(0, (cinema.session.state.revision or 0) + jump)
        body = {"revision": revision, "content_ids": ["f" * 32] * 2, "reason": "removed"}
        await cinema.hostile.announce("content:removed", body)
        assert await cinema.read(film.row.content_id) == film.plain  # it is heard meanwhile
    await cinema.hear()
    assert await cinema.read(film.row.content_id) == film.plain
