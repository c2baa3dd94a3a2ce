"""The adapter that experiments of the library need, where entry points look like training and serving."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from unfit.adopt.kinds import Kinds
from unfit.adopt.writing import ContractPart

__all__ = ["COMPANY", "Adapter", "adapter_of"]

COMPANY: Final = "a_row_is_answered_by_itself"
ROWS: Final = re.compile(r"(list|Table)\[(\w+)\]")
NUMBERS: Final = frozenset({"float", "int", "float | None", "int | None"})
FEW, MANY = 12, 20
DRAWN: Final = 320
"""Rows that are drawn to choose from: so many hold some with a gap, if the recorded ones do."""


@dataclass(frozen=True)
class Adapter:
    """How the library reaches a service.

    Parameters
    ----------
    key, value : str
        The fields of a result that hold the name of the row and the number.
    serve : ContractPart
    asked : str
        Its argument that holds the rows.
    train : ContractPart, optional
        What writes the folder that it reads.
    past : str
        Its argument that holds the rows which are learnt from, where one call learns and answers; else empty.
    status, ok : str
        The field of a result that says how it was answered, and what it says of a row that was; else empty.
    """

    key: str
    value: str
    serve: ContractPart
    asked: str
    train: ContractPart | None = None
    past: str = ""
    status: str = ""
    ok: str = ""

    @property
    def learnt(self) -> tuple[ContractPart, str] | None:
        """What learns, and its argument that holds the rows."""
        if self.train:
            return self.train, next(iter(self.train.rows))
        return (self.serve, self.past) if self.past else None

    def imports(self) -> str:
        """Write what the adapter and its check import."""
        tables = any("Table[" in kind for kind in (self.serve.returns, self.serve.arguments[self.asked]))
        pandas = "import pandas as pd\n\n" if tables else ""
        library = "from unfit.experiments import Service, alone_as_in_company\nfrom unfit.worlds import alternating\n"
        return f"from typing import Any\n\n{pandas}from unfit import Case, check\n{library}"

    def text(self, drawers: Mapping[tuple[str, str], str]) -> str:
        """Write the adapter, and a check that uses it."""
        rows = (
            f"pd.DataFrame({self.asked})"
            if self.serve.arguments[self.asked].startswith("Table")
            else self.asked
        )
        given = {self.asked: rows} | ({self.past: "data"} if self.past else {})
        answer = self._called(
            self.serve, given, "model", ", seed=case.shared_seed + again" if self.past else ""
        )
        records = '.to_dict("records")' if self.serve.returns.startswith("Table") else ""
        train = ", train=_train" if self.learnt else ""
        status = f', status="{self.status}", ok="{self.ok}"' if self.status else ""
        unpacked = "    data, again = model\n" if self.past else ""
        return f'''

{self._training()}
def _answer(case: Case, model: Any, {self.asked}: list[dict[str, Any]]) -> Any:
{unpacked}    return {answer}{records}


SERVICE = Service(key="{self.key}", answer=_answer{train}, value="{self.value}"{status})


@check(requires=("what_was_asked_before_is_answered",))
def {COMPANY}(case: Case) -> None:
    """A row gets the same number alone and among others."""
    model = {self._model(drawers)}
    rows = alternating({self._drawn(drawers)})[:{FEW + MANY}]
    parts = {{f"{{n}} from number {{at + 1}} on": rows[at : at + n] for n in (2, 3) for at in range(0, 4, n)}}
    alone_as_in_company(case, SERVICE, model, rows[:{FEW}], {{"others": rows[{FEW}:]}}, parts=parts, alone=3)
'''

    def _training(self) -> str:
        if self.past:
            return """def _train(case: Case, data: Any, *, again: int = 0) -> Any:
    del case
    return data, again


"""
        if self.train is None:
            return ""
        called = self._called(
            self.train, {next(iter(self.train.rows)): "rows"}, "folder", ", seed=case.shared_seed + again"
        )
        return f"""def _train(case: Case, rows: Any, *, again: int = 0) -> Any:
    folder = case.folder()
    {called}
    return folder


"""

    def _called(self, part: ContractPart, given: Mapping[str, str], folder: str, more: str = "") -> str:
        values = [
            given.get(name)
            or (folder if name in part.folders else f'RECORDED.value("{part.call}", "{name}")')
            for name in part.arguments
        ]
        return f'case.call("{part.call}", {", ".join(values)}{more})'

    def _model(self, drawers: Mapping[tuple[str, str], str]) -> str:
        if self.learnt is None:
            return "None"
        part, argument = self.learnt
        return f"SERVICE.trained(case, {drawers[part.call, argument]}({part.drawn(argument)}, seed=case.shared_seed))"

    def _drawn(self, drawers: Mapping[tuple[str, str], str]) -> str:
        drawn = f"{drawers[self.serve.call, self.asked]}({DRAWN}, seed=case.seed)"
        return (
            f'{drawn}.to_dict("records")' if self.serve.arguments[self.asked].startswith("Table") else drawn
        )


def adapter_of(parts: Sequence[ContractPart], kinds: Kinds) -> Adapter | None:
    """Find what answers row by row, and what trains it; ``None`` where nothing looks like it.

    Parameters
    ----------
    parts : sequence of ContractPart
    kinds : Kinds
        The contract's records.
    """
    for part in parts:
        if len(part.rows) > 2 or len(part.folders) > 1:
            continue
        for asked in reversed(part.rows):
            (past,) = {*part.rows} - {asked} or {""}
            if found := _answering(part, asked, past, parts, kinds):
                return found
    return None


def _answering(
    part: ContractPart, asked: str, past: str, parts: Sequence[ContractPart], kinds: Kinds
) -> Adapter | None:
    """Read an entry point as a service that answers one of its arguments row by row, if it can be."""
    takes, gives = (ROWS.fullmatch(kind) for kind in (part.arguments[asked], part.returns))
    if not takes or not gives or part.came_back != part.rows[asked]:
        return None
    inside, outside = (kinds.records.get(found[2], {}) for found in (takes, gives))
    shared = [name for name in outside if name in inside and inside[name] == outside[name] == "str"]
    shared = [name for name in shared if _names_rows(part, asked, name)]
    numbers = [name for name, kind in outside.items() if kind in NUMBERS and name not in inside]
    if not shared or not numbers:
        return None
    places = set(part.folders.values())
    trains = [
        one for one in parts if one is not part and len(one.rows) == 1 and places & set(one.folders.values())
    ]
    if not trains and places:
        return None
    status, ok = next(((name, said) for name, said in part.said.items() if name not in inside), ("", ""))
    train = trains[0] if trains and not past else None
    return Adapter(shared[0], numbers[0], part, asked, train, past, status, ok)


def _names_rows(part: ContractPart, asked: str, name: str) -> bool:
    """Whether every row that was given has a name of its own there."""
    rows = part.given[asked]
    records = rows.to_dict("records") if hasattr(rows, "to_dict") else rows
    values = [row.get(name) for row in records]
    return len(set(values)) == len(values)
