"""Bring the database to the newest schema; refuse one that is newer or damaged.

A new one is made of the code's own tables; an older one is upgraded by alembic's migrations,
in `migrations/` beside the package or inside the wheel, each in one transaction. Before its first
change it is copied whole; of these copies the newest few stay. Alembic is loaded only then: it
takes longer than all else at a start.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy
import structlog
from sqlalchemy import event

from sharethings.storage.connections import DatabaseError, explain
from sharethings.storage.faults import Fault, fault_of
from sharethings.storage.tables import metadata

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

PACKAGE = Path(__file__).parent.parent
COPIES_KEPT = 3
"""Databases from before migrations that are left: each is as large as the database was."""
log = structlog.get_logger(__name__)


def _scripts() -> Path:
    inside = PACKAGE / "migrations"
    return inside if inside.is_dir() else PACKAGE.parent / "migrations"


def _check(database: Path) -> str | None:
    """Check the whole database, and give its schema; None when there is none.

    Indexes are checked against tables, too: 0.7 s for 50,000 contents. What follows takes files
    without rows off the disk; rows that an index hides, or that a database lost altogether, would
    cost them. At the very first start there are no files yet.
    """
    answer, schema = "ok", None
    try:
        if database.exists():
            with closing(sqlite3.connect(f"file:{database}?mode=rw", uri=True)) as connection:
                (answer,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
                schema = _schema_of(connection) if answer == "ok" else None
    except sqlite3.DatabaseError as error:
        if fault_of(error) is not Fault.UNUSABLE:
            raise
        answer = str(error)
    except UnicodeDecodeError as error:  # SQLite names what it cannot read with its very bytes
        answer = error.object.decode(errors="replace")
    if answer != "ok":
        raise DatabaseError(
            f"The database {database} is damaged ({answer}). It is left as it is. "
            "Restore a backup, or move the data directory away whole to start with an empty one."
        )
    sessions = database.parent / "sessions"
    if schema is None and sessions.is_dir() and any(path.is_dir() for path in sessions.iterdir()):
        raise DatabaseError(
            f"The database {database} is missing or empty, but {sessions} is not. All is left as "
            "it is. Restore a backup, or move sessions/ away too to start with an empty server."
        )
    return schema


def _back_up(database: Path, folder: Path, revision: str) -> Path:
    target = folder / f"before-{revision}.db"
    target.unlink(missing_ok=True)
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("VACUUM INTO ?", (str(target),))
    return target


def _drop_old(copy: Path) -> list[str]:
    """Remove all copies but the newest, of which `copy` is one; gives the names of the removed."""
    others = set(copy.parent.glob("before-*.db")) - {copy}
    by_age = sorted(others, key=lambda path: path.stat().st_mtime_ns, reverse=True)
    for path in by_age[COPIES_KEPT - 1 :]:
        path.unlink()
    return sorted(path.name for path in by_age[COPIES_KEPT - 1 :])


def known_schemas() -> list[str]:
    """Give the schemas that this version knows, newest first; files are named after them."""
    files = (_scripts() / "versions").glob("[0-9]*_*.py")
    return sorted((path.name.partition("_")[0] for path in files), reverse=True)


def _schema_of(connection: sqlite3.Connection) -> str | None:
    (table,) = connection.execute(
        "SELECT count(*) FROM sqlite_master WHERE name = 'alembic_version'"
    ).fetchone()
    row = table and connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return row[0] if row else None


def read_schema(database: Path) -> str | None:
    """Give the schema of a database; None for one without. Raises DatabaseError if it is none."""
    try:
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
            return _schema_of(connection)
    except sqlite3.DatabaseError as error:
        raise DatabaseError(f"The database {database} cannot be read: {error}.") from error


def migrate(database: Path, backups: Path) -> None:
    """Migrate `database` to the newest schema, making it if there is none.

    Raises DatabaseError when it is damaged, missing beside files that are not, was written by a
    newer version, or when the disk refuses.
    """
    with explain(database):
        _migrate(database, backups)


def _migrate(database: Path, backups: Path) -> None:
    schema, newest = _check(database), known_schemas()[0]
    if schema == newest:
        return
    if schema is None:
        _create(database, newest)
        return
    if schema not in known_schemas():
        raise DatabaseError(
            f"The database has schema {schema}, which is newer than this version knows. "
            "Install the version that wrote it, or a newer one."
        )
    copy = _back_up(database, backups, newest)
    upgrade(database)
    removed = _drop_old(copy)
    log.info("migrated", before=schema, after=newest, copy=copy.name, copies_removed=removed)


@contextmanager
def _changing(database: Path) -> Iterator[sqlalchemy.Connection]:
    """Connect for a change of the schema: nobody else may be in the database."""
    engine = sqlalchemy.create_engine(
        f"sqlite:///{database}", poolclass=sqlalchemy.NullPool, hide_parameters=True
    )

    @event.listens_for(engine, "connect")
    def connect(connection: Any, _record: object) -> None:  # noqa: ANN401
        connection.isolation_level = None
        connection.execute("PRAGMA journal_mode=WAL")

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:  # noqa: ANN401
        connection.exec_driver_sql("BEGIN EXCLUSIVE")

    with engine.connect() as connection:
        yield connection
    engine.dispose()


def _create(database: Path, schema: str) -> None:
    with _changing(database) as connection, connection.begin():
        metadata.create_all(connection, checkfirst=False)
        connection.exec_driver_sql(
            "CREATE TABLE alembic_version ("
            "version_num VARCHAR(32) NOT NULL, "
            "CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
        )
        connection.exec_driver_sql("INSERT INTO alembic_version VALUES (?)", (schema,))


def upgrade(database: Path, schema: str = "head") -> None:
    """Run the migrations that a database lacks up to a schema."""
    from alembic import command  # noqa: PLC0415 - half a start's time, and few need it
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(_scripts()))
    with _changing(database) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, schema)
