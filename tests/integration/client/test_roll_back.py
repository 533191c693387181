"""A server that takes back what was fixed: an older manifest, a weaker key derivation."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from sharethings.client.errors import TermsRefusedError
from tests.integration.client.members import join

if TYPE_CHECKING:
    from tests.programs import Server as Program


def change(program: Program, statement: str, *values: object) -> None:
    """Change what the server has stored, as its operator could."""
    with closing(sqlite3.connect(program.data_directory / "sharethings.db")) as database:
        assert database.execute(statement, values).rowcount == 1
        database.commit()


@pytest.mark.parametrize("iterations", [1, 599_999, 10_000_001])
async def test_a_server_neither_weakens_nor_stalls_the_keys(program: Program, iterations: int):
    await (await join(program)).close()
    change(program, "UPDATE sessions SET iterations = ?", iterations)
    with pytest.raises(TermsRefusedError):
        await join(program)
