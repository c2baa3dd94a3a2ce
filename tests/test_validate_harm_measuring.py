"""What a defect costs is measured beside the fixed project, and severity follows it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from unfit.bank import Exercise, load_bank
from unfit.grades import Evidence, Outcome, Verdict
from unfit.harm import Harm, Scale, read_harm
from unfit.remembered_answers import Store
from unfit.report.limit_plot import Reference, references
from unfit.validate import code_reach
from unfit.validate.earlier_verdicts import Ledger
from unfit.validate.harm_measuring import contradictions, measure_harm, richer, write_harm
from unfit.validate.proof import ground_of_harm, proven
from unfit.validate.validation import Seen
from validate_samples import spoiled

OFF, FILLED = "cups the level is off", "cups of a missing day misjudged"


def seen(off: float = 10.0, filled: float = 1.0) -> list[Seen]:
    """Losses of the fixed project and of each defect alone, under three seeds."""
    found = []
    for seed in range(3):
        wobble = 0.01 * seed
        losses = {
            "fixed": {OFF: 0.0, FILLED: 0.0},
            "alone newest-day-ignored": {OFF: off + wobble, FILLED: 0.0},
            "alone filled-from-the-batch": {OFF: 0.0, FILLED: filled + wobble},
        }
        found += [Seen(tree=tree, seed=seed, verdicts={}, losses=lost) for tree, lost in losses.items()]
    return found


def told(exercise: Exercise, examined: list[Seen]) -> list[str]:
    harm = measure_harm(exercise, examined)
    return [problem.what for problem in contradictions(exercise, harm, examined)]


def test_a_loss_is_the_difference_to_the_fixed_project(tmp_path: Path) -> None:
    harm = measure_harm(spoiled(tmp_path), seen())
    (loss,) = (item for item in harm.losses if item.defect == "newest-day-ignored")
    assert loss.loss == OFF
    assert loss.mean == pytest.approx(10.01)


def test_its_interval_is_student_s(tmp_path: Path) -> None:
    harm = measure_harm(spoiled(tmp_path), seen())
    (loss,) = (item for item in harm.losses if item.defect == "newest-day-ignored")
    assert loss.low == pytest.approx(10.01 - 0.02484, abs=1e-4)
    assert loss.high == pytest.approx(10.01 + 0.02484, abs=1e-4)


def test_a_harm_that_follows_severity_is_no_problem(tmp_path: Path) -> None:
    assert told(spoiled(tmp_path), seen()) == []


def test_a_minor_defect_that_costs_more_than_a_major_one_contradicts(tmp_path: Path) -> None:
    exercise = spoiled(tmp_path, ("defects.toml", f'harm = "{FILLED}"', f'harm = "{OFF}"'))
    examined = [
        item.model_copy(update={"losses": {OFF: 50.0}})
        if item.tree == "alone filled-from-the-batch"
        else item
        for item in seen()
    ]
    (what,) = told(exercise, examined)
    assert what.startswith("`filled-from-the-batch` is minor and costs 50")


def test_losses_of_other_units_are_not_compared(tmp_path: Path) -> None:
    assert told(spoiled(tmp_path), seen(off=1.0, filled=50.0)) == []


def test_a_defect_that_names_no_harm_is_a_problem(tmp_path: Path) -> None:
    exercise = spoiled(tmp_path, ("defects.toml", f'harm = "{OFF}"\n', ""))
    assert told(exercise, seen()) == ["`defect[newest-day-ignored].harm` is missing"]


def test_a_harm_that_nobody_measures_names_the_nearest(tmp_path: Path) -> None:
    exercise = spoiled(tmp_path, ("defects.toml", f'harm = "{OFF}"', 'harm = "cups the level was off"'))
    assert "the nearest is `cups the level is off`" in told(exercise, seen())[0]


def test_what_cannot_be_measured_says_why(tmp_path: Path) -> None:
    exercise = spoiled(tmp_path, ("defects.toml", f'harm = "{OFF}"', 'harm = "not measurable: taste"'))
    assert told(exercise, seen()) == []


def test_a_measure_that_breaks_is_a_problem(tmp_path: Path) -> None:
    examined = [item.model_copy(update={"losses": {}, "unmeasured": "KeyError: 'x'"}) for item in seen()]
    assert told(spoiled(tmp_path), examined) == [
        "the measure of harm does not work on the fixed project: KeyError: 'x'"
    ]


def test_what_was_measured_is_written_beside_the_solution(tmp_path: Path) -> None:
    exercise = spoiled(tmp_path)
    harm = measure_harm(exercise, seen())
    assert write_harm(exercise, harm).name == "harm.json"
    assert read_harm(exercise).model_copy(update={"ground": ""}) == harm


def test_an_exercise_without_a_measurement_has_none(tmp_path: Path) -> None:
    assert read_harm(spoiled(tmp_path)) == Harm()


def test_a_report_can_draw_where_our_own_projects_stand(tmp_path: Path) -> None:
    exercise = spoiled(tmp_path)
    evidence = Evidence(label="gap", passed=True, seen=0.123456, limit=1.0, direction="at most")
    verdict = Verdict(check="c", sentence="s", outcome=Outcome.PASSED, evidence=(evidence,))
    examined = [Seen(tree=tree, seed=1, verdicts={"c": verdict}) for tree in ("fixed", "shipped", "empty")]
    write_harm(exercise, measure_harm(exercise, examined))
    assert references(read_harm(exercise)) == {("c", "gap"): Reference((0.1235,), (0.1235,))}


def test_a_measurement_leaves_the_digest_alone(tmp_path: Path) -> None:
    exercise = spoiled(tmp_path)
    write_harm(exercise, measure_harm(exercise, seen()))
    assert load_bank(exercise.bank).exercise("lemonade").digest == exercise.digest


def test_only_a_clean_measurement_is_a_proof(tmp_path: Path) -> None:
    exercise = spoiled(tmp_path)
    write_harm(exercise, measure_harm(exercise, seen()))
    assert not proven(exercise)
    write_harm(exercise, measure_harm(exercise, seen()), clean=True)
    assert proven(exercise)


@pytest.mark.parametrize(("file", "holds"), [("checks.py", False), ("world.py", False), ("GUIDE.md", True)])
def test_a_proof_holds_for_what_verdicts_depend_on(file: str, holds: bool, tmp_path: Path) -> None:
    exercise = spoiled(tmp_path)
    write_harm(exercise, measure_harm(exercise, seen()), clean=True)
    with (exercise.solution / file).open("a") as more:
        more.write("\n")
    assert proven(load_bank(exercise.bank).exercise("lemonade")) is holds


@pytest.mark.parametrize(
    ("code", "holds"),
    [
        ('"""The README says who asks."""\n', True),
        ('"""See README.md."""\nfrom pathlib import Path\n\nTEXT = Path("README.md").read_text()\n', False),
    ],
)
def test_a_proof_outlasts_documents_that_no_code_names(code: str, holds: bool, tmp_path: Path) -> None:
    exercise = spoiled(tmp_path)
    (exercise.project / "told.py").write_text(code)
    write_harm(exercise, measure_harm(exercise, seen()), clean=True)
    (exercise.project / "README.md").write_text("# Lemonade\n\nTold anew.\n")
    (exercise.project / "docs").mkdir()
    (exercise.project / "docs/runbook.md").write_text("# Runbook\n")
    assert proven(load_bank(exercise.bank).exercise("lemonade")) is holds


@pytest.mark.parametrize(
    ("before", "after", "holds"),
    [('story = """', 'story = """On a hot day. ', True), ('level = "float"\n', 'level = "int"\n', False)],
)
def test_a_proof_outlasts_another_story_and_no_other_contract(
    before: str, after: str, holds: bool, tmp_path: Path
) -> None:
    exercise = spoiled(tmp_path)
    write_harm(exercise, measure_harm(exercise, seen()), clean=True)
    manifest = exercise.solution / "exercise.toml"
    text = manifest.read_text()
    assert before in text
    manifest.write_text(text.replace(before, after, 1))
    assert proven(load_bank(exercise.bank).exercise("lemonade")) is holds


def test_a_proof_ends_with_what_it_expected(tmp_path: Path) -> None:
    exercise = spoiled(tmp_path)
    write_harm(exercise, measure_harm(exercise, seen()), clean=True)
    some = next((exercise.solution / "corpus" / "wrong").iterdir())
    shutil.rmtree(some)
    assert not proven(load_bank(exercise.bank).exercise("lemonade"))


def measured(seeds: int, *, ground: str = "g", label: str = "change") -> Harm:
    scale = Scale(check="c", label=label, fixed=(0.0,) * seeds, broken=(1.0,) * seeds)
    return Harm(ground=ground, seeds=tuple(range(seeds)), scales=(scale,))


def test_what_more_seeds_measured_stays() -> None:
    assert richer(measured(1), measured(20)) == measured(20)


def test_what_fewer_seeds_measured_goes() -> None:
    assert richer(measured(20), measured(1)) == measured(20)


def test_a_measurement_of_other_things_goes() -> None:
    assert richer(measured(1), measured(20, ground="h")) == measured(1)


def test_the_scale_of_a_check_that_is_another_is_new() -> None:
    kept = richer(measured(1, label="another"), measured(20))
    assert [len(scale.fixed) for scale in kept.scales] == [1]


def test_losses_depend_on_the_world_and_not_on_other_checks(tmp_path: Path) -> None:
    exercise = spoiled(tmp_path)
    before = ground_of_harm(exercise)
    checks, world = exercise.solution / "checks.py", exercise.solution / "world.py"
    checks.write_text(checks.read_text().replace("limit=1.0,", "limit=2.0,"))
    same = ground_of_harm(exercise)
    world.write_text(world.read_text() + "\nMORE = 1\n")
    assert (same == before, ground_of_harm(exercise) == before) == (True, False)


def test_losses_and_verdicts_depend_on_experiments_that_a_neighbour_of_the_checks_uses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exercise = spoiled(tmp_path)
    (exercise.solution / "harm.py").write_text("from unfit.experiments import unreadable\n")
    store = Store(tmp_path / "store")
    before = ground_of_harm(exercise), Ledger.of(exercise, store, "").ground
    changed = [code_reach._Piece("def unreadable():\n    return 2", frozenset({"unreadable"}), frozenset())]
    monkeypatch.setattr(code_reach, "_library", lambda _: changed)
    after = ground_of_harm(exercise), Ledger.of(exercise, store, "").ground
    assert [one == other for one, other in zip(before, after, strict=True)] == [False, False]
