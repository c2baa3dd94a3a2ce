"""A case asks the submission and records what the grader compared."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from stubs import Answers
from unfit.bank import Contract
from unfit.case import Case, Ended, Terms, same
from unfit.errors import CheckError
from unfit.grades import Outcome
from unfit.sandbox import Fault, FaultKind

ROOT = Path(__file__).parents[1]
CONTRACT = Contract.model_validate(
    {
        "entry": [{"call": "demo:score", "does": "Score.", "returns": "float", "seconds": 4}],
        "notebook": [
            {
                "path": "nb.ipynb",
                "does": "Train.",
                "defines": {"figure": "float"},
                "functions": {"predict": {"returns": "list[float]"}},
            }
        ],
    }
)


def case_of(**table: Any) -> tuple[Case, Answers]:
    names = {"score": "demo:score", "notebook": "nb.ipynb"}
    worker = Answers({names.get(name, name): answer for name, answer in table.items()})
    return Case(worker, Terms(CONTRACT, source="exercise.toml"), seed=7), worker


def test_a_call_returns_the_value_and_counts_its_cost() -> None:
    case, _ = case_of(score=lambda x: x / 2)
    assert (case.call("demo:score", 3.0), case.spent) == (1.5, 0.5)


def test_a_call_is_bounded_by_the_contract_and_seeded_by_the_check() -> None:
    case, worker = case_of(score=lambda: 1.0)
    case.call("demo:score", hash_seed=3, environment={"TZ": "UTC"})
    call = worker.calls[0]
    assert (call.limits.cpu, call.seed, call.hash_seed, dict(call.environment)) == (4, 7, 3, {"TZ": "UTC"})


def test_a_fault_ends_the_check_as_errored_with_its_cause() -> None:
    fault = Fault(FaultKind.RAISED, "KeyError: 'age'", where="src/demo.py:3 in score")
    case, _ = case_of(score=lambda: fault)
    with pytest.raises(Ended, match="demo:score: KeyError: 'age'") as ended:
        case.call("demo:score")
    assert (ended.value.outcome, ended.value.where) == (Outcome.ERRORED, "src/demo.py:3 in score")


def test_an_attempt_hands_the_fault_back() -> None:
    case, _ = case_of(score=lambda: Fault(FaultKind.WALL, "no answer within 17 s"))
    fault = case.attempt("demo:score").fault
    assert fault is not None
    assert not fault.replayable


def test_a_value_that_breaks_the_contract_is_a_fault() -> None:
    case, _ = case_of(score=lambda: "high")
    with pytest.raises(Ended, match=r"broke the contract: must be a number\. Got 'high'"):
        case.call("demo:score")


def test_a_check_that_calls_outside_the_contract_is_broken() -> None:
    case, _ = case_of()
    with pytest.raises(CheckError, match="the contract names demo:score"):
        case.call("demo:secret")


def test_answers_come_in_the_order_of_the_inputs_whatever_was_asked_first() -> None:
    case, worker = case_of(score=lambda x: x / 2)
    answers = case.apart(lambda x: case.call("demo:score", x), range(20))
    assert answers == [x / 2 for x in range(20)]
    assert [call.args[0] for call in worker.calls] != list(range(20))


def test_the_seed_draws_the_order_of_questions_that_are_compared() -> None:
    (one, first), (other, second) = (case_of(score=lambda x: x / 2) for _ in range(2))
    one.apart(lambda x: one.call("demo:score", x), range(20))
    other.apart(lambda x: other.call("demo:score", x), range(20))
    assert [call.args for call in first.calls] == [call.args for call in second.calls]


def test_two_questions_that_are_compared_may_not_share_a_session() -> None:
    case, _ = case_of(score=lambda x: x / 2)
    session = case.session()
    with pytest.raises(CheckError, match="share a session"):
        case.apart(lambda x: session.call("demo:score", x), (1.0, 2.0))


def test_two_questions_that_are_compared_may_not_share_a_notebooks_run() -> None:
    case, _ = case_of(notebook=lambda _: None, predict=lambda rows: [1.0] * rows)
    run = case.notebook("nb.ipynb", files={})
    with pytest.raises(CheckError, match="share a session or a notebook's run"):
        case.apart(lambda rows: run.call("predict", rows), (1, 2))


def test_each_question_may_have_a_session_of_its_own() -> None:
    case, worker = case_of(score=lambda x: x / 2)
    assert case.apart(lambda x: case.session().call("demo:score", x), (1.0, 2.0)) == [0.5, 1.0]
    assert len(worker.sessions) == 2


def scored(case: Case) -> Any:
    return lambda x: [case.call("demo:score", x)]


def test_what_does_not_move_passes_after_two_questions() -> None:
    case, worker = case_of(score=lambda _: 1.0)
    assert case.unmoved("moved by {seen}", scored(case), 1.0, 2.0, limit=1e-6)
    assert len(worker.calls) == 2


def test_a_change_that_repeats_itself_fails() -> None:
    case, _ = case_of(score=lambda x: x)
    assert not case.unmoved("moved by {seen}", scored(case), 1.0, 3.0, limit=1e-6)
    assert case.evidence[0].seen == 2.0


def test_a_little_noise_does_not_excuse_a_large_change() -> None:
    noise = iter([0.0, 0.001, 0.002, 0.003])
    case, _ = case_of(score=lambda x: x + next(noise))
    assert not case.unmoved("moved by {seen}", scored(case), 1.0, 3.0, limit=1e-6)


def test_a_change_no_larger_than_the_noise_proves_nothing() -> None:
    noise = iter([0.0, 1.0, 2.0, 3.0])
    case, _ = case_of(score=lambda _: next(noise))
    with pytest.raises(Ended, match=r"moved by .*, but two answers to one question differ by") as ended:
        case.unmoved("moved by {seen}", scored(case), 1.0, 3.0, limit=1e-6)
    assert ended.value.outcome is Outcome.UNPROVEN


def test_an_answer_that_chose_the_change_is_not_asked_for_again() -> None:
    case, worker = case_of(score=lambda _: 1.0)
    assert case.unmoved("moved by {seen}", scored(case), 1.0, 2.0, limit=1e-6, known=[1.0])
    assert [call.args for call in worker.calls] == [(2.0,)]


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ([1.0, 2.0, None], [1.0, None, None], "1 of 3 answers are missing before or after"),
        ([1.0], [1.0, 2.0], "1 numbers before, 2 after"),
        ([1.0, 2.0], [1.0, 3.0], ""),
    ],
)
def test_an_answer_that_is_lost_is_told_in_words(before: Any, after: Any, told: str) -> None:
    case, _ = case_of()
    answers = {"usual": before, "changed": after}
    assert not case.unmoved("moved by {seen}", answers.get, "usual", "changed", limit=1e-6)
    assert case.evidence[0].row == told


def test_each_question_gets_identifiers_of_its_own() -> None:
    case, _ = case_of()
    names = ["S001", "S002", "S003"]
    assert case.relabel(names).new != case.relabel(names).new


@pytest.mark.parametrize(
    ("seen", "direction", "passed"),
    [(1.0, "at most", True), (1.1, "at most", False), (1.0, "at least", True), (0.9, "at least", False)],
)
def test_a_comparison_passes_on_its_limit_and_fails_beyond(seen: float, direction: Any, passed: bool) -> None:
    case, _ = case_of()
    assert case.compare("x", seen=seen, limit=1.0, direction=direction) is passed


@pytest.mark.parametrize("seen", [float("nan"), float("inf"), float("-inf"), np.float64("nan")])
@pytest.mark.parametrize("direction", ["at most", "at least"])
def test_a_number_that_is_not_finite_never_passes(seen: float, direction: Any) -> None:
    case, _ = case_of()
    assert not case.compare("x", seen=seen, limit=1.0, direction=direction)


def test_a_comparison_within_two_deviations_of_its_limit_is_close() -> None:
    case, _ = case_of()
    case.compare("x", seen=0.9, limit=1.0, sd=0.06)
    case.compare("x", seen=0.9, limit=1.0, sd=0.04)
    assert [item.close for item in case.evidence] == [True, False]


def test_an_equality_records_in_words_where_two_lists_part() -> None:
    case, _ = case_of()
    whole = [f"R-{number:05}" for number in range(90)]
    case.equal("answered {seen}", whole[:30], whole, unit="referrals")
    assert (case.evidence[0].seen, case.evidence[0].limit) == (
        "30 of 90 referrals; missing R-00030 and 59 more",
        None,
    )


def test_a_folder_holds_bytes_and_tables_and_nothing_else() -> None:
    case, _ = case_of()
    folder = case.folder({"a.csv": pd.DataFrame({"x": [1]}), "b": b"2"})
    assert folder.files == {"a.csv": b"x\n1\n", "b": b"2"}
    with pytest.raises(CheckError, match="the check lays str into a file"):
        case.folder({"c": "3"})  # type: ignore[dict-item]


def test_a_notebook_reads_frames_as_csv_and_gives_its_names() -> None:
    case, worker = case_of(notebook=lambda _: None, figure=lambda: 0.5, predict=lambda rows: [1.0] * rows)
    run = case.notebook("nb.ipynb", files={"data/x.csv": pd.DataFrame({"a": [1]})}, returns=["figure"])
    assert (run["figure"], run.call("predict", 2)) == (0.5, [1.0, 1.0])
    assert worker.calls[0].args[0].files == {"data/x.csv": b"a\n1\n"}


def test_what_was_fetched_outlives_the_notebooks_process() -> None:
    case, worker = case_of(notebook=lambda _: None, figure=lambda: 0.5)
    run = case.notebook("nb.ipynb", files={}, returns=["figure"])
    run.close()
    assert (run["figure"], worker.sessions[0].closed) == (0.5, 1)


def test_a_notebook_that_raises_ends_the_check() -> None:
    fault = Fault(FaultKind.CELL, "ZeroDivisionError", where="nb.ipynb cell `split` line 2")
    case, _ = case_of(notebook=lambda _: fault)
    with pytest.raises(Ended) as ended:
        case.notebook("nb.ipynb", files={})
    assert ended.value.where == "nb.ipynb cell `split` line 2"


def test_a_name_that_the_contract_does_not_promise_is_not_read() -> None:
    case, _ = case_of(notebook=lambda _: None)
    with pytest.raises(CheckError, match="the contract promises figure"):
        case.notebook("nb.ipynb", files={}, returns=["secret"])


def test_what_a_check_leaves_open_ends_with_the_check() -> None:
    case, worker = case_of(score=lambda: 1.0)
    case.session().call("demo:score")
    case.close()
    assert worker.sessions[0].closed == 1


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ({"a": [1.0, float("nan")]}, {"a": [1.0, float("nan")]}, True),
        ({"a": 1}, {"a": 1, "b": 2}, False),
        (pd.DataFrame({"a": [1.0, None]}), pd.DataFrame({"a": [1.0, None]}), True),
        (np.array([1.0, np.nan]), np.array([1.0, np.nan]), True),
        ([1, 2], [1, 2, 3], False),
        ("a", ["a"], False),
    ],
)
def test_sameness_is_deep_and_exact(one: Any, other: Any, equal: bool) -> None:
    assert same(one, other) is equal


@pytest.mark.parametrize(
    "slug", sorted(path.name for path in (ROOT / "solutions").iterdir() if path.is_dir())
)
def test_whatever_the_checks_of_a_bundled_exercise_use_of_a_case_is_there(slug: str) -> None:
    texts = [path.read_text() for path in (ROOT / "solutions" / slug).glob("*.py")]
    named = {name for text in texts for name in re.findall(r"\bcase\.([a-z_]+)", text)}
    case, _ = case_of()
    assert "seed" in named
    assert [name for name in sorted(named) if not hasattr(case, name)] == []


def test_a_table_whose_labels_repeat_is_handed_over_with_labels_of_its_own() -> None:
    case, worker = case_of(score=lambda *_, **__: 1.0)
    days = pd.DataFrame({"day": [1, 2]})
    case.call("demo:score", pd.concat([days, days]), more=pd.concat([days.day, days.day]))
    (call,) = worker.calls
    assert list(call.args[0].index) == list(call.kwargs["more"].index) == [0, 1, 2, 3]


def test_a_table_with_labels_of_its_own_keeps_them() -> None:
    case, worker = case_of(score=lambda *_: 1.0)
    case.call("demo:score", pd.DataFrame({"day": [1, 2]}, index=[7, 3]))
    assert list(worker.calls[0].args[0].index) == [7, 3]
