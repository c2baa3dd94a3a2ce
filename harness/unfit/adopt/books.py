"""Books: how the library reaches a notebook that reads a table and says something of its rows."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

from unfit.adopt.kinds import Kinds

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Book", "book_of"]

NUMBERS: Final = frozenset({"float", "int", "float | None", "int | None"})


@dataclass(frozen=True)
class Book:
    """A notebook as a service: from a table of rows to what it says of those that it holds out.

    Parameters
    ----------
    path : str
        The notebook.
    table : str
        The file that it reads.
    rows, figure : str
        What it ends with: the table of what it says, and a number; the number may be empty.
    key, value, truth : str
        Columns of that table: the name of a row, what is said of it, and what came of it; the last may be empty.
    """

    path: str
    table: str
    rows: str
    figure: str
    key: str
    value: str
    truth: str

    @property
    def drawer(self) -> str:
        """The function of the world that draws the table."""
        name = PurePosixPath(self.table).stem.replace("-", "_")
        return name if name.isidentifier() else "rows"

    def world(self) -> str:
        """Write the function of the world."""
        return f'''

def {self.drawer}(*, seed: int) -> Any:
    """Draw `{self.table}`: the rows that it names, each with the values of some row."""
    return redrawn(RECORDED.value("{self.path}", "{self.table}"), key="{self.key}", seed=seed)
'''

    def checks(self, slug: str) -> str:
        """Write ``checks.py``."""
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

from .world import {self.drawer}


def _run(case: Case, data: Any, again: int) -> Any:
    files = {{"{self.table}": data}}
    return case.notebook("{self.path}", files=files, returns={names}, seed=case.shared_seed + again)


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
    run = case.notebook("{self.path}", files={{}}, returns={names})
    case.confirm("`{self.rows}` holds rows", len(run["{self.rows}"]) > 0)


@check
def the_same_data_give_the_same_figures(case: Case) -> None:
    """The notebook says the same of the same table, twice."""
    data = {self.drawer}(seed=case.shared_seed)
    same_again(case, SERVICE, data, {"evaluate=data" if judged else "data.to_dict('records')"})
'''


def book_of(
    path: str, tables: Mapping[str, pd.DataFrame], defines: Mapping[str, str], kinds: Kinds
) -> Book | None:
    """Find what a notebook reads and what it says of it; ``None`` where nothing looks like it.

    Parameters
    ----------
    path : str
        The notebook.
    tables : mapping of str to DataFrame
        What it reads.
    defines : mapping of str to str
        What it ends with: types, by name.
    kinds : Kinds
        The contract's records.
    """
    figure = next((name for name, kind in defines.items() if kind == "float"), "")
    for rows, kind in defines.items():
        fields = kinds.records.get(kind.removeprefix("Table[").removesuffix("]"), {})
        if not kind.startswith("Table["):
            continue
        for table, read in tables.items():
            shared = [name for name in fields if name in read.columns]
            keys = [name for name in shared if read[name].is_unique and fields[name] in {"int", "str"}]
            values = [name for name, one in fields.items() if name not in read.columns and one in NUMBERS]
            truths: Sequence[str] = [name for name in shared if name not in keys and fields[name] in NUMBERS]
            if keys and values:
                return Book(path, table, rows, figure, keys[0], values[0], truths[0] if truths else "")
    return None
