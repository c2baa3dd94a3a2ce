"""The readings database: opened to read or to write, migrated, and asked by the queries of ``sql``."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from feedcast.common.errors import DatabaseError

FILE = "readings.sqlite"
PACKAGE = Path(__file__).parent.parent


@contextmanager
def reading(folder: str | Path) -> Iterator[sqlite3.Connection]:
    """Open the database to read.

    Raises
    ------
    DatabaseError
        If it is not there.
    """
    path = Path(folder) / FILE
    if not path.is_file():
        raise DatabaseError(f"there is no {path}")
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?immutable=1", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        yield connection


@contextmanager
def writing(folder: str | Path) -> Iterator[sqlite3.Connection]:
    """Open the database to write: all that is written in the block counts, or nothing."""
    with closing(sqlite3.connect(Path(folder) / FILE)) as connection:
        connection.row_factory = sqlite3.Row
        with connection:
            yield connection


@lru_cache(maxsize=64)
def query(name: str) -> str:
    """Read a query."""
    return (PACKAGE / "sql" / f"{name}.sql").read_text()


def asked(connection: sqlite3.Connection, name: str, **values: Any) -> list[sqlite3.Row]:
    """Ask a query, and return its rows."""
    return connection.execute(query(name), values).fetchall()


def migrate(folder: str | Path) -> list[str]:
    """Apply the migrations that the database does not have yet, and return their names."""
    done = []
    with writing(folder) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS migrations (name TEXT PRIMARY KEY)")
        there = {row["name"] for row in connection.execute("SELECT name FROM migrations")}
        for path in sorted((PACKAGE / "migrations").glob("*.sql")):
            if path.stem not in there:
                connection.executescript(path.read_text())
                connection.execute("INSERT INTO migrations VALUES (?)", (path.stem,))
                done.append(path.stem)
    return done
