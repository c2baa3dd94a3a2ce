"""A miniature project that keeps the rules, in parts that a test replaces, and a case that asks it in this process."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from stubs import Answers
from unfit.bank import Contract
from unfit.case import Case, Ended, Terms
from unfit.experiments import Evaluated, Row, Service
from unfit.grades import Outcome
from unfit.sandbox import Fault, FaultKind

FIELDS = ("age", "weight")
RANGES = {"age": (0.0, 100.0), "weight": (1.0, 200.0)}
KINDS = ("cat", "dog", "owl")
USUAL = {"age": 40.0, "weight": 70.0}
CONTRACT = Contract.model_validate(
    {
        "entry": [
            {"call": f"shop:{name}", "does": "It.", "returns": "Any"}
            for name in ("train", "score", "evaluate")
        ]
    }
)


def past(n: int = 120, *, seed: int = 1) -> pd.DataFrame:
    """Visits of which the outcome is known; who comes twice is ill twice."""
    rng = np.random.default_rng(seed)
    table = pd.DataFrame(
        {
            "id": [f"R{at:04d}" for at in range(n)],
            "person": [f"P{at // 2}" for at in range(n)],
            "age": rng.uniform(5, 95, n),
            "weight": rng.uniform(10, 190, n),
            "kind": rng.choice(KINDS, n),
            "ward": rng.choice(["east", "west"], n),
        }
    )
    return table.assign(ill=(table["age"] + rng.normal(0, 10, n) > 50).astype(int))


def records(table: pd.DataFrame) -> list[Row]:
    return [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]


def rows(n: int = 12, *, seed: int = 2) -> list[Row]:
    """Requests of today, one of them with a gap."""
    table = past(n, seed=seed).drop(columns=["person", "ill"])
    found: list[Row] = records(table)
    found[3]["weight"] = None
    return found


def train(table: pd.DataFrame, again: int = 0) -> dict[str, Any]:
    del again
    return {"middle": float(table["age"].median()), "kinds": list(KINDS)}


def number(value: Any, field: str) -> float | None:
    """Read a field; raise where it cannot be true."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(field)
    if not RANGES[field][0] <= value <= RANGES[field][1]:
        raise ValueError(field)
    return float(value)


def one(model: dict[str, Any], row: Row) -> Row:
    """Answer one request."""
    try:
        age, weight = (number(row.get(field), field) for field in FIELDS)
    except (TypeError, ValueError):
        return {"id": row["id"], "score": None, "status": "held"}
    kind = model["kinds"].index(row["kind"]) if row["kind"] in model["kinds"] else 1
    age, weight = (USUAL[f] if v is None else v for f, v in zip(FIELDS, (age, weight), strict=True))
    raw = (age - model["middle"]) / 20 + weight / 1000 + kind / 10
    return {"id": row["id"], "score": 1 / (1 + math.exp(-raw)), "status": "ok"}


def score(model: dict[str, Any], batch: list[Row]) -> list[Row]:
    return [one(model, row) for row in batch]


def evaluate(table: pd.DataFrame, again: int = 0) -> dict[str, Any]:
    """Hold every fourth pair of visits out."""
    held = table["person"].str[1:].astype(int) % 4 == 0
    model = train(table[~held], again)
    scores = [one(model, row)["score"] for row in records(table[held])]
    rows = pd.DataFrame({"id": table["id"][held], "fold": 0, "truth": table["ill"][held], "value": scores})
    return {"figure": accuracy(rows["truth"].to_numpy(), rows["value"].to_numpy()), "rows": rows}


def accuracy(truth: Any, value: Any) -> float:
    return float(np.mean((value >= 0.5) == (truth == 1)))


SERVICE = Service(
    key="id",
    answer=lambda case, model, batch: case.call("shop:score", model, batch),
    train=lambda case, data, again=0: case.call("shop:train", data, again),
    evaluate=lambda case, data, again=0: Evaluated(**case.call("shop:evaluate", data, again)),
)


def case_of(**replaced: Callable[..., Any]) -> Case:
    """A case that asks the miniature, in which some functions are replaced; an error of theirs is a fault."""
    functions: dict[str, Callable[..., Any]] = {
        "train": train,
        "score": score,
        "evaluate": evaluate,
        **replaced,
    }

    def faulty(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any) -> Any:
            try:
                return function(*args)
            except Exception as error:  # noqa: BLE001 - what a worker does
                return Fault(FaultKind.RAISED, f"{type(error).__name__}: {error}", where="shop.py:1")

        return call

    table = {f"shop:{name}": faulty(function) for name, function in functions.items()}
    return Case(Answers(table), Terms(CONTRACT, source="exercise.toml"), seed=5)


def outcome(experiment: Callable[[Case], Any], case: Case) -> str:
    """Run an experiment, and say how a check made of it would end."""
    try:
        experiment(case)
    except Ended as ended:
        wrong = ended.outcome is Outcome.ERRORED and any(not item.passed for item in case.evidence)
        return Outcome.FAILED.value if wrong else ended.outcome.value
    assert case.evidence
    return (Outcome.PASSED if all(item.passed for item in case.evidence) else Outcome.FAILED).value
