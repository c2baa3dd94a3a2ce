"""Store: the tables that the branches, the bank and the desk keep."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

FILE = "features.sqlite"


@dataclass(frozen=True)
class Store:
    """The four tables, as the data card describes them."""

    applications: pd.DataFrame
    decisions: pd.DataFrame
    profiles: pd.DataFrame
    statements: pd.DataFrame


def read(folder: str | Path) -> Store:
    """Read the store; a figure that is empty or no number is missing.

    Raises
    ------
    Exception
        If the store is not there, is damaged, or lacks a table.
    """
    place = (Path(folder) / FILE).resolve().as_uri()
    # Nobody writes between 22:00 and 06:00, so no locks are needed, nor a folder in which they could be kept.
    with closing(sqlite3.connect(f"{place}?immutable=1", uri=True)) as connection:
        tables = {
            name: pd.read_sql(f"SELECT * FROM {name}", connection)
            for name in ("applications", "decisions", "profiles", "statements")
        }
    for table, day, figure in (
        ("applications", "received", "amount"),
        ("profiles", "since", "income"),
        ("statements", "day", "spent"),
    ):
        tables[table][day] = pd.to_datetime(tables[table][day])
        tables[table][figure] = pd.to_numeric(tables[table][figure], errors="coerce")
    kinds = tables["profiles"]["employment"]
    tables["profiles"]["employment"] = kinds.mask(kinds == "")
    return Store(**tables)
