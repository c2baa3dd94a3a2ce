"""How much text two exercises share."""

from __future__ import annotations

from pathlib import Path

import pytest

from unfit.bank import Exercise, load_bank, read_tree
from unfit.errors import ManifestError
from unfit.likeness import (
    Likeness,
    describe,
    exposure_of,
    held_of,
    origin_of,
    shared_text,
    shared_with_origin,
)
from unfit.renaming import Names
from unfit.scaffold import create, derive

ROOT = Path(__file__).parents[1]


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    create(tmp_path, "demo")
    return tmp_path


def derived(bank: Path) -> Exercise:
    derive(bank, bank, "demo", "own")
    return load_bank(bank).exercise("own")


def shared(exercise: Exercise) -> Likeness:
    likeness = shared_with_origin(exercise)
    assert likeness is not None
    return likeness


def test_a_fresh_copy_shares_everything(bank: Path) -> None:
    likeness = shared(derived(bank))
    assert (likeness.seen, likeness.hidden) == (1.0, 1.0)


def test_an_exercise_of_its_own_has_no_origin(bank: Path) -> None:
    assert shared_with_origin(load_bank(bank).exercise("demo")) is None


def test_rewording_lowers_the_share_of_that_file_alone(bank: Path) -> None:
    exercise = derived(bank)
    (exercise.project / "README.md").write_text(
        "Wind turbines of an island, told in words that nobody has used yet here.\n" * 9
    )
    files = dict(shared(exercise).files)
    assert "project/README.md" not in files
    assert files["project/src/pumps/serve.py"] == 1.0


def test_spaces_and_line_ends_are_no_rewording(bank: Path) -> None:
    exercise = derived(bank)
    readme = exercise.project / "README.md"
    readme.write_text(readme.read_text().replace(" ", "\n\n"))
    assert dict(shared(exercise).files)["project/README.md"] == 1.0


def test_data_is_shared_only_when_it_is_the_same(bank: Path) -> None:
    exercise = derived(bank)
    table = exercise.project / "data" / "readings.csv"
    table.write_text(table.read_text().replace("030-", "031-"))
    assert "project/data/readings.csv" not in dict(shared(exercise).files)


def test_what_only_interviewers_have_is_counted_apart(bank: Path) -> None:
    exercise = derived(bank)
    for path in exercise.solution.rglob("*"):
        if path.is_file() and (exercise.project in path.parents or path.name == "exercise.toml"):
            path.write_text("")
    likeness = shared(exercise)
    assert (likeness.seen, likeness.hidden) == (0.0, 1.0)


def test_two_exercises_of_one_bank_can_be_compared(bank: Path) -> None:
    create(bank, "other", kind="notebook")
    one, other = (load_bank(bank).exercise(slug) for slug in ("demo", "other"))
    assert 0.1 < shared_text(one, other).seen < 0.6


def test_names_of_the_origins_contract_are_found_where_they_stand(bank: Path) -> None:
    found = shared(derived(bank)).names
    origin = load_bank(bank).exercise("demo")
    fields = {name for kind, record in origin.manifest.contract.types.items() for name in (kind, *record)}
    assert fields <= set(found)
    assert "pumps" in found
    assert describe(load_bank(bank).exercise("own")).count("names of its contract that still stand") == 1


def test_what_the_kit_writes_holds_no_name_of_a_contract(tmp_path: Path) -> None:
    create(tmp_path, "demo")
    names = {name: f"{name}_x" for name in shared_text(*[load_bank(tmp_path).exercise("demo")] * 2).names}
    derive(tmp_path, tmp_path, "demo", "own", Names(names=names))
    assert set(shared(load_bank(tmp_path).exercise("own")).names) <= {"tests"}


def test_the_origin_holds_no_text(bank: Path) -> None:
    text = (derived(bank).solution / "origin.json").read_text()
    assert "batch-scales-itself" not in text
    assert "mechanic" not in text


def test_a_broken_origin_is_named(bank: Path) -> None:
    exercise = derived(bank)
    (exercise.solution / "origin.json").write_text('{"format": 7}')
    with pytest.raises(ManifestError, match=r"solutions/own/origin\.json"):
        origin_of(exercise)


def test_a_copy_of_a_published_exercise_is_published_until_it_is_reworded(tmp_path: Path) -> None:
    derive(tmp_path, ROOT, "first_look", "own")
    assert exposure_of(load_bank(tmp_path).exercise("own")) == "public"
    (tmp_path / "solutions/own/history.toml").unlink()
    for path in load_bank(tmp_path).exercise("own").project.rglob("*.*"):
        if path.suffix in {".py", ".md", ".csv"}:
            path.write_text(" ".join(f"{path.stem}{number}" for number in range(900)))
    assert exposure_of(load_bank(tmp_path).exercise("own")) == "private"


def test_a_copy_of_a_private_exercise_is_private(bank: Path) -> None:
    assert exposure_of(derived(bank)) == "private"


def test_a_submission_holds_its_own_exercise_and_hardly_another() -> None:
    real = load_bank(ROOT)
    files = read_tree(real.exercise("hospital_triage").shipped_folder)
    assert held_of(real.exercise("hospital_triage"), files) == 1.0
    assert max(held_of(real.exercise(slug), files) for slug in real.slugs if slug != "hospital_triage") < 0.25


def test_a_broken_notebook_is_no_text(bank: Path) -> None:
    assert held_of(load_bank(bank).exercise("demo"), {"a.ipynb": b"{"}) == 0.0


def test_a_derived_exercise_is_described_with_what_to_reword_first(bank: Path) -> None:
    exercise = derived(bank)
    (exercise.project / "README.md").write_text("")
    assert "derived from `demo` 0.1.0: " in describe(exercise)
    assert "project/README.md" not in describe(exercise)


def test_nothing_is_said_of_an_exercise_of_its_own(bank: Path) -> None:
    assert not describe(load_bank(bank).exercise("demo"))
