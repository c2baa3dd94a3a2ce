"""There and back: what is handed out, mended, checked and handed in is graded as it was worked on."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

from browser import Browser, chromium
from unfit.bank import Exercise, Form, load_bank, read_tree
from unfit.bank.world_loading import load_world
from unfit.diagnosis import FILE as DIAGNOSIS
from unfit.diagnosis import diagnosis_of
from unfit.environment import find
from unfit.examination import examine
from unfit.export import CandidateTerms, contents, export, read_receipt
from unfit.grades import DefectStatus, Grade
from unfit.planting import Variant, plant, write_tree
from unfit.report import load_grade
from unfit.review import review_of
from unfit.sandbox import Bubblewrap
from unfit.submission import take

ROOT = Path(__file__).resolve().parents[1]
TEA = ROOT / "tests/banks/miniature"
REAL = load_bank(ROOT)
FORMS = [(slug, form.name) for slug in REAL.slugs for form in REAL.exercise(slug).forms]
REQUESTED = [slug for slug in REAL.slugs if REAL.exercise(slug).has_pull_request]
MOST_PAGES = 6
OPENING = """# Review

## Decision

Hold, until the first three are mended.

## The first three fixes, and why these

The first three below: they decide what people are told.

## The first hour

Say to those who use the figures that they do not hold.

## How to roll back

The model of last month goes back.

## What to watch

The share of answers without a score.

## Tools

None but an editor.

## Findings
"""


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    return tmp_path / "ledger"


def full_review(exercise: Exercise, defects: tuple[str, ...]) -> bytes:
    """Write what somebody would who saw everything: each place, kind and harm in words of their own form."""
    found = Variant.of(exercise, defects).places
    parts = [OPENING]
    for name in defects:
        defect, place = exercise.defect(name), found[name][-1]
        where = f"{place.file}, cell `{place.cell}`" if place.cell else f"{place.file}, line {place.first}"
        said = [
            f"Where: {where}",
            f"Category: {defect.category}",
            f"What breaks in production: {defect.teaches}",
        ]
        parts.append(f"### {defect.title}\n\n" + "\n".join(f"- {line}" for line in said) + "\n")
    return "\n".join(parts).encode()


def work(folder: Path, files: Mapping[str, bytes]) -> None:
    """Do a candidate's work."""
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)


def diagnosis(exercise: Exercise, *, seed: int | None = None) -> dict[str, bytes]:
    """Say what happened, where an incident has to be explained."""
    world = load_world(exercise)
    if world is None or not hasattr(world, "diagnosis"):
        return {}
    truth = world.diagnosis(seed=world.SHIPPED_SEED if seed is None else seed)
    first = {
        name: value if isinstance(value, str) else str(next(iter(value))) for name, value in truth.items()
    }
    return {DIAGNOSIS: "".join(f'{name} = "{value}"\n' for name, value in first.items()).encode()}


def mended(exercise: Exercise, form: Form, *, seed: int | None = None) -> dict[str, bytes]:
    """Take from the fixed project what planting changed, and no more: the export's data and Makefile stay."""
    broken = plant(exercise, form.defects)
    changed = {path: text for path, text in plant(exercise, ()).items() if broken.get(path) != text}
    return changed | {"REVIEW.md": full_review(exercise, form.defects)} | diagnosis(exercise, seed=seed)


@pytest.fixture(scope="module")
def candidates_python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make what `make setup` gives a candidate, without a download: the locked packages, and pytest behind them."""
    folder = tmp_path_factory.mktemp("candidate") / "venv"
    venv.create(folder, symlinks=True)
    python = folder / "bin/python"
    locked = packages_of(find(ROOT).python.parents[1])
    (packages_of(folder) / "packages.pth").write_text(f"{locked}\n{packages_of(Path(sys.prefix))}\n")
    return python


def packages_of(environment: Path) -> Path:
    """Return where a virtual environment keeps its packages."""
    return Path(sysconfig.get_path("purelib", vars={"base": str(environment)}))


def task(folder: Path, name: str, python: Path = Path(sys.executable)) -> str:
    """Run one of a candidate's tasks, with make where that is here."""
    make = shutil.which("make")
    own = [str(python), "-m", "tasks", name]
    command = [make, "--silent", name, f"TASKS_PYTHON={python}"] if make else own
    quiet = {"OMP_NUM_THREADS": "1", "MPLBACKEND": "Agg", "GIT_CONFIG_GLOBAL": os.devnull}
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PYTEST", "COV", "MAKE"))}
    done = subprocess.run(command, cwd=folder, env=kept | quiet, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def pages(out: Path) -> int:
    """On how many pages a report is printed; none where there is no browser."""
    if chromium() is None:
        return 0
    with Browser() as browser:
        browser.open(out / "report.html", media="print")
        return browser.printed()


def graded(slug: str, submission: Path, ledger: Path, out: Path, *, bank: Path = ROOT) -> Grade:
    command = [
        sys.executable,
        "-m",
        "unfit",
        "grade",
        slug,
        str(submission),
        "--ledger",
        str(ledger),
        "--out",
        str(out),
    ]
    command += ["--bank", str(bank), "--seed", "5"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return load_grade(out / "grade.json")


@pytest.mark.parametrize(("slug", "name"), FORMS)
def test_a_full_review_of_any_form_spots_everything(
    slug: str, name: str, ledger: Path, tmp_path: Path
) -> None:
    exercise = REAL.exercise(slug)
    form = exercise.form(name)
    export(exercise, tmp_path / "ada", ledger=ledger, form=name)
    work(tmp_path / "ada", mended(exercise, form))
    said = task(tmp_path / "ada", "submit")
    taken = take(tmp_path / "ada/submission.zip", tmp_path / "taken")
    receipt = read_receipt(read_tree(taken.root), ledger, exercise=slug)
    findings = review_of(Variant.of(exercise, receipt.defects), read_tree(taken.root)).findings
    assert "missing:" not in said
    assert said.endswith(f"checksum: {taken.digest}\nreceipt: {receipt.called}\n")
    assert (receipt.verified, receipt.form) == (True, name)
    assert {defect for finding in findings or () for defect in finding.defects} == set(form.defects)


@pytest.mark.parametrize("slug", REAL.slugs)
def test_an_untouched_export_spots_nothing(slug: str, ledger: Path, tmp_path: Path) -> None:
    exercise = REAL.exercise(slug)
    export(exercise, tmp_path / "ada", ledger=ledger)
    findings = review_of(
        Variant.of(exercise), read_tree(take(tmp_path / "ada", tmp_path / "taken").root)
    ).findings
    assert findings == ()


@pytest.mark.slow
@pytest.mark.sandbox
@pytest.mark.parametrize("slug", REAL.slugs)
def test_what_is_mended_is_graded_as_spotted_and_mended(
    slug: str, ledger: Path, tmp_path: Path, candidates_python: Path
) -> None:
    exercise = REAL.exercise(slug)
    form = exercise.forms[-1]
    export(exercise, tmp_path / "ada", ledger=ledger, form=form.name, seed=3, format="git", candidate="Ada")
    work(tmp_path / "ada", mended(exercise, form, seed=3))
    assert "This checks format and visible tests only." in task(tmp_path / "ada", "check", candidates_python)
    task(tmp_path / "ada", "submit")
    grade = graded(slug, tmp_path / "ada/submission.zip", ledger, tmp_path / "out")
    planted = [defect for defect in grade.defects if defect.id in form.defects]
    answers = grade.diagnosis.answers if grade.diagnosis else ()
    assert (grade.exercise.form, grade.exercise.verified) == (form.name, True)
    assert {answer.credit for answer in answers} <= {"right"}
    assert {defect.id for defect in planted if not defect.spotted} == set()
    assert {
        defect.id for defect in planted if defect.checks and defect.status is not DefectStatus.MENDED
    } == set()
    assert {defect.status for defect in grade.defects if defect not in planted} <= {DefectStatus.NOT_PLANTED}
    assert {guard.outcome for guard in grade.guards} <= {"passed"}
    assert pages(tmp_path / "out") <= MOST_PAGES


@pytest.mark.slow
@pytest.mark.sandbox
@pytest.mark.parametrize("slug", REAL.slugs)
def test_what_is_untouched_is_graded_as_neither(slug: str, ledger: Path, tmp_path: Path) -> None:
    exercise = REAL.exercise(slug)
    export(exercise, tmp_path / "ada.zip", ledger=ledger, format="zip")
    grade = graded(slug, tmp_path / "ada.zip", ledger, tmp_path / "out")
    planted = [defect for defect in grade.defects if defect.id in exercise.default]
    answers = grade.diagnosis.answers if grade.diagnosis else ()
    assert grade.exercise.verified
    assert {answer.credit for answer in answers} <= {"open"}
    assert {defect.id for defect in planted if defect.spotted} == set()
    assert {defect.id for defect in planted if defect.status is DefectStatus.MENDED} == set()
    assert {guard.outcome for guard in grade.guards} <= {"passed"}
    assert pages(tmp_path / "out") <= MOST_PAGES


@pytest.mark.slow
@pytest.mark.sandbox
@pytest.mark.parametrize("slug", REQUESTED)
def test_what_is_mended_on_the_branch_of_a_pull_request_is_graded_so(
    slug: str, ledger: Path, tmp_path: Path, candidates_python: Path
) -> None:
    exercise, ada = REAL.exercise(slug), tmp_path / "ada"
    form = exercise.form("default")
    export(exercise, ada, ledger=ledger, seed=3, candidate="Ada", pull_request=True)
    work(ada, mended(exercise, form, seed=3))
    assert "This checks format and visible tests only." in task(ada, "check", candidates_python)
    assert "PULL_REQUEST.md" in task(ada, "submit")
    grade = graded(slug, ada / "submission.zip", ledger, tmp_path / "out")
    planted = [defect for defect in grade.defects if defect.id in form.defects]
    assert grade.exercise.verified
    assert {defect.id for defect in planted if not defect.spotted} == set()
    assert {
        defect.id for defect in planted if defect.checks and defect.status is not DefectStatus.MENDED
    } == set()
    assert {guard.outcome for guard in grade.guards} <= {"passed"}


@pytest.mark.slow
@pytest.mark.sandbox
def test_an_untouched_pull_request_is_graded_as_neither(ledger: Path, tmp_path: Path) -> None:
    slug = REQUESTED[0]
    exercise = REAL.exercise(slug)
    export(exercise, tmp_path / "ada.zip", ledger=ledger, format="zip", pull_request=True)
    grade = graded(slug, tmp_path / "ada.zip", ledger, tmp_path / "out")
    planted = [defect for defect in grade.defects if defect.id in exercise.default]
    assert grade.exercise.verified
    assert {
        defect.id for defect in planted if defect.spotted or defect.status is DefectStatus.MENDED
    } == set()
    assert {guard.outcome for guard in grade.guards} <= {"passed"}


# Receipts


def tea(ledger: Path, to: Path) -> Exercise:
    """Hand out the other form of a small exercise."""
    exercise = load_bank(TEA).exercise("tea_shop")
    export(exercise, to, ledger=ledger, form="b", candidate="Ada")
    return exercise


@pytest.mark.sandbox
def test_the_form_that_was_handed_out_is_graded(ledger: Path, tmp_path: Path) -> None:
    tea(ledger, tmp_path / "ada")
    grade = graded("tea_shop", tmp_path / "ada", ledger, tmp_path / "out", bank=TEA)
    assert (grade.exercise.form, grade.exercise.verified) == ("b", True)
    assert {defect.id for defect in grade.defects if defect.status is not DefectStatus.NOT_PLANTED} == {
        "last-day-ignored",
        "window-too-short",
    }


@pytest.mark.sandbox
@pytest.mark.parametrize("receipt", [None, b"", b"{}", "default"])
def test_without_a_receipt_that_proves_more_the_form_is_told_by_the_files_and_stamped(
    receipt: bytes | str | None, ledger: Path, tmp_path: Path
) -> None:
    exercise = tea(ledger, tmp_path / "ada")
    path = tmp_path / "ada/receipt.json"
    written = path.read_bytes()
    path.unlink()
    if receipt is not None:
        path.write_bytes(receipt if isinstance(receipt, bytes) else written.replace(b'"b"', b'"default"'))
    grade = graded("tea_shop", tmp_path / "ada", ledger, tmp_path / "out", bank=TEA)
    planted = {defect.id for defect in grade.defects if defect.status is not DefectStatus.NOT_PLANTED}
    assert (grade.exercise.form, grade.exercise.verified, planted) == (
        "b",
        False,
        set(exercise.form("b").defects),
    )
    assert DefectStatus.MENDED not in {defect.status for defect in grade.defects}


# Seeds


def endings(exercise: Exercise, tree: Mapping[str, bytes], tmp_path: Path) -> dict[str, str]:
    """Grade a tree under one seed, and say how each check ended."""
    environment = find(exercise.bank, packages=exercise.manifest.environment.packages)
    write_tree(tree, tmp_path / "variant")
    submission = take(tmp_path / "variant", tmp_path / "clean")
    paths = exercise.manifest.contract.paths
    with Bubblewrap().open(submission.root, environment, paths=paths) as worker:
        verdicts = examine(exercise, worker, seed=5).verdicts
    return {name: verdict.outcome for name, verdict in verdicts.items()}


def alike(slug: str, seeds: Iterable[int], tmp_path: Path) -> list[dict[str, str]]:
    """Grade a form as it was handed out under several seeds; return the different gradings."""
    exercise = REAL.exercise(slug)
    form, terms = exercise.forms[-1], CandidateTerms(minutes=60)
    seen: list[dict[str, str]] = []
    for seed in seeds:
        tree = contents(exercise, form.defects, terms=terms, seed=seed)
        found = endings(exercise, tree, tmp_path / str(seed))
        seen += [] if found in seen else [found]
    return seen


@pytest.mark.slow
@pytest.mark.sandbox
@pytest.mark.parametrize("slug", REAL.slugs)
def test_two_seeds_of_a_form_are_graded_alike(slug: str, tmp_path: Path) -> None:
    assert len(alike(slug, (101, 102), tmp_path)) == 1


@pytest.mark.gate
@pytest.mark.sandbox
@pytest.mark.parametrize("slug", REAL.slugs)
def test_twenty_seeds_of_a_form_are_graded_alike(slug: str, tmp_path: Path) -> None:
    assert len(alike(slug, range(20), tmp_path)) == 1


@pytest.mark.parametrize(
    "slug", [slug for slug in REAL.slugs if DIAGNOSIS in read_tree(REAL.exercise(slug).project)]
)
def test_twenty_seeds_are_twenty_incidents_each_with_its_own_right_answers(slug: str) -> None:
    exercise = REAL.exercise(slug)
    said = [diagnosis(exercise, seed=seed) for seed in range(20)]
    judged = [diagnosis_of(exercise, tree, seed=seed) for seed, tree in enumerate(said)]
    assert {answer.credit for one in judged if one for answer in one.answers} == {"right"}
    assert len({tree[DIAGNOSIS] for tree in said}) > 1
