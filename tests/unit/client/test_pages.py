"""Listings that take more than one page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sharethings.client.errors import ServerRefusedError
from sharethings.client.pages import catch_up, load_back
from sharethings.client.state import State
from tests.unit.client.place import make_keys, names, page, row

if TYPE_CHECKING:
    from sharethings.client.keys import SessionKeys
    from sharethings.client.pages import Ask
    from sharethings.protocol.replies import Page
    from sharethings.protocol.requests import ContentList


@pytest.fixture(scope="module")
def keys() -> SessionKeys:
    return make_keys()


def answering(*pages: Page) -> tuple[Ask, list[ContentList]]:
    """Give who answers with `pages` in turn, and what was asked."""
    asked: list[ContentList] = []

    async def ask(request: ContentList) -> Page:
        asked.append(request)
        return pages[len(asked) - 1]

    return ask, asked


async def test_changes_are_read_to_their_end(keys: SessionKeys):
    state = State(keys)
    state.take_page(page(4, row(keys, 1, 4, "a")), since=False)
    ask, asked = answering(page(5, row(keys, 2, 5, "b"), more=True), page(6, row(keys, 3, 6, "c")))
    await catch_up(state, ask)
    assert [request.since for request in asked] == [4, 5]
    assert (names(state), state.revision) == (["a", "b", "c"], 6)


@pytest.mark.parametrize("through", [0, 1, 4, 5])
async def test_a_listing_that_leads_no_further_is_not_asked_for_ever(
    keys: SessionKeys, through: int
):
    state = State(keys)
    state.take_page(page(4), since=False)
    ask, asked = answering(page(5, more=True), *(page(through, more=True) for _ in range(9)))
    with pytest.raises(ServerRefusedError, match="again and again"):
        await catch_up(state, ask)
    assert len(asked) == 2


async def test_after_a_reset_all_that_was_known_is_read_again(keys: SessionKeys):
    state = State(keys)
    state.take_page(page(6, *(row(keys, n, n, f"old {n}") for n in (3, 4, 5))), since=False)
    first = page(9, row(keys, 8, 8, "new"), reset=True, more=True)
    ask, asked = answering(
        page(9, row(keys, 5, 5, "5"), row(keys, 4, 4, "4"), more=True),
        page(9, row(keys, 3, 3, "3"), row(keys, 2, 2, "2"), more=True),
    )
    await catch_up(state, ask, first)
    assert [request.before for request in asked] == [8, 4]
    assert (names(state), state.revision) == (["2", "3", "4", "5", "new"], 9)


async def test_nothing_older_is_read_when_nothing_was_known(keys: SessionKeys):
    state = State(keys)
    ask, asked = answering(page(9, row(keys, 8, 8, "new"), reset=True, more=True))
    await catch_up(state, ask)
    assert (len(asked), names(state)) == (1, ["new"])


async def test_reading_back_ends_at_the_first_content(keys: SessionKeys):
    state = State(keys)
    ask, asked = answering(page(9, row(keys, 2, 2, "b")), page(9, row(keys, 1, 1, "a")), page(9))
    await load_back(state, ask)
    assert asked == []
    state.take_page(page(9, row(keys, 3, 3, "c")), since=False)
    await load_back(state, ask)
    assert names(state) == ["a", "b", "c"]


async def test_a_server_that_goes_in_circles_is_not_followed(keys: SessionKeys):
    state = State(keys)
    same = page(9, row(keys, 3, 3, "c"))
    state.take_page(same, since=False)
    ask, asked = answering(same, same, same)
    await load_back(state, ask)
    assert len(asked) == 1
