"""Books: how the library reaches a notebook that reads a table and says something of its rows."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

from unfit.adopt.kinds import Kinds

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Book", "Drawn", "book_of", "naming"]

NUMBERS: Final = frozenset({"float", "int", "float | None", "int | None"})
MOST_COLUMNS, MOST_TOGETHER = 12, 3
"""How many columns may name a row, and how many of them together."""


@dataclass(frozen=True)
class Drawn:
    """The table of a notebook that is drawn for each seed; what else it reads stays as it came.

    Parameters
    ----------
    notebook, table : str
        Paths.
    key : tuple of str
        Columns that name its rows, and keep their values.
    """

    notebook: str
    table: str
    key: tuple[str, ...]

    @property
    def drawer(self) -> str:
        """The function of the world that draws the table."""
        name = PurePosixPath(self.table).stem.replace("-", "_")
        return name if name.isidentifier() else "rows"

    def world(self) -> str:
        """Write the function of the world."""
        key = json.dumps(self.key[0] if len(self.key) == 1 else self.key)
        return f'''

def {self.drawer}(*, seed: int) -> Any:
    """Draw `{self.table}`: the rows that it names, each with the values of some row."""
    return redrawn(RECORDED.value("{self.notebook}", "{self.table}"), key={key}, seed=seed)
'''


@dataclass(frozen=True)
class Book:
    """A notebook as a service: from a table of rows to what it says of those that it holds out.

    Parameters
    ----------
    drawn : Drawn
        The file that it reads.
    rows, figure : str
        What it ends with: the table of what it says, and a number; the number may be empty.
    key, value, truth : str
        Columns of that table: the name of a row, what is said of it, and what came of it; the last may be empty.
    """

    drawn: Drawn
    rows: str
    figure: str
    key: str
    value: str
    truth: str

    def checks(self, slug: str, drawers: Sequence[str]) -> str:
        """Write ``checks.py``, which takes some names from the world."""
        names = json.dumps([self.rows, *([self.figure] if self.figure else [])])
        judged = bool(self.figure and self.truth)
        evaluated = f"""def _evaluate(case: Case, data: Any, *, again: int = 0) -> Evaluated:
    run = _run(case, data, again)
    columns = {{"row": "{self.key}", "truth": "{self.truth}", "value": "{self.value}", "fold": None}}
    return Evaluated.of(run["{self.figure}"], run["{self.rows}"], **columns)


"""
        return f'''"""Hidden checks of `{slug}`: each runs the notebook on drawn rows, and compares."""

from __future__ import annotations

from typing import Any

from unfit import Case, check
from unfit.experiments import {"Evaluated, " if judged else ""}Service, same_again

from .world import {", ".join(drawers)}


def _run(case: Case, data: Any, again: int) -> Any:
    files = {{"{self.drawn.table}": data}}
    return case.notebook("{self.drawn.notebook}", files=files, returns={names}, seed=case.shared_seed + again)


def _train(case: Case, data: Any, *, again: int = 0) -> Any:
    del case
    return data, again


def _answer(case: Case, model: Any, rows: Any) -> Any:
    del rows  # it says something of those that it holds out itself
    return _run(case, *model)["{self.rows}"].to_dict("records")


{evaluated if judged else ""}SERVICE = Service(
    key="{self.key}",
    answer=_answer,
    train=_train,
    {"evaluate=_evaluate," if judged else ""}
    value="{self.value}",
)


@check
def what_was_asked_before_is_answered(case: Case) -> None:
    """The notebook runs from top to bottom on the table that it came with, and says something."""
    run = case.notebook("{self.drawn.notebook}", files={{}}, returns={names})
    case.confirm("`{self.rows}` holds rows", len(run["{self.rows}"]) > 0)


@check
def the_same_data_give_the_same_figures(case: Case) -> None:
    """The notebook says the same of the same table, twice."""
    data = {self.drawn.drawer}(seed=case.shared_seed)
    same_again(case, SERVICE, data, {"evaluate=data" if judged else "data.to_dict('records')"})
'''


def naming(rows: pd.DataFrame) -> tuple[str, ...]:
    """Find the fewest columns that name every row together, fractions aside; none where no few of them do."""
    columns = [str(name) for name in rows if rows[name].dtype.kind != "f"][:MOST_COLUMNS]
    tried = (names for many in range(1, MOST_TOGETHER + 1) for names in combinations(columns, many))
    return next((names for names in tried if not rows.duplicated([*names]).any()), ())


def book_of(
    path: str,
    table: str,
    read: pd.DataFrame,
    *,
    answers: Mapping[str, pd.DataFrame],
    defines: Mapping[str, str],
    kinds: Kinds,
) -> Book | str:
    """Find what a notebook says of the rows that it reads; why it cannot be asked row by row where it does not.

    Parameters
    ----------
    path, table : str
        The notebook, and the table that is drawn.
    read : DataFrame
        Its rows.
    answers : mapping of str to DataFrame
        Tables that the notebook ends with.
    defines : mapping of str to str
        What it ends with: types, by name.
    kinds : Kinds
        The contract's records.
    """
    figure = next((name for name, kind in defines.items() if kind == "float"), "")
    why = "none of its answers is a table"
    for rows, answer in answers.items():
        fields = kinds.records.get(defines[rows].removeprefix("Table[").removesuffix("]"), {})
        shared = [name for name in fields if name in read.columns]
        keys = [name for name in shared if fields[name] in {"int", "str"}]
        keys = [name for name in keys if read[name].is_unique and answer[name].is_unique]
        values = [name for name, one in fields.items() if name not in read.columns and one in NUMBERS]
        truths: Sequence[str] = [name for name in shared if name not in keys and fields[name] in NUMBERS]
        if keys and values:
            drawn = Drawn(path, table, (keys[0],))
            return Book(drawn, rows, figure, keys[0], values[0], truths[0] if truths else "")
        why = (
            f"`{rows}` says no number of a row"
            if keys
            else f"no column names a row of `{table}` and one of `{rows}` by itself"
        )
    return why
