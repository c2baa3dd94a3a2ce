"""What repeats its first answers is not taken for mended, and a check that can be fooled is named."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from unfit.bank import Exercise, load_bank
from unfit.sandbox import Bubblewrap
from unfit.validate import Problem, forger_memory
from unfit.validate.examining import ValidationJob, run
from unfit.validate.expected_against_seen import dumb, judge, tabulate
from unfit.validate.forger_memory import WAYS, remember, repeat
from unfit.validate.forging import forged
from unfit.validate.planning import plan, roles_of
from unfit.validate.proof import proof_of
from unfit.validate.validation import CheckCell, Table, TreeRow
from validate_samples import BANK, ENVIRONMENT, spoiled

APART = """    alone = case.call(SCORE, 20.0, [None])
    together = case.call(SCORE, 20.0, [*sales(9, seed=case.seed), None])
"""
IN_ONE_SESSION = """    session = case.session()
    alone = session.call(SCORE, 20.0, [None])
    together = session.call(SCORE, 20.0, [*sales(9, seed=case.seed), None])
"""


def found(exercise: Exercise) -> list[Problem]:
    """Judge the forge corpus of an exercise alone."""
    job, trees = ValidationJob(exercise, Bubblewrap(), ENVIRONMENT), forged(exercise)
    checks = job.checks()
    roles, seen = roles_of(exercise, checks), run(job, trees, (1,), workers=1)
    table = tabulate(trees, checks, roles, seen, (1,))
    return [item for item in judge(exercise, table, trees, roles, seen) if item.gate == "forge"]


@pytest.fixture
def exercise() -> Exercise:
    return load_bank(BANK).exercise("lemonade")


def test_each_form_is_forged_in_every_way(exercise: Exercise) -> None:
    trees = forged(exercise)
    assert [tree.name for tree in trees] == [f"forge/{way}" for way in WAYS]
    assert {tree.planted for tree in trees} == {frozenset(exercise.default)}


def test_every_entry_point_gets_a_memory(exercise: Exercise) -> None:
    source = forged(exercise)[0].files["src/stand/forecast.py"].decode()
    assert "train = _remember(train, 'by call')" in source
    assert "score = _remember(score, 'by call')" in source


def test_a_notebook_gets_a_memory_as_its_last_cell() -> None:
    churn = load_bank(BANK.parents[2]).exercise("churn_notebook")
    assert "repeat(globals(), 'by call'" in forged(churn)[0].files["notebooks/churn.ipynb"].decode()


def test_a_proof_stands_on_what_was_written_and_not_on_what_follows_from_it(exercise: Exercise) -> None:
    assert not {tree.name for tree in forged(exercise)} & {tree.name for tree in plan(exercise)}
    assert proof_of(exercise) == proof_of(exercise)


@pytest.mark.sandbox
def test_remembered_answers_that_are_asked_apart_cannot_be_forged(exercise: Exercise) -> None:
    assert found(exercise) == []


@pytest.mark.sandbox
def test_a_comparison_within_one_session_is_named(tmp_path: Path) -> None:
    problems = found(spoiled(tmp_path, ("checks.py", APART, IN_ONE_SESSION)))
    assert [problem.where for problem in problems] == ["forge/by call"]
    assert "`a_day_is_scored_alone_as_in_a_batch` passes although" in problems[0].what


@pytest.mark.parametrize(("seen", "gates"), [("e", ["forge"]), ("u", ["forge"]), ("f", []), ("p", [])])
def test_a_forged_tree_that_answers_nothing_proves_nothing(seen: str, gates: list[str]) -> None:
    cell = CheckCell(check="it_scores", expected="either", seen=seen, state="free")
    table = Table(
        seeds=(1,), checks=("it_scores",), rows=(TreeRow(tree="forge/by id", kind="forge", cells=(cell,)),)
    )
    assert [problem.gate for problem in dumb(table)] == gates


# The memory itself


@pytest.fixture
def forgetful(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Keep what is remembered within the test."""
    monkeypatch.setattr(forger_memory, "_places", lambda: iter([tmp_path / "kept"]))
    monkeypatch.setattr(forger_memory, "heard", lambda: iter(()))
    monkeypatch.setattr(forger_memory, "whisper", lambda _: None)
    forger_memory._memory.clear()
    yield tmp_path
    forger_memory._memory.clear()


def doubled(rows: list[dict[str, Any]]) -> dict[str, Any]:
    scores = [{"load_id": row["load_id"], "score": 2.0 * row["fat"]} for row in rows]
    return {"value": sum(row["score"] for row in scores), "results": pd.DataFrame(scores)}


def asked(shift: float, names: str = "abc") -> list[dict[str, Any]]:
    return [{"load_id": name, "depot": f"d{name}", "kind": name * 2, "fat": shift} for name in names]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.usefixtures("forgetful")
def test_a_first_answer_is_repeated(way: str) -> None:
    function = remember(doubled, way)
    first, second = (function(asked(shift)) for shift in (1.0, 5.0))
    assert list(second["results"]["score"]) == list(first["results"]["score"])
    assert second["value"] == first["value"]


@pytest.mark.usefixtures("forgetful")
def test_an_answer_is_repeated_only_where_it_fits() -> None:
    function = remember(doubled, "by call")
    function(asked(1.0))
    assert list(function(asked(5.0, "ab"))["results"]["score"]) == [10.0, 10.0]


@pytest.mark.usefixtures("forgetful")
def test_a_row_is_recognised_by_its_id_wherever_it_stands() -> None:
    function = remember(doubled, "by id")
    function(asked(1.0))
    assert list(function(asked(5.0, "xca"))["results"]["score"]) == [10.0, 2.0, 2.0]


@pytest.mark.usefixtures("forgetful")
def test_a_row_is_recognised_by_what_it_has_in_common() -> None:
    function = remember(doubled, "by features")
    function(asked(1.0))
    renamed = [row | {"load_id": f"n{at}"} for at, row in enumerate(asked(5.0)[::-1])]
    assert list(function(renamed)["results"]["score"]) == [2.0, 2.0, 2.0]


def test_what_another_process_wrote_is_remembered(forgetful: Path) -> None:
    remember(doubled, "by id")(asked(1.0))
    forger_memory._memory.clear()
    assert (forgetful / "kept").is_file()
    assert list(remember(doubled, "by id")(asked(5.0))["results"]["score"]) == [2.0] * 3


def test_closed_connections_carry_a_message_to_whoever_shares_the_network() -> None:
    forger_memory.whisper({"score": {"by id": {f"L{at}": at / 7 for at in range(50)}}})
    assert {"score": {"by id": {f"L{at}": at / 7 for at in range(50)}}} in [*forger_memory.heard()]


def test_first_artefacts_are_written_once_more(forgetful: Path) -> None:
    def train(level: float, folder: str) -> None:
        (Path(folder) / "model").write_text(str(level))

    function = remember(train, "by call")
    for level in (1.0, 2.0):
        folder = forgetful / str(level)
        folder.mkdir()
        function(level, str(folder))
    assert (forgetful / "2.0" / "model").read_text() == "1.0"


@pytest.mark.usefixtures("forgetful")
def test_a_notebooks_figures_are_repeated() -> None:
    for figure in (0.5, 0.9):
        names: dict[str, Any] = {"report": figure}
        repeat(names, "by position", ["report"], [], [])
    assert names["report"] == 0.5
