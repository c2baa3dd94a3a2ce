"""The gate proves an exercise, resumes, and says what is wanting, first things first."""

from __future__ import annotations

import multiprocessing
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from fake_sandbox import Fake
from processes import below, gone
from unfit.bank import load_bank
from unfit.cli import authoring, shared
from unfit.sandbox import Bubblewrap
from unfit.validate import (
    Validation,
    ValidationJob,
    ValidationProgress,
    plan,
    render_html,
    render_text,
    run,
    validate,
)
from unfit.validate.seeds import choose_seeds, note_clean
from unfit.validate.validation import Problem, Seen
from validate_samples import BANK, ENVIRONMENT, Gone, judged, looking, shown, spoiled

Edit = tuple[str, str, str]


@pytest.fixture(scope="module")
def clean() -> Validation:
    exercise = load_bank(BANK).exercise("lemonade")
    return validate(exercise, backend=Fake(), environment=ENVIRONMENT, seeds=(1, 2, 3), workers=1)


def test_an_exercise_that_brings_everything_is_clean(clean: Validation) -> None:
    assert clean.problems == ()


def test_without_a_sandbox_nothing_is_forged_and_a_reader_is_told(clean: Validation) -> None:
    assert any("the forge corpus was left out" in note for note in clean.notes)


def test_what_needs_no_examining_is_told_before_it_begins(tmp_path: Path) -> None:
    exercise = spoiled(tmp_path)
    (exercise.project / "NOTES.md").write_text("Mind the_newest_day_counts.\n")
    told: list[Any] = []
    found = validate(
        exercise,
        backend=Fake(),
        environment=ENVIRONMENT,
        seeds=(1,),
        workers=1,
        watch=told.append,
        tell=told.append,
    )
    early = [one for one in told if isinstance(one, Problem)]
    assert [problem.gate for problem in early] == ["secrecy", "completeness"]
    assert set(early) <= set(found.problems)
    assert not any(isinstance(one, ValidationProgress) for one in told[: told.index(early[-1])])
    assert isinstance(told[-1], ValidationProgress)


def test_with_fail_fast_it_stops_at_the_first_tree_that_is_not_as_expected(tmp_path: Path) -> None:
    exercise = spoiled(tmp_path, ("checks.py", "limit=1.0,", "limit=99.0,"))
    (exercise.solution / "GUIDE.md").unlink()
    told: list[str] = []
    found = validate(
        exercise,
        backend=Fake(),
        environment=ENVIRONMENT,
        seeds=(1, 2),
        workers=1,
        fail_fast=True,
        watch=lambda step: told.append(f"{step.seen.tree} {step.seen.seed}"),
        tell=lambda found: told.append(found.where if isinstance(found, Problem) else "tools"),
    )
    assert [one for one in told if one != "tools"] == ["GUIDE.md", "fixed 1"]
    assert [problem.gate for problem in found.problems] == ["fixed", "completeness"]
    assert found.stopped is not None
    (verdict,) = found.stopped.verdicts
    assert (verdict.check, verdict.evidence[0].limit) == ("the_newest_day_counts", 99.0)
    assert "stopped at fixed, seed 1, after 1 of 22 examinations" in render_text(found)
    assert "change of the level: 10 ± 0.1 (at least 99 needed) ✗" in render_html(found)


def test_with_fail_fast_every_tree_is_seen_once_before_any_is_seen_twice(tmp_path: Path) -> None:
    exercise = spoiled(tmp_path)
    trees = plan(exercise)[:3]
    told: list[int] = []
    run(
        ValidationJob(exercise, Fake(), ENVIRONMENT),
        trees,
        (1, 2),
        workers=1,
        watch=lambda step: told.append(step.seen.seed),
        enough=lambda _: False,
    )
    assert told == [1, 1, 1, 2, 2, 2]


def test_a_validation_survives_being_written(clean: Validation) -> None:
    assert Validation.model_validate_json(clean.model_dump_json()) == clean


def test_the_plan_is_every_variant_then_the_empty_project_then_the_corpus() -> None:
    assert [tree.name for tree in plan(load_bank(BANK).exercise("lemonade"))] == [
        "fixed",
        "alone filled-from-the-batch",
        "alone newest-day-ignored",
        "all but filled-from-the-batch",
        "all but newest-day-ignored",
        "shipped",
        "empty",
        "right/by_hand",
        "right/one_loop",
        "wrong/median_of_batch",
        "wrong/other_end",
    ]


def test_harm_is_measured_beside_the_fixed_project(clean: Validation) -> None:
    (level,) = (loss for loss in clean.harm.losses if loss.defect == "newest-day-ignored")
    assert level.mean == pytest.approx(10, abs=1)


def test_a_progress_is_told_for_every_examination(tmp_path: Path) -> None:
    told: list[ValidationProgress] = []
    exercise = spoiled(tmp_path)
    trees = plan(exercise)[:2]
    run(ValidationJob(exercise, Fake(), ENVIRONMENT), trees, (1, 2), workers=1, watch=told.append)
    assert [(item.done, item.total) for item in told] == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_a_second_run_examines_nothing_anew(tmp_path: Path) -> None:
    exercise = spoiled(tmp_path)
    first = run(ValidationJob(exercise, Fake(), ENVIRONMENT, tmp_path), plan(exercise), (1,), workers=1)
    again = run(ValidationJob(exercise, Gone(), ENVIRONMENT, tmp_path), plan(exercise), (1,), workers=1)
    assert [item.verdicts for item in again] == [item.verdicts for item in first]
    assert all(item.kept for item in again)


def test_a_changed_limit_asks_the_submission_nothing_anew(tmp_path: Path) -> None:
    exercise = spoiled(tmp_path / "before")
    run(ValidationJob(exercise, Fake(), ENVIRONMENT, tmp_path), plan(exercise), (1,), workers=1)
    changed = spoiled(tmp_path / "after", ("checks.py", "limit=1.0,", "limit=2.0,"))
    again = run(ValidationJob(changed, Gone(), ENVIRONMENT, tmp_path), plan(changed), (1,), workers=1)
    assert not any(item.broken or item.kept for item in again)


def test_a_changed_entry_is_the_only_one_examined_anew(tmp_path: Path) -> None:
    exercise = spoiled(tmp_path)
    run(ValidationJob(exercise, Fake(), ENVIRONMENT, tmp_path), plan(exercise), (1,), workers=1)
    path = exercise.solution / "corpus/right/by_hand/src/stand/forecast.py"
    path.write_text(path.read_text() + "# by hand\n")
    changed = load_bank(exercise.bank).exercise("lemonade")
    again = run(ValidationJob(changed, Fake(), ENVIRONMENT, tmp_path), plan(changed), (1,), workers=1)
    assert [item.tree for item in again if not item.kept] == ["right/by_hand"]


GUARD = ("checks.py", "@check\ndef the_newest", "@check(requires=('every_day_has_a_score',))\ndef the_newest")
MENDED = ("checks.py", "days = sales(5,", "days = sales(6,")
BREAKS = ("checks.py", "days = sales(5, seed=case.seed)", "days = sales(5, seed=case.seed)[7]")


@pytest.fixture
def looked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Name the checks that are run from here on, one after another."""
    return looking(monkeypatch)


def two_runs(folder: Path, looked: list[str], before: Sequence[Edit], after: Sequence[Edit]) -> list[str]:
    """Name the checks that are run on the fixed project once a solution changed."""
    for name, edits in (("before", before), ("after", after)):
        looked.clear()
        exercise = spoiled(folder / name, *edits)
        run(ValidationJob(exercise, Fake(), ENVIRONMENT, folder), plan(exercise)[:1], (1,), workers=1)
    return list(looked)


def test_a_mended_check_is_the_only_one_run_anew(tmp_path: Path, looked: list[str]) -> None:
    assert two_runs(tmp_path, looked, (), (MENDED,)) == ["every_day_has_a_score"]


def test_what_needs_a_mended_check_is_run_with_it(tmp_path: Path, looked: list[str]) -> None:
    ran = two_runs(tmp_path, looked, (GUARD,), (GUARD, MENDED))
    assert ran == ["every_day_has_a_score", "the_newest_day_counts"]


def test_a_mended_world_runs_every_check_anew(tmp_path: Path, looked: list[str]) -> None:
    assert len(two_runs(tmp_path, looked, (), (("world.py", "20 + draw", "21 + draw"),))) == 4


def test_a_mended_measure_runs_no_check_anew(tmp_path: Path, looked: list[str]) -> None:
    assert two_runs(tmp_path, looked, (), (("checks.py", 'is off": abs(', 'is off": 2 * abs('),)) == []


def test_of_a_check_that_broke_and_of_what_needs_it_nothing_is_kept(
    tmp_path: Path, looked: list[str]
) -> None:
    ran = two_runs(tmp_path, looked, (GUARD, BREAKS), (GUARD, BREAKS))
    assert ran == ["every_day_has_a_score", "the_newest_day_counts"]


def test_a_verdict_that_is_known_is_told_as_it_was(tmp_path: Path) -> None:
    exercise, mended = spoiled(tmp_path / "before"), spoiled(tmp_path / "after", MENDED)
    alone = run(ValidationJob(mended, Fake(), ENVIRONMENT), plan(mended), (1,), workers=1)
    run(ValidationJob(exercise, Fake(), ENVIRONMENT, tmp_path), plan(exercise), (1,), workers=1)
    pieced = run(ValidationJob(mended, Fake(), ENVIRONMENT, tmp_path), plan(mended), (1,), workers=1)
    assert [item.verdicts for item in pieced] == [item.verdicts for item in alone]
    assert [(item.losses, item.asked) for item in pieced] == [(item.losses, item.asked) for item in alone]


def test_processes_see_what_one_sees(tmp_path: Path) -> None:
    exercise = spoiled(tmp_path)
    job, trees = ValidationJob(exercise, Fake(), ENVIRONMENT), plan(exercise)
    alone, together = (run(job, trees, (1, 2), workers=workers) for workers in (1, 2))
    assert [item.verdicts for item in alone] == [item.verdicts for item in together]


def test_a_run_that_is_stopped_leaves_no_process_behind(tmp_path: Path) -> None:
    def stop(_: ValidationProgress) -> None:
        raise KeyboardInterrupt

    exercise = spoiled(tmp_path)
    with pytest.raises(KeyboardInterrupt):
        run(ValidationJob(exercise, Fake(), ENVIRONMENT), plan(exercise), (1,), workers=2, watch=stop)
    assert multiprocessing.active_children() == []


def test_a_statistical_run_keeps_to_the_checks_that_vary(tmp_path: Path) -> None:
    exercise = spoiled(tmp_path)
    found = validate(
        exercise, backend=Fake(), environment=ENVIRONMENT, seeds=(1, 2), workers=1, statistical=True
    )
    assert found.table.checks == ("the_newest_day_counts",)
    assert found.clean


def test_an_exercise_that_cannot_be_laid_out_has_one_problem(tmp_path: Path) -> None:
    exercise = spoiled(tmp_path, ("defects.toml", "days[-WINDOW:]", "days[-WIDTH:]"))
    found = validate(exercise, backend=Fake(), environment=ENVIRONMENT, seeds=(1,), workers=1)
    assert [problem.gate for problem in found.problems] == ["bank"]
    assert "`fixed` is not in src/stand/forecast.py" in found.problems[0].what


def test_seeds_stay_until_a_run_is_clean_and_fresh_ones_are_asked_for(tmp_path: Path) -> None:
    exercise = load_bank(BANK).exercise("lemonade")
    first = choose_seeds(exercise, 3, tmp_path)
    assert choose_seeds(exercise, 2, tmp_path, fresh=True) == first[:2]
    assert choose_seeds(exercise, 5, tmp_path)[:3] == first
    note_clean(exercise, first, tmp_path)
    assert choose_seeds(exercise, 3, tmp_path) == first
    assert choose_seeds(exercise, 3, tmp_path, fresh=True) == first
    note_clean(exercise, first, tmp_path)
    assert not set(choose_seeds(exercise, 3, tmp_path, fresh=True)) & set(first)


def test_the_text_says_clean(clean: Validation) -> None:
    assert render_text(clean).startswith("lemonade 1.0.0: clean (11 trees, 3 seeds)\n")


def test_the_text_puts_problems_first(tmp_path: Path) -> None:
    text = render_text(shown(judged(spoiled(tmp_path, ("checks.py", "limit=1.0,", "limit=99.0,")))))
    assert text.index("1. [fixed] fixed: `the_newest_day_counts` fails") < text.index(
        "alone newest-day-ignored  "
    )


@pytest.mark.parametrize(
    ("silence", "lines"),
    [
        (0.0, ["demo: 1 of 2 examined about 5 s left", "demo: 2 of 2 examined about 5 s left"]),
        (60.0, []),
    ],
)
def test_a_log_without_a_bar_is_not_silent_for_long(
    silence: float, lines: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(shared, "SILENCE", silence)
    with authoring._examinations("demo") as watch:
        for done in (1, 2):
            watch(ValidationProgress(Seen(tree="fixed", seed=7, verdicts={}), done, 2, "about 5 s left"))
    assert capsys.readouterr().err.splitlines() == lines


@pytest.mark.slow
@pytest.mark.sandbox
def test_an_exercise_is_proven_in_the_sandbox() -> None:
    backend = Bubblewrap()
    if backend.check():
        pytest.skip(f"no sandbox on this machine: {backend.check()[0]}")
    found = validate(load_bank(BANK).exercise("lemonade"), backend=backend, environment=ENVIRONMENT, seeds=2)
    assert found.problems == ()


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_however_it_ends_its_workers_end_with_it(number: int) -> None:
    command = [sys.executable, "-m", "unfit", "validate", "--bank", str(BANK), "--sandbox", "unprotected"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as gate:
        until(lambda: len(below(gate.pid)) >= 3)  # two that examine, and what tracks their semaphores
        workers = below(gate.pid)
        gate.send_signal(number)
        gate.wait(30)
    assert gone(workers)


def until(holds: Callable[[], bool]) -> None:
    """Wait for what is bound to come."""
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_with_once_only_what_reports_draw_is_seen_under_every_seed() -> None:
    exercise = load_bank(BANK).exercise("lemonade")
    found = validate(exercise, backend=Fake(), environment=ENVIRONMENT, seeds=(1, 2), workers=1, once=True)
    seen = {row.kind: len(row.cells[0].seen) for row in found.table.rows}
    assert {kind for kind, seeds in seen.items() if seeds == 2} == {"fixed", "alone", "shipped"}
