"""What a browser must load before it can show the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.e2e.conftest import Member, Place

SCRIPT_MAX_BYTES = 200_000
"""Packed, as it comes over the wire (targets.md)."""
SCRIPTS = """() => performance.getEntriesByType('resource')
  .filter(({ name }) => name.endsWith('.js'))
  .map(({ name, encodedBodySize }) => [name, encodedBodySize])"""


def test_the_first_page_is_light(place: Place, member: Callable[..., Member]):
    page = member().page
    page.goto(place.url)
    page.get_by_role("button", name="Join or create").wait_for()
    scripts: list[tuple[str, int]] = page.evaluate(SCRIPTS)
    assert scripts
    assert all(size > 0 for _, size in scripts)
    assert sum(size for _, size in scripts) <= SCRIPT_MAX_BYTES
