"""Worlds without a simulator: rows that a team has, drawn anew for each seed.

Exact experiments (alone as in company, one change and what it moves) need rows that look like real ones, and no truth
behind them. A statistical experiment needs a simulator that knows the truth: write that one by hand.
"""

from __future__ import annotations

import datetime as dt
import io
import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any, Final, Self, TypeVar

import numpy as np
import pandas as pd

from unfit.errors import CheckError

__all__ = ["Recorded", "alternating", "corrected", "redrawn", "resampled", "respelt", "unsettled"]

DECIMALS = 6
MOMENTS: Final[dict[str, Callable[[str], Any]]] = {
    "$Timestamp": pd.Timestamp,
    "$datetime": dt.datetime.fromisoformat,
    "$date": dt.date.fromisoformat,
    "$time": dt.time.fromisoformat,
    "$timedelta": lambda text: dt.timedelta(seconds=float(text)),
}
"""How recorded values of time are read, by the key under which they are written."""


def resampled(
    rows: pd.DataFrame,
    n: int,
    *,
    seed: int,
    key: str | None = None,
    group: str | None = None,
    spread: float = 0.0,
    apart: bool = False,
) -> pd.DataFrame:
    """Draw rows like those of a table.

    Parameters
    ----------
    rows : DataFrame
        The team's own.
    n : int
        How many rows; at least so many where whole groups are drawn.
    seed : int
        The same seed draws the same rows.
    key : str, optional
        The column that names a row: every drawn row gets a name of its own, in the form of the others.
    group : str, optional
        The column that names a group: groups are drawn whole, and drawn twice they are two groups.
    spread : float, default=0.0
        How far numbers with a fraction move, in standard deviations of their column; they stay between its least and
        its largest value, and keep its decimals.
    apart : bool, default=False
        Whether each column is drawn by itself: no drawn row then is somebody's, and what the columns say together is
        lost. The key and the group stay what they are.

    Returns
    -------
    drawn : DataFrame
        With the columns and types of the table, and a plain row number as its index.

    Raises
    ------
    CheckError
        If the table is empty or has no such column.
    """
    for name in (key, group):
        if name is not None and name not in rows.columns:
            raise CheckError(
                f"the table has no column `{name}`", fix=f"it has {', '.join(map(str, rows.columns))}"
            )
    if rows.empty:
        raise CheckError("there are no rows to draw from", fix="record an example that holds some")
    rng = np.random.default_rng(seed)
    drawn = (
        _groups(rows, n, group, rng)
        if group
        else rows.iloc[rng.integers(len(rows), size=n)].reset_index(drop=True)
    )
    for name in drawn.columns.drop([one for one in (key, group) if one]):
        if apart:
            drawn[name] = rows[name].iloc[rng.integers(len(rows), size=len(drawn))].reset_index(drop=True)
        if spread and pd.api.types.is_float_dtype(drawn[name]):
            drawn[name] = _moved(drawn[name], rows[name], spread, rng)
    if key:
        drawn[key] = _named(rows[key], len(drawn), rng)
    return drawn


def _groups(rows: pd.DataFrame, n: int, group: str, rng: np.random.Generator) -> pd.DataFrame:
    names = rows[group].unique()
    parts: list[pd.DataFrame] = []
    fresh = iter(_named(rows[group], n + 1, rng))
    while sum(map(len, parts)) < n:
        part = rows[rows[group] == rng.choice(names)]
        parts.append(part.assign(**{group: next(fresh)}))
    return pd.concat(parts, ignore_index=True)


def _moved(drawn: pd.Series, known: pd.Series, spread: float, rng: np.random.Generator) -> pd.Series:
    width = float(known.std()) or 0.0
    there = known.dropna()
    places = next((digits for digits in range(DECIMALS) if np.allclose(there, there.round(digits))), DECIMALS)
    moved = drawn + rng.normal(0, spread * width, size=len(drawn))
    return moved.clip(known.min(), known.max()).round(places)


def _named(known: pd.Series, n: int, rng: np.random.Generator) -> list[Any]:
    """Name rows anew, in the form of the names that are known: the digits at the end count on from somewhere."""
    if not pd.api.types.is_string_dtype(known) and pd.api.types.is_integer_dtype(known):
        return [int(number) for number in int(known.max()) + 1 + rng.permutation(10 * n)[:n]]
    first = str(known.iloc[0])
    head = re.sub(r"\d+$", "", first) or first
    numbers = [int(found.group()) for name in known if (found := re.search(r"\d+$", str(name)))]
    start = max(numbers, default=0) + 1
    width = max(len(first) - len(head), len(str(start + 10 * n)))
    return [f"{head}{number:0{width}d}" for number in start + rng.permutation(10 * n)[:n]]


def redrawn(rows: pd.DataFrame, *, key: str | Sequence[str], seed: int) -> pd.DataFrame:
    """Give every row the values of some row, and keep the keys in their order.

    Use it where rows follow one another, such as days: `resampled` would name them anew.

    Parameters
    ----------
    rows : DataFrame
    key : str or sequence of str
        The column that names a row, or the columns that do so together.
    seed : int
        The same seed draws the same rows.
    """
    rng = np.random.default_rng(seed)
    drawn = rows.iloc[rng.integers(len(rows), size=len(rows))].reset_index(drop=True)
    return drawn.assign(**{name: rows[name].to_numpy() for name in ([key] if isinstance(key, str) else key)})


Table = TypeVar("Table", pd.DataFrame, list[dict[str, Any]])


def corrected(rows: Table, *, key: str, seed: int, share: float = 0.25) -> Table:
    """Put older lines of some rows in front of a table: the same key, and the values of other rows.

    Whoever counts only the last line of each key learns the same from both tables.

    Parameters
    ----------
    rows : DataFrame or list of dict
    key : str
        The column that names a row.
    seed : int
    share : float, default=0.25
        How many rows have an older line.
    """
    rng = np.random.default_rng(seed)
    many = max(1, int(share * len(rows)))
    at, other = rng.choice(len(rows), size=many, replace=False), rng.permutation(len(rows))[:many]
    if isinstance(rows, list):
        return [{**rows[two], key: rows[one][key]} for one, two in zip(at, other, strict=True)] + rows
    older = rows.iloc[other].assign(**{key: rows[key].to_numpy()[at]})
    return pd.concat([older, rows], ignore_index=True)


def respelt(rows: Table, *, fields: Sequence[str]) -> Table:
    """Write some texts of a table in capitals and with blanks around them.

    Parameters
    ----------
    rows : DataFrame or list of dict
    fields : sequence of str
        Columns of text.
    """
    if isinstance(rows, list):
        return [
            {name: _respelt(value) if name in fields else value for name, value in row.items()}
            for row in rows
        ]
    return rows.assign(**{name: rows[name].map(_respelt) for name in fields})


def _respelt(value: Any) -> Any:
    return f" {value.upper()} " if isinstance(value, str) else value


def alternating(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Order rows so that one with a gap and one without take turns, for as long as there are both.

    Among those with a gap, the fields that are empty take turns. The first rows then hold gaps of every kind, however
    few there are.

    Parameters
    ----------
    rows : sequence of dict
    """
    kinds: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row in rows:
        kinds.setdefault(_gaps(row), []).append(row)
    whole = kinds.pop((), [])
    gaps = [row for turn in zip_longest(*kinds.values()) for row in turn if row is not None]
    both = min(len(gaps), len(whole))
    turns = [row for pair in zip(gaps[:both], whole[:both], strict=True) for row in pair]
    return [*turns, *gaps[both:], *whole[both:]]


def _gaps(row: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(
        name
        for name, value in row.items()
        if value is None or (isinstance(value, float) and math.isnan(value))
    )


def unsettled(
    rows: pd.DataFrame, *, outcome: str, seed: int, share: float = 0.25
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return a table without some rows, and the same table in which these rows are there and their outcome is empty.

    Whoever leaves out what is not known learns the same from both.

    Parameters
    ----------
    rows : DataFrame
    outcome : str
        The column whose value comes later.
    seed : int
    share : float, default=0.25
        How many rows have no outcome yet.
    """
    rng = np.random.default_rng(seed)
    waiting = np.zeros(len(rows), dtype=bool)
    waiting[rng.choice(len(rows), size=max(1, int(share * len(rows))), replace=False)] = True
    return rows[~waiting].reset_index(drop=True), rows.assign(**{outcome: rows[outcome].mask(waiting)})


class Recorded:
    """What the entry points of a project were given when it was adopted.

    Parameters
    ----------
    values : mapping of str to mapping of str to dict
        Recorded values by argument, by entry.
    """

    def __init__(self, values: Mapping[str, Mapping[str, Any]]) -> None:
        self.values = values

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read the file that `unfit adopt` wrote."""
        return cls(json.loads(path.read_text("utf-8"), object_hook=_moment_of))

    @staticmethod
    def text(values: Mapping[str, Mapping[str, Any]]) -> str:
        """Write values as such a file holds them."""
        told = {
            entry: {name: _packed(value) for name, value in given.items()} for entry, given in values.items()
        }
        return json.dumps(told, indent=1, ensure_ascii=False, default=_told) + "\n"

    def value(self, entry: str, argument: str) -> Any:
        """Return what was given, as it was."""
        told = self.values[entry][argument]
        if isinstance(told, dict) and set(told) == {"table"}:
            return pd.read_json(io.StringIO(json.dumps(told["table"])), orient="table").reset_index(drop=True)
        return told["value"]

    def drawn(self, entry: str, argument: str, n: int, *, seed: int, **how: Any) -> Any:
        """Draw rows like those that were given, as a table or as a list of records: `resampled` says how."""
        given = self.value(entry, argument)
        if isinstance(given, pd.DataFrame):
            return resampled(given, n, seed=seed, **how)
        rows = resampled(pd.DataFrame({"row": range(len(given))}), n, seed=seed)["row"]
        records: Sequence[dict[str, Any]] = [dict(given[row]) for row in rows]
        if key := how.get("key"):
            names = _named(pd.Series([row[key] for row in given]), n, np.random.default_rng(seed))
            records = [{**record, key: name} for record, name in zip(records, names, strict=True)]
        return list(records)


def _packed(value: Any) -> dict[str, Any]:
    if isinstance(value, pd.DataFrame):
        text = value.reset_index(drop=True).to_json(orient="table", date_format="iso", index=False)
        return {"table": json.loads(text)}
    return {"value": value}


def _told(value: Any) -> Any:
    """Write a value that JSON does not know: one of time under the name of its kind, any other as text."""
    name = f"${type(value).__name__}"
    if name not in MOMENTS:
        return str(value)
    return {name: str(value.total_seconds()) if isinstance(value, dt.timedelta) else value.isoformat()}


def _moment_of(told: dict[str, Any]) -> Any:
    """Read such a value."""
    name = next(iter(told), "")
    return MOMENTS[name](told[name]) if len(told) == 1 and name in MOMENTS else told
