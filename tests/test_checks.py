"""A check is declared by a function, ordered by its needs, and ends in one of four ways."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from stubs import Answers
from test_case import CONTRACT
from unfit.case import Case, Terms
from unfit.check_seeds import seed_of
from unfit.checks import Check, check, in_order, load_checks, run
from unfit.errors import CheckError
from unfit.grades import Outcome, Verdict
from unfit.sandbox import Fault, FaultKind

TERMS = Terms(CONTRACT, source="exercise.toml")


def verdict_of(
    item: Check, done: dict[str, Verdict] | None = None, *, strict: bool = False, **table: Any
) -> Verdict:
    worker = Answers({"demo:score": table.get("score", lambda: 0.5)})
    return run(item, worker, TERMS, seed=1, done=done or {}, strict=strict)[0]


@check
def small(case: Case) -> None:
    """The score is small."""
    case.compare("score", seen=case.call("demo:score"), limit=1.0)


def test_a_check_says_what_is_true_where_it_passes() -> None:
    assert (small.name, small.sentence) == ("small", "The score is small.")


def test_a_check_without_a_sentence_is_refused() -> None:
    def silent(case: Case) -> None:
        case.confirm("x", holds=True)

    with pytest.raises(CheckError, match="`silent` has no docstring"):
        check(silent)


def test_a_comparison_that_holds_passes() -> None:
    assert verdict_of(small).outcome is Outcome.PASSED


def test_a_comparison_that_does_not_hold_fails_with_its_evidence() -> None:
    verdict = verdict_of(small, score=lambda: 2.0)
    assert (verdict.outcome, verdict.evidence[0].seen, verdict.evidence[0].limit) == (
        Outcome.FAILED,
        2.0,
        1.0,
    )


def test_a_fault_is_errored_and_keeps_its_cause() -> None:
    verdict = verdict_of(small, score=lambda: Fault(FaultKind.CPU, "more than 4 s of processor time"))
    assert (verdict.outcome, verdict.replayable) == (Outcome.ERRORED, False)
    assert verdict.cause == "demo:score: more than 4 s of processor time"


def test_wrong_behaviour_outweighs_a_later_fault() -> None:
    @check
    def two_steps(case: Case) -> None:
        """Two steps."""
        case.confirm("first", holds=False)
        case.call("demo:score")

    verdict = verdict_of(two_steps, score=lambda: Fault(FaultKind.RAISED, "boom"))
    assert verdict.outcome is Outcome.FAILED


def test_a_check_whose_need_did_not_pass_is_unproven_and_names_it() -> None:
    @check(requires=("small",))
    def later(case: Case) -> None:
        """Later."""
        case.confirm("never reached", holds=True)

    verdict = verdict_of(later, done={"small": verdict_of(small, score=lambda: 2.0)})
    assert (verdict.outcome, verdict.blockers) == (Outcome.UNPROVEN, ("small",))


def test_a_check_that_raises_is_our_error_and_no_verdict() -> None:
    @check
    def broken(case: Case) -> None:
        """Broken."""
        case.call("demo:score").missing()

    with pytest.raises(CheckError, match="check `broken` raised AttributeError"):
        verdict_of(broken)


def test_a_check_that_raises_after_it_saw_something_wrong_has_seen_enough() -> None:
    @check
    def broken(case: Case) -> None:
        """Broken."""
        case.equal("rows", 0, 1)
        case.call("demo:score").missing()

    assert verdict_of(broken).outcome is Outcome.FAILED
    with pytest.raises(CheckError, match="check `broken` raised AttributeError"):
        verdict_of(broken, strict=True)


def test_a_check_that_compares_nothing_is_our_error() -> None:
    @check
    def empty(case: Case) -> None:
        """Empty."""

    with pytest.raises(CheckError, match="`empty` compared nothing"):
        verdict_of(empty)


def test_checks_stand_behind_what_they_need() -> None:
    late = Check("late", "Late.", small.experiment, requires=("small",))
    assert [item.name for item in in_order([late, small])] == ["small", "late"]


def test_an_unknown_need_is_named() -> None:
    with pytest.raises(CheckError, match="`late` needs `tiny`"):
        in_order([Check("late", "Late.", small.experiment, after=("tiny",))])


def test_checks_that_wait_for_one_another_are_refused() -> None:
    circle = [Check(one, "x", small.experiment, after=(two,)) for one, two in (("a", "b"), ("b", "a"))]
    with pytest.raises(CheckError, match="wait for one another"):
        in_order(circle)


def test_a_seed_depends_on_the_check_the_grade_and_the_version() -> None:
    seeds = {
        seed_of(name, seed=seed, version=version)
        for name in ("a", "b")
        for seed in (1, 2)
        for version in ("1", "2")
    }
    assert len(seeds) == 8


def test_checks_import_their_neighbours(tmp_path: Path) -> None:
    (tmp_path / "world.py").write_text("LIMIT = 1.0\n")
    (tmp_path / "checks.py").write_text(
        "from unfit import Case, check\nfrom .world import LIMIT\n\n@check\ndef holds(case: Case) -> None:\n"
        '    """Holds."""\n    case.compare("x", seen=LIMIT, limit=LIMIT)\n'
    )
    assert [item.name for item in load_checks(tmp_path)] == ["holds"]


def test_checks_that_do_not_import_name_the_line(tmp_path: Path) -> None:
    (tmp_path / "checks.py").write_text("import nowhere_to_be_found\n")
    with pytest.raises(CheckError, match=r"ModuleNotFoundError.*checks\.py:1"):
        load_checks(tmp_path)


def test_missing_checks_are_named(tmp_path: Path) -> None:
    with pytest.raises(CheckError, match=r"checks\.py is missing"):
        load_checks(tmp_path)
