"""Experiments on learning tell a service that keeps the rule from those that break it plainly or narrowly."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from miniature import SERVICE, accuracy, case_of, evaluate, one, outcome, past, records, rows, train
from unfit.case import Case
from unfit.experiments import (
    Evaluated,
    figure_follows,
    judges_the_same,
    learns_the_same,
    on_one_side,
    real_rows,
    same_again,
)

DATA = past()
RNG = np.random.default_rng(9)
SHUFFLED = DATA.assign(ward=RNG.permutation(DATA["ward"].to_numpy()))
HELD = DATA["person"].str[1:].astype(int) % 4 == 0


def ward_not_learnt(case: Case) -> None:
    learns_the_same(case, SERVICE, DATA, {"wards shuffled": SHUFFLED}, rows())


def ward_not_judged(case: Case) -> None:
    judges_the_same(case, SERVICE, DATA, {"wards shuffled": SHUFFLED})


def held_out_apart(case: Case) -> None:
    watched, pushed = DATA["id"][HELD][::2], DATA["id"][HELD][1::2]
    changed = DATA.assign(age=DATA["age"].where(~DATA["id"].isin(pushed), 95.0))
    judges_the_same(case, SERVICE, DATA, {"others at their highest": changed}, watched=watched)


def again(case: Case) -> None:
    same_again(case, SERVICE, DATA, rows(), evaluate=DATA)


def follows(case: Case) -> None:
    claim = SERVICE.evaluated(case, DATA)
    figure_follows(case, claim, DATA.set_index("id")["ill"], accuracy, least=20)


def real(case: Case) -> None:
    real_rows(case, SERVICE.evaluated(case, DATA), DATA.set_index("id")["ill"], least=20)


def with_rows(change: Callable[[pd.DataFrame], pd.DataFrame]) -> Callable[..., dict[str, Any]]:
    """Evaluate, and report other rows."""

    def answer(table: pd.DataFrame, again: int = 0) -> dict[str, Any]:
        claim = evaluate(table)
        return {**claim, "rows": change(claim["rows"].reset_index(drop=True))}

    return answer


def leaning(table: pd.DataFrame, share: float) -> dict[str, Any]:
    """Learn from the ward in a share of the rows."""
    seen = table.head(round(share * len(table)))
    return {
        **train(table),
        "middle": table["age"].median() + seen["age"][seen["ward"] == "east"].mean() / 1000,
    }


def evaluated_with(fit: Callable[[pd.DataFrame], dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """Evaluate with a model that is fitted on more than it should be."""

    def answer(table: pd.DataFrame, again: int = 0) -> dict[str, Any]:
        del again
        model, held = fit(table), table["person"].str[1:].astype(int) % 4 == 0
        value = [one(model, row)["score"] for row in records(table[held])]
        kept = pd.DataFrame({"id": table["id"][held], "fold": 0, "truth": table["ill"][held], "value": value})
        return {"figure": accuracy(kept["truth"], kept["value"]), "rows": kept}

    return answer


def partly(table: pd.DataFrame) -> dict[str, Any]:
    """Fit on the training rows and a few of the held-out ones."""
    held = table["person"].str[1:].astype(int) % 4 == 0
    return {**train(table[~held]), "middle": 50 + float(table[held]["age"].tail(3).mean()) / 1000}


def drawn(table: pd.DataFrame, again: int = 0) -> dict[str, Any]:
    return {**train(table), "middle": 50 + again * 1e-3}


def drifting(table: pd.DataFrame, again: int = 0) -> dict[str, Any]:
    claim = evaluate(table)
    return {**claim, "figure": claim["figure"] + again * 1e-4}


def fewer_rows(table: pd.DataFrame, again: int = 0) -> dict[str, Any]:
    claim = evaluate(table)
    return {**claim, "rows": claim["rows"].head(29)}


@pytest.mark.parametrize(
    "experiment", [ward_not_learnt, ward_not_judged, held_out_apart, again, follows, real]
)
def test_a_service_that_keeps_the_rule_passes(experiment: Callable[[Case], None]) -> None:
    assert outcome(experiment, case_of()) == "passed"


@pytest.mark.parametrize(
    ("experiment", "replaced"),
    [
        (ward_not_learnt, {"train": lambda table, again=0: leaning(table, 1.0)}),
        (ward_not_judged, {"evaluate": evaluated_with(lambda table: leaning(table, 1.0))}),
        (held_out_apart, {"evaluate": evaluated_with(train)}),
        (again, {"train": drawn}),
        (follows, {"evaluate": lambda table, again=0: {**evaluate(table), "figure": 0.99}}),
        (real, {"evaluate": with_rows(lambda rows: rows.assign(truth=1 - rows["truth"]))}),
        (real, {"evaluate": with_rows(lambda rows: rows.head(5))}),
    ],
)
def test_a_service_that_breaks_the_rule_plainly_fails(
    experiment: Callable[[Case], None], replaced: dict[str, Any]
) -> None:
    assert outcome(experiment, case_of(**replaced)) == "failed"


@pytest.mark.parametrize(
    ("experiment", "replaced"),
    [
        (ward_not_learnt, {"train": lambda table, again=0: leaning(table, 0.1)}),
        (ward_not_judged, {"evaluate": evaluated_with(lambda table: leaning(table, 0.5))}),
        (held_out_apart, {"evaluate": evaluated_with(partly)}),
        (real, {"evaluate": with_rows(lambda rows: pd.concat([rows, rows.head(1)]))}),
        (real, {"evaluate": with_rows(lambda rows: rows.assign(id=rows["id"].where(rows.index > 0, "R99999")))}),
        (real, {"evaluate": with_rows(lambda rows: rows[rows["truth"] == 1])}),
        (again, {"evaluate": drifting}),
        (follows, {"evaluate": fewer_rows}),
    ],
)  # fmt: skip
def test_a_service_that_breaks_the_rule_narrowly_fails(
    experiment: Callable[[Case], None], replaced: dict[str, Any]
) -> None:
    assert outcome(experiment, case_of(**replaced)) == "failed"


def test_who_is_held_out_in_two_folds_is_counted_and_named() -> None:
    case = case_of()
    table = pd.DataFrame({"id": ["R1", "R2", "R3"], "fold": [0, 1, 0], "truth": 1, "value": 0.5})
    owners = pd.Series({"R1": "P1", "R2": "P1", "R3": "P2"})
    assert not on_one_side(case, Evaluated(0.5, table).known, owners, what="patients")
    assert (case.evidence[0].seen, case.evidence[0].row) == (1.0, "P1: in 2 folds")


def test_columns_beside_those_of_the_contract_are_left_out() -> None:
    table = pd.DataFrame({"row": ["R1"], "part": ["a"], "seen": [1], "score": [0.5], "id": [7], "truth": [0]})
    claim = Evaluated.of(0.5, table, row="row", fold="part", truth="seen", value="score")
    assert claim.known.loc["R1"].to_dict() == {"fold": "a", "truth": 1, "value": 0.5}


def test_a_table_without_folds_is_one_fold() -> None:
    table = pd.DataFrame({"id": ["R1", "R2"], "truth": 1, "value": 0.5})
    claim = Evaluated.of(0.5, table, row="id", truth="truth", value="value", fold=None)
    assert list(claim.largest_fold().index) == ["R1", "R2"]


def test_no_figure_is_recomputed_from_outcomes_that_are_wrong() -> None:
    def never(truth: Any, value: Any) -> float:
        raise ZeroDivisionError

    def wrong(table: pd.DataFrame, again: int = 0) -> dict[str, Any]:
        claim = evaluate(table)
        return {**claim, "rows": claim["rows"].assign(truth=7)}

    case = case_of(evaluate=wrong)
    truth = DATA.set_index("id")["ill"]
    claim = SERVICE.evaluated(case, DATA)
    assert outcome(lambda case: figure_follows(case, claim, truth, never, least=20), case) == "failed"
