"""Statements that run for every request: put together once, and given to SQLite as they are.

SQLAlchemy takes 20 to 40 µs to run a statement that it has in its cache, SQLite some 5 for a row
by its key. So SQLAlchemy only writes the text; it runs on a cursor of the connection itself
(docs/decisions/0028). Of many rows at a time it would take as long to sort the values into a
statement as SQLite to write them: so they are given in the statement's own order. What many rows
are looked for by is given to SQLite's `json_each` as one parameter.
"""

from __future__ import annotations

from collections import namedtuple
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy.dialects.sqlite import pysqlite

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Select
    from sqlalchemy.sql.dml import UpdateBase

    from sharethings.storage.database import Connection


class Prepared:
    """A statement, put together once."""

    def __init__(self, statement: Select[Any] | UpdateBase, *columns: str) -> None:
        """Write its text; `columns` are those that an INSERT will be given."""
        dialect = pysqlite.dialect(paramstyle="named")
        compiled: Any = statement.compile(dialect=dialect, column_keys=columns or None)
        self._sql = str(compiled)
        self._constants = {
            name: bind.value for name, bind in compiled.binds.items() if not bind.required
        }
        names = statement.exported_columns.keys()
        self._row: Any = namedtuple("Row", names, rename=True)  # type: ignore[misc, arg-type]  # noqa: PYI024

    def all(self, connection: Connection, **values: object) -> list[Any]:
        """Run it and give its rows, named tuples."""
        if not connection.in_transaction():  # as SQLAlchemy does before its own statements
            connection.begin()
        cursor = connection.connection.cursor()
        cursor.execute(self._sql, self._constants | values)
        rows = [self._row._make(row) for row in cursor.fetchall()]
        cursor.close()
        return rows

    def one(self, connection: Connection, **values: object) -> Any:  # noqa: ANN401 - a named tuple
        """Give its only row, or None; the statement finds no more."""
        rows = self.all(connection, **values)
        return rows[0] if rows else None


class RowSet:
    """A statement for many rows."""

    def __init__(self, statement: UpdateBase, *names: str) -> None:
        """Write its text; each row will be the values of `names`, the order of its parameters.

        Raises ValueError when the statement takes others, or in another order.
        """
        dialect = pysqlite.dialect(paramstyle="qmark")
        compiled: Any = statement.compile(dialect=dialect, column_keys=list(names))
        if compiled.positiontup != list(names):
            raise ValueError(f"The statement takes {compiled.positiontup}.")
        self._sql = str(compiled)

    def write(self, connection: Connection, rows: Sequence[tuple[object, ...]]) -> None:
        """Run it for all rows, in a job of the writer."""
        cursor = connection.connection.cursor()
        cursor.executemany(self._sql, rows)
        cursor.close()


def json_text(keys: Iterable[object]) -> str:
    """Give keys as a JSON array."""
    return msgspec.json.encode(list(keys)).decode()
