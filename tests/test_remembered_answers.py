"""Every identical question is asked once, and what cannot be known twice is asked again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import pandas as pd
import pytest

from stubs import Answer, Answers
from unfit.remembered_answers import Memory, RememberingWorker, Store
from unfit.sandbox import Call, Fault, FaultKind, Limits, Notebook, Worker
from unfit.wire import Double, Folder


class Asked:
    """Questions to a worker that answers from a table; each instance is another run of the same tree."""

    def __init__(self, folder: Path, table: Mapping[str, Answer], about: str = "tree") -> None:
        self.worker = Answers(table)
        self.started = 0
        self.questions = RememberingWorker(self._start, Store(folder), about=about)

    def _start(self) -> Worker:
        self.started += 1
        return cast(Worker, self.worker)

    def call(self, *args: Any, **options: Any) -> Any:
        return self.questions.call(Call("m:f", args, **options)).value


@pytest.fixture
def double() -> Mapping[str, Answer]:
    return {"m:f": lambda value: value * 2}


def test_a_known_question_starts_no_sandbox(tmp_path: Path, double: Mapping[str, Answer]) -> None:
    assert Asked(tmp_path, double).call(3) == 6
    again = Asked(tmp_path, double)
    assert (again.call(3), again.started) == (6, 0)


def test_a_pair_of_runs_is_a_pair(tmp_path: Path, double: Mapping[str, Answer]) -> None:
    first = Asked(tmp_path, double)
    assert [first.call(3), first.call(3)] == [6, 6]
    assert len(first.worker.calls) == 2


def test_a_pair_of_runs_is_known_as_a_pair(tmp_path: Path, double: Mapping[str, Answer]) -> None:
    first, again = Asked(tmp_path, double), Asked(tmp_path, double)
    assert [first.call(3), first.call(3)] == [again.call(3), again.call(3)]
    assert again.started == 0


def test_another_check_may_ask_what_one_asked_before(tmp_path: Path, double: Mapping[str, Answer]) -> None:
    asked = Asked(tmp_path, double)
    asked.call(3)
    asked.questions.begin()
    asked.call(3)
    assert len(asked.worker.calls) == 1


@pytest.mark.parametrize(
    "other",
    [{"seed": 1}, {"hash_seed": 1}, {"environment": {"TZ": "UTC"}}, {"limits": Limits(cpu=1.0)}],
    ids=["seed", "hash seed", "environment", "limits"],
)
def test_what_surrounds_a_call_is_part_of_the_question(
    tmp_path: Path, double: Mapping[str, Answer], other: dict[str, Any]
) -> None:
    Asked(tmp_path, double).call(3)
    again = Asked(tmp_path, double)
    again.call(3, **other)
    assert again.started == 1


def test_another_tree_is_another_question(tmp_path: Path, double: Mapping[str, Answer]) -> None:
    Asked(tmp_path, double).call(3)
    other = Asked(tmp_path, double, about="another tree")
    other.call(3)
    assert other.started == 1


def test_a_table_comes_back_as_it_was(tmp_path: Path) -> None:
    table = pd.DataFrame({"a": [1.5, float("nan")], "b": ["x", None]})
    Asked(tmp_path, {"m:f": lambda value: value}).call(table)
    pd.testing.assert_frame_equal(Asked(tmp_path, {}).call(table), table)


def written(folder: Folder) -> None:
    folder.files = {"model.bin": b"weights"}


def test_what_a_call_wrote_into_a_folder_is_part_of_its_answer(tmp_path: Path) -> None:
    Asked(tmp_path, {"m:f": written}).call(Folder())
    folder = Folder()
    Asked(tmp_path, {}).call(folder)
    assert folder.files == {"model.bin": b"weights"}


def rewritten(folder: Folder) -> None:
    folder.files, folder.held = {"log": b"2"}, {"log": b"1"}


def test_what_a_reader_of_old_sees_is_part_of_an_answer(tmp_path: Path) -> None:
    Asked(tmp_path, {"m:f": rewritten}).call(Folder({"log": b"1"}, writable=True))
    folder = Folder({"log": b"1"}, writable=True)
    Asked(tmp_path, {}).call(folder)
    assert (folder.files, folder.held) == ({"log": b"2"}, {"log": b"1"})


def test_what_a_folder_holds_is_part_of_the_question(tmp_path: Path) -> None:
    table = {"m:f": lambda folder: len(folder.files["a"])}
    assert Asked(tmp_path, table).call(Folder({"a": b"1"})) == 1
    assert Asked(tmp_path, table).call(Folder({"a": b"22"})) == 2


def test_a_double_answers_anew_each_time(tmp_path: Path) -> None:
    table = {"m:f": lambda double: double.target.pop()}
    assert Asked(tmp_path, table).call(Double([1], ("pop",))) == 1
    assert Asked(tmp_path, table).call(Double([2], ("pop",))) == 2


@pytest.mark.parametrize(
    ("kind", "started"), [(FaultKind.RAISED, 0), (FaultKind.CPU, 1), (FaultKind.MEMORY, 1)]
)
def test_an_ending_by_a_limit_is_not_kept(tmp_path: Path, kind: FaultKind, started: int) -> None:
    fault = Fault(kind, "ended", "src/m.py:1 in f", "detail")
    Asked(tmp_path, {"m:f": lambda: fault}).call()
    again = Asked(tmp_path, {"m:f": lambda: fault})
    assert again.questions.call(Call("m:f")).fault == fault
    assert again.started == started


def counter() -> Mapping[str, Answer]:
    """A service that counts its calls."""
    steps = Counter[str]()

    def count(step: int) -> int:
        steps["made"] += step
        return steps["made"]

    return {"m:f": count}


def test_a_known_session_is_not_started(tmp_path: Path) -> None:
    with Asked(tmp_path, counter()).questions.session() as session:
        seen = [session.call(Call("m:f", (step,))).value for step in (1, 2)]
    again = Asked(tmp_path, counter())
    with again.questions.session() as session:
        assert [session.call(Call("m:f", (step,))).value for step in (1, 2)] == seen == [1, 3]
    assert again.started == 0


def test_a_session_that_goes_on_anew_has_lived_its_history(tmp_path: Path) -> None:
    with Asked(tmp_path, counter()).questions.session() as session:
        session.call(Call("m:f", (1,)))
    again = Asked(tmp_path, counter())
    with again.questions.session() as session:
        assert [session.call(Call("m:f", (step,))).value for step in (1, 2)] == [1, 3]
    assert again.started == 1


def test_a_session_with_a_double_is_lived_from_there_on(tmp_path: Path) -> None:
    table = {"m:f": lambda value: value.target if isinstance(value, Double) else value}
    for answer in (5, 7):
        asked = Asked(tmp_path, table)
        with asked.questions.session() as session:
            session.call(Call("m:f", (1,)))
            assert session.call(Call("m:f", (Double(answer, ()),))).value == answer


def test_a_known_notebook_is_not_run(tmp_path: Path) -> None:
    table: Mapping[str, Answer] = {"n.ipynb": lambda _: None, "report": lambda: {"value": 1.0}}
    for started in (1, 0):
        asked = Asked(tmp_path, table)
        session, reply = asked.questions.notebook(Notebook("n.ipynb", {"d.csv": b"a\n1\n"}))
        assert (reply.fault, session.value("report").value) == (None, {"value": 1.0})
        assert asked.started == started


def test_a_notebook_runs_again_on_other_files(tmp_path: Path) -> None:
    table: Mapping[str, Answer] = {"n.ipynb": lambda _: None}
    for content in (b"1", b"2"):
        asked = Asked(tmp_path, table)
        asked.questions.notebook(Notebook("n.ipynb", {"d.csv": content}))
        assert asked.started == 1


def test_what_is_read_from_a_notebook_does_not_depend_on_what_was_read_before(tmp_path: Path) -> None:
    table: Mapping[str, Answer] = {"n.ipynb": lambda _: None, "a": lambda: 1, "b": lambda: 2}
    for order, started in (("ab", 1), ("ba", 0)):
        asked = Asked(tmp_path, table)
        session, _ = asked.questions.notebook(Notebook("n.ipynb", {}))
        assert [session.value(name).value for name in order] == [1 + (name == "b") for name in order]
        assert asked.started == started


def test_one_grade_remembers_only_what_its_checks_share(double: Mapping[str, Answer]) -> None:
    worker = Answers(double)
    questions = RememberingWorker(lambda: cast(Worker, worker), Memory(), only=5)
    for seed in (5, 6, 5, 6):
        questions.begin()
        assert questions.call(Call("m:f", (3,), seed=seed)).value == 6
    assert [call.seed for call in worker.calls] == [5, 6, 6]


def test_an_answer_from_memory_is_the_readers_own_and_costs_nothing() -> None:
    questions = RememberingWorker(lambda: cast(Worker, Answers({"m:f": lambda: [1]})), Memory(), only=0)
    first = questions.call(Call("m:f"))
    first.value.append(2)
    questions.begin()
    again = questions.call(Call("m:f"))
    assert (again.value, again.usage.cpu, first.usage.cpu > 0) == ([1], 0.0, True)


def test_a_torn_answer_counts_as_none(tmp_path: Path, double: Mapping[str, Answer]) -> None:
    Asked(tmp_path, double).call(3)
    (kept,) = tmp_path.glob("*/*")
    kept.write_bytes(kept.read_bytes()[:-3])
    again = Asked(tmp_path, double)
    assert (again.call(3), again.started) == (6, 1)


def test_a_full_store_drops_what_was_not_used_for_longest(tmp_path: Path) -> None:
    store = Store(tmp_path, most=1)
    store.put("a" * 64, "old")
    store.prune()
    assert store.get("a" * 64) is None


def test_what_was_reached_is_remembered(tmp_path: Path, double: Mapping[str, Answer]) -> None:
    asked = Asked(tmp_path, double)
    asked.call(3)
    assert asked.questions.asked == {"m:f"}
