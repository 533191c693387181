"""Rows looked for and written many at a time, for every chunk that arrives.

What is looked for is given to SQLite's `json_each` as one parameter. SQLAlchemy takes as long to
sort the values of sixteen rows into a statement as SQLite to write them: so a statement that
writes is put together once, and its rows are given in its own order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy.dialects.sqlite import pysqlite

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy.sql.dml import UpdateBase

    from sharethings.storage.database import Connection


class RowSet:
    """A statement for many rows."""

    def __init__(self, statement: UpdateBase, *names: str) -> None:
        """Put it together; each row will be the values of `names`, the order of its parameters.

        Raises ValueError when the statement takes others, or in another order.
        """
        dialect = pysqlite.dialect(paramstyle="qmark")
        compiled: Any = statement.compile(dialect=dialect, column_keys=list(names))
        if compiled.positiontup != list(names):
            raise ValueError(f"The statement takes {compiled.positiontup}.")
        self._sql = str(compiled)

    def write(self, connection: Connection, rows: Sequence[tuple[object, ...]]) -> None:
        """Run it for all rows (one at least)."""
        connection.exec_driver_sql(self._sql, list(rows))


def json_text(keys: Iterable[object]) -> str:
    """Give keys as a JSON array."""
    return msgspec.json.encode(list(keys)).decode()
