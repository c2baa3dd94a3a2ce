"""Every bundled exercise tells each of its defects apart, whatever else is planted."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from unfit.bank import load_bank
from unfit.checks import load_checks
from unfit.environment import find
from unfit.examination import examine
from unfit.grades import DefectStatus, Outcome, status_of
from unfit.planting import plant, write_tree
from unfit.sandbox import Bubblewrap
from unfit.submission import take
from unfit.validate import validate
from unfit.validate.leaks import leaks

BANK = load_bank(Path(__file__).resolve().parent.parent)
DEFECTS = [
    (slug, defect.id)
    for slug in BANK.slugs
    for defect in BANK.exercise(slug).defects
    if defect.judged == "fix"
]
FORMS = [(slug, form.name) for slug in BANK.slugs for form in BANK.exercise(slug).defects_manifest.forms]
SEED = 11

pytestmark = pytest.mark.sandbox


def not_mended(slug: str, planted: Iterable[str], tmp_path: Path) -> tuple[set[str], set[str]]:
    """Grade a variant; return the defects that do not come out mended, and the guards that broke."""
    exercise = BANK.exercise(slug)
    environment = find(BANK.root, packages=exercise.manifest.environment.packages)
    write_tree(plant(exercise, tuple(planted)), tmp_path / "variant")
    submission = take(tmp_path / "variant", tmp_path / "clean")
    paths = exercise.manifest.contract.paths
    with Bubblewrap().open(submission.root, environment, paths=paths) as worker:
        seen = examine(exercise, worker, seed=SEED).verdicts
    fixable = [defect for defect in exercise.defects if defect.checks]
    left = {
        defect.id
        for defect in fixable
        if status_of(tuple(seen[name] for name in defect.checks)) is not DefectStatus.MENDED
    }
    named = {name for defect in fixable for name in defect.checks}
    return left, {name for name, verdict in seen.items() if verdict.outcome is not Outcome.PASSED} - named


def waiting(slug: str, planted: Iterable[str]) -> set[str]:
    """Name the planted defects, and those that share a check with one or whose checks wait for one of its checks."""
    exercise = BANK.exercise(slug)
    names = set(planted)
    owned = {name for defect in exercise.defects if defect.id in names for name in defect.checks}
    blocked = {item.name for item in load_checks(exercise.solution) if owned & item.blocked_by.keys()}
    return names | {defect.id for defect in exercise.defects if (owned | blocked).intersection(defect.checks)}


@pytest.mark.parametrize("slug", BANK.slugs)
def test_no_form_gives_away_a_line_of_the_hidden_half(slug: str) -> None:
    exercise = BANK.exercise(slug)
    assert [str(problem) for problem in leaks(exercise, load_checks(exercise.solution))] == []


@pytest.mark.slow
@pytest.mark.parametrize("slug", BANK.slugs)
def test_nothing_is_left_in_the_fixed_project(slug: str, tmp_path: Path) -> None:
    assert not_mended(slug, (), tmp_path) == (set(), set())


@pytest.mark.slow
@pytest.mark.parametrize("slug", BANK.slugs)
def test_nothing_is_mended_in_the_shipped_exercise(slug: str, tmp_path: Path) -> None:
    default = BANK.exercise(slug).default
    assert not_mended(slug, default, tmp_path) == (waiting(slug, default), set())


@pytest.mark.slow
@pytest.mark.parametrize(("slug", "form"), FORMS)
def test_a_form_mends_nothing_and_breaks_no_guard(slug: str, form: str, tmp_path: Path) -> None:
    exercise = BANK.exercise(slug)
    planted = exercise.form(form).defects
    checked = {name for name in planted if exercise.defect(name).checks}
    left, broken = not_mended(slug, planted, tmp_path)
    assert (checked - left, broken) == (set(), set())


@pytest.mark.slow
@pytest.mark.parametrize(("slug", "defect"), DEFECTS)
def test_a_defect_planted_alone_is_found_alone(slug: str, defect: str, tmp_path: Path) -> None:
    assert not_mended(slug, [defect], tmp_path) == (waiting(slug, [defect]), set())


@pytest.mark.gate
@pytest.mark.parametrize("slug", BANK.slugs)
def test_every_variant_and_corpus_entry_is_judged_as_expected(slug: str) -> None:
    exercise = BANK.exercise(slug)
    environment = find(BANK.root, packages=exercise.manifest.environment.packages)
    found = validate(exercise, backend=Bubblewrap(), environment=environment, seeds=2)
    assert [str(problem) for problem in found.problems] == []
