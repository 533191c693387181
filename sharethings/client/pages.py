"""Reading a listing page by page (protocol.md 9)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from sharethings.client.errors import ServerRefusedError
from sharethings.protocol.limits import PAGE_CONTENTS_MAX
from sharethings.protocol.replies import Page
from sharethings.protocol.requests import ContentList

if TYPE_CHECKING:
    from sharethings.client.state import State

PAGE_SECONDS = 40.0
"""For an answer with a page of contents: it can be long, and its line slow."""
Ask = Callable[[ContentList], Awaitable[Page]]


async def catch_up(state: State, ask: Ask, page: Page | None = None) -> None:
    """Learn all that changed since the state's revision; `page` is the first answer, if known.

    After a reset the contents are read again as far back as they were known. Raises
    ServerRefusedError when a page leads no further.
    """
    known_from = state.oldest_position()
    if page is None:
        page = await ask(ContentList(since=state.revision))
    state.take_page(page, since=True)
    while page.more and not page.reset:
        through = page.through
        page = await ask(ContentList(since=through))
        if page.more and not page.reset and page.through <= through:  # it could go on for ever
            raise ServerRefusedError(
                "The server lists the same changes again and again. Ask its operator."
            )
        state.take_page(page, since=True)
    if page.reset and known_from is not None:
        await load_back(state, ask, until=known_from)


async def load_back(state: State, ask: Ask, *, until: int = 0) -> None:
    """Load older contents than those that are known, back to position `until`."""
    before = state.oldest_position() or 0
    while before > until:
        page = await ask(ContentList(before=before, limit=PAGE_CONTENTS_MAX))
        state.take_page(page, since=False)
        oldest = min((row.position for row in page.contents), default=before)
        if oldest >= before:
            return
        before = oldest
