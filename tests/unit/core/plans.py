"""How SQLite finds the rows of what the writer does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event

from sharethings.storage.prepared import Prepared
from sharethings.storage.tables import metadata

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from sharethings.storage.database import Connection
    from tests.unit.core.house import House

TABLES = tuple(f"SCAN {name}" for name in metadata.tables)


async def plans_of(house: House, act: Awaitable[object]) -> dict[str, list[str]]:
    """Do `act`; gives the steps of each statement that it ran, explained with its own values."""
    statements: list[tuple[str, Any]] = []
    engine = house.store.database._writing

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, _x: Any, many: bool) -> None:
        statements.append((statement, parameters[0] if many else parameters))

    def note_prepared(prepared: Prepared, connection: Connection, **values: Any) -> list[Any]:
        statements.append((prepared._sql, prepared._constants | values))
        return run(prepared, connection, **values)

    run = Prepared.all
    event.listen(engine, "before_cursor_execute", note)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Prepared, "all", note_prepared)
        await act
    event.remove(engine, "before_cursor_execute", note)
    plans: dict[str, list[str]] = {}

    def explain(connection: Connection) -> None:
        for statement, parameters in statements:
            if statement.split()[0] in {"SELECT", "UPDATE", "DELETE"}:
                rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
                plans[statement] = [row.detail for row in rows]

    await house.store.database.read(explain)
    return plans


def scans(plans: dict[str, list[str]]) -> dict[str, list[str]]:
    """Give those that read a whole table, or one of its indexes from end to end.

    The index of unfinished contents is small.
    """
    return {
        statement: plan
        for statement, plan in plans.items()
        if any(step.startswith(TABLES) and "content_unfinished" not in step for step in plan)
    }
