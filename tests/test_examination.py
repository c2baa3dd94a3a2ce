"""A grade joins what the experiments saw with what the review says."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from stubs import Answer, Desk
from unfit.assembling import Background
from unfit.bank import Exercise, load_bank
from unfit.checks import load_checks
from unfit.errors import SandboxError, UsageError
from unfit.examination import Watcher, unjudged
from unfit.grades import DefectStatus, Finding, Grade, Outcome, Together
from unfit.judge import grade
from unfit.sandbox import Environment, Fault, FaultKind
from unfit.submission import take

TEA = Path(__file__).parent / "banks" / "miniature"
ENVIRONMENT = Environment(Path(sys.executable), digest="test")


def right(sales: dict[str, list[float]]) -> list[dict[str, Any]]:
    return [
        {"tea": tea, "amount": sum(days[-7:]) / 7 if days else None, "status": "ok" if days else "unknown"}
        for tea, days in sales.items()
    ]


def late(sales: dict[str, list[float]]) -> list[dict[str, Any]]:
    return right({tea: days[:-1] for tea, days in sales.items()})


def silent(_: Any) -> Fault:
    return Fault(FaultKind.RAISED, "ZeroDivisionError: division by zero")


@pytest.fixture
def tea() -> Exercise:
    return load_bank(TEA).exercise("tea_shop")


def graded(
    tea: Exercise, answer: Answer, tmp_path: Path, watch: Watcher | None = None, **known: Any
) -> Grade:
    submission = take(tea.shipped_folder, tmp_path / str(known.get("form")))
    desk = Desk({"tea.forecast:forecast": answer})
    background = Background(**known)
    return grade(tea, submission, background, backend=desk, environment=ENVIRONMENT, seed=5, watch=watch)


def status(done: Grade) -> dict[str, str]:
    return {defect.id: defect.status.value for defect in done.defects}


def test_a_defect_is_mended_when_all_of_its_checks_pass(tea: Exercise, tmp_path: Path) -> None:
    done = graded(tea, right, tmp_path)
    assert status(done)["last-day-ignored"] == "mended"


def test_a_defect_is_not_mended_when_a_check_fails(tea: Exercise, tmp_path: Path) -> None:
    done = graded(tea, late, tmp_path)
    assert status(done)["last-day-ignored"] == "not_mended"


def test_a_defect_outside_the_form_is_not_planted(tea: Exercise, tmp_path: Path) -> None:
    assert status(graded(tea, right, tmp_path))["window-too-short"] == "not_planted"
    assert status(graded(tea, right, tmp_path, form="b"))["no-watch"] == "not_planted"


def test_what_may_never_have_been_planted_is_unproven_and_says_why(tea: Exercise, tmp_path: Path) -> None:
    done = graded(tea, right, tmp_path, doubts={"last-day-ignored": "Nobody knows."})
    (doubted,) = [defect for defect in done.defects if defect.doubt]
    assert (doubted.id, doubted.status, doubted.together) == (
        "last-day-ignored",
        DefectStatus.UNPROVEN,
        Together.UNDECIDED,
    )


def test_what_fails_was_there_whatever_the_doubt(tea: Exercise, tmp_path: Path) -> None:
    done = graded(tea, late, tmp_path, doubts={"last-day-ignored": "Nobody knows."})
    assert (status(done)["last-day-ignored"], {defect.doubt for defect in done.defects}) == (
        "not_mended",
        {""},
    )


def test_an_unknown_form_is_named(tea: Exercise, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="`c`"):
        graded(tea, right, tmp_path, form="c")


def test_a_submission_that_raises_is_undecided_never_a_crash(tea: Exercise, tmp_path: Path) -> None:
    done = graded(tea, silent, tmp_path)
    assert {defect.together for defect in done.defects if defect.status is DefectStatus.ERRORED} == {
        Together.UNDECIDED
    }


def test_what_no_defect_and_no_decoy_names_is_a_guard(tea: Exercise, tmp_path: Path) -> None:
    done = graded(tea, right, tmp_path)
    assert [(guard.name, guard.outcome) for guard in done.guards] == [
        ("every_tea_gets_a_forecast", Outcome.PASSED)
    ]


@pytest.mark.parametrize(
    ("findings", "together"),
    [
        (None, Together.NEITHER),
        ([], Together.NEITHER),
        ([Finding(title="x", match="matched", defects=("last-day-ignored",))], Together.DESCRIBED),
        (
            [Finding(title="x", match="matched", defects=("last-day-ignored",), put_off="no time")],
            Together.PUT_OFF,
        ),
    ],
)
def test_a_defect_that_is_not_mended_may_be_described(
    tea: Exercise, tmp_path: Path, findings: Any, together: Together
) -> None:
    done = graded(tea, late, tmp_path, findings=findings)
    assert next(item for item in done.defects if item.id == "last-day-ignored").together is together


def test_the_same_submission_and_seed_give_the_same_grade(tea: Exercise, tmp_path: Path) -> None:
    one, two = (graded(tea, late, tmp_path / name) for name in ("one", "two"))
    assert one.model_dump(exclude={"timings"}) == two.model_dump(exclude={"timings"})


def test_a_grade_records_what_it_was_made_of(tea: Exercise, tmp_path: Path) -> None:
    done = graded(tea, right, tmp_path)
    assert (done.seed, done.environment, done.backend.name, done.exercise.version) == (
        5,
        "test",
        "desk",
        "1.0.0",
    )
    assert done.timings.processor_seconds > 0


def test_the_headline_counts_and_neither_totals_nor_ranks(tea: Exercise, tmp_path: Path) -> None:
    headline = graded(tea, late, tmp_path).headline
    assert headline.startswith("3 planted mistakes: ")
    assert headline.endswith("Evidence for a conversation, not a score.")


def test_without_a_working_sandbox_there_is_no_grade(tea: Exercise, tmp_path: Path) -> None:
    submission = take(tea.shipped_folder, tmp_path / "clean")
    desk = Desk({}, obstacles=("it is not installed",))
    with pytest.raises(SandboxError, match="it is not installed"):
        grade(tea, submission, backend=desk, environment=ENVIRONMENT)
    assert desk.opened == []


def test_every_check_is_announced_and_its_verdict_told(tea: Exercise, tmp_path: Path) -> None:
    told: list[tuple[str, bool]] = []
    graded(tea, right, tmp_path, watch=lambda name, verdict: told.append((name, verdict is not None)))
    assert told[:2] == [(told[0][0], False), (told[0][0], True)]
    assert len(told) == 2 * len(tea.check_names or ())


def test_an_answer_that_the_kit_cannot_judge_ends_one_check_and_is_told(
    tea: Exercise, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(case: Any) -> None:
        case.call("tea.forecast:forecast", {}).missing()

    checks = [
        replace(item, experiment=broken) if item.name == tea.defect("last-day-ignored").checks[0] else item
        for item in load_checks(tea.solution)
    ]
    monkeypatch.setattr("unfit.judge.load_checks", lambda _: checks)
    done = graded(tea, right, tmp_path)
    assert status(done)["last-day-ignored"] == "errored"
    assert len(unjudged(done.verdicts)) == 1
    assert any("fault of the kit" in note for note in done.notes)
