"""The claims database: opened for reading or for writing, brought up to date, and asked by queries in files."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from reserve.common.errors import DatabaseError

FILE = "claims.sqlite"
PACKAGE = Path(__file__).parent.parent
MIGRATIONS = PACKAGE / "migrations"

Row = dict[str, Any]


def path_of(folder: str | Path) -> Path:
    """Return the path of the database in a folder.

    Raises
    ------
    DatabaseError
        If there is none.
    """
    path = Path(folder) / FILE
    if not path.is_file():
        raise DatabaseError(f"{path} is not there")
    return path


@contextmanager
def reading(folder: str | Path) -> Iterator[sqlite3.Connection]:
    """Open the database for reading; jobs get a copy that nobody writes to."""
    connection = sqlite3.connect(f"{path_of(folder).resolve().as_uri()}?mode=ro&immutable=1", uri=True)
    connection.row_factory = sqlite3.Row
    try:
        yield connection
    finally:
        connection.close()


@contextmanager
def writing(folder: str | Path) -> Iterator[sqlite3.Connection]:
    """Open the database for writing; what is written counts whole or not at all."""
    path = Path(folder) / FILE
    connection = sqlite3.connect(path)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA foreign_keys = ON")
    try:
        with connection:
            yield connection
    finally:
        connection.close()


@lru_cache(maxsize=32)
def query(name: str) -> str:
    """Read a query of the folder ``sql``."""
    return (PACKAGE / "sql" / f"{name}.sql").read_text()


def rows(connection: sqlite3.Connection, name: str, **values: Any) -> list[Row]:
    """Ask a query of the folder ``sql``."""
    return [dict(row) for row in connection.execute(query(name), values)]


def one(connection: sqlite3.Connection, statement: str, *values: Any) -> Any:
    """Ask for one value; none where there is no row."""
    found = connection.execute(statement, values).fetchone()
    return None if found is None else found[0]


def known_migrations() -> list[tuple[int, str, str]]:
    """List the migrations: number, name and statements."""
    found = []
    for path in sorted(MIGRATIONS.glob("*.sql")):
        number, _, name = path.stem.partition("_")
        found.append((int(number), name, path.read_text()))
    return found


def version(connection: sqlite3.Connection) -> int:
    """Return the number of the last migration that was applied."""
    there = one(connection, "SELECT COUNT(*) FROM sqlite_master WHERE name = 'schema_migrations'")
    return int(one(connection, "SELECT MAX(number) FROM schema_migrations") or 0) if there else 0


def migrate(folder: str | Path, today: str) -> list[str]:
    """Apply the migrations that are missing, and return their names."""
    applied = []
    with writing(folder) as connection:
        connection.execute(
            "CREATE TABLE IF NOT EXISTS schema_migrations (number INTEGER PRIMARY KEY, name TEXT, applied_on TEXT)"
        )
        last = version(connection)
        for number, name, statements in known_migrations():
            if number > last:
                connection.executescript(statements)
                connection.execute("INSERT INTO schema_migrations VALUES (?, ?, ?)", (number, name, today))
                applied.append(name)
    return applied
