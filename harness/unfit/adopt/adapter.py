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
FEW, MANY = 8, 20


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
    """

    key: str
    value: str
    serve: ContractPart
    asked: str
    train: ContractPart | None = None

    @property
    def trained_on(self) -> str:
        """The argument of training that holds the rows."""
        return next(iter(self.train.rows)) if self.train else ""

    def imports(self) -> str:
        """Write what the adapter and its check import."""
        tables = any("Table[" in kind for kind in (self.serve.returns, self.serve.arguments[self.asked]))
        pandas = "import pandas as pd\n\n" if tables else ""
        library = "from unfit.experiments import Service, alone_as_in_company\n"
        return f"from typing import Any\n\n{pandas}from unfit import Case, check\n{library}"

    def text(self, drawers: Mapping[tuple[str, str], str]) -> str:
        """Write the adapter, and a check that uses it."""
        rows = (
            f"pd.DataFrame({self.asked})"
            if self.serve.arguments[self.asked].startswith("Table")
            else self.asked
        )
        answer = self._called(self.serve, {self.asked: rows}, "model")
        records = '.to_dict("records")' if self.serve.returns.startswith("Table") else ""
        return f'''

{self._training()}
def _answer(case: Case, model: Any, {self.asked}: list[dict[str, Any]]) -> Any:
    return {answer}{records}


SERVICE = Service(key="{self.key}", answer=_answer{", train=_train" if self.train else ""}, value="{self.value}")


@check(requires=("what_was_asked_before_is_answered",))
def {COMPANY}(case: Case) -> None:
    """A row gets the same number alone and among others."""
    model = {self._model(drawers)}
    rows = {self._drawn(drawers)}
    alone_as_in_company(case, SERVICE, model, rows[:{FEW}], {{"others": rows[{FEW}:]}})
'''

    def _training(self) -> str:
        if self.train is None:
            return ""
        called = self._called(
            self.train, {self.trained_on: "rows"}, "folder", ", seed=case.shared_seed + again"
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
        if self.train is None:
            return "None"
        drawer = drawers[self.train.call, self.trained_on]
        return f"SERVICE.trained(case, {drawer}({self.train.drawn}, seed=case.shared_seed))"

    def _drawn(self, drawers: Mapping[tuple[str, str], str]) -> str:
        drawn = f"{drawers[self.serve.call, self.asked]}({FEW + MANY}, seed=case.seed)"
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
        if len(part.rows) != 1 or len(part.folders) > 1:
            continue
        (asked,) = part.rows
        takes, gives = (ROWS.fullmatch(kind) for kind in (part.arguments[asked], part.returns))
        if not takes or not gives:
            continue
        inside, outside = (kinds.records.get(found[2], {}) for found in (takes, gives))
        shared = [name for name in outside if name in inside and inside[name] == outside[name] == "str"]
        numbers = [name for name, kind in outside.items() if kind in NUMBERS and name not in inside]
        if not shared or not numbers:
            continue
        places = set(part.folders.values())
        trains = [
            one
            for one in parts
            if one is not part and len(one.rows) == 1 and places & set(one.folders.values())
        ]
        if trains or not places:
            return Adapter(shared[0], numbers[0], part, asked, trains[0] if trains else None)
    return None
