"""A new exercise is whole from its first minute."""

from __future__ import annotations

import json
import re
import runpy
import tomllib
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from unfit.bank import load_bank, read_tree
from unfit.checks import load_checks, load_measure
from unfit.errors import UnfitError, UsageError
from unfit.planting import stale
from unfit.renaming import Names
from unfit.scaffold import Kind, create, derive, write_schemas

KINDS = ["package", "notebook"]


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    return tmp_path / "bank"


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_exercise_loads_whole(bank: Path, kind: Kind) -> None:
    create(bank, "demo", kind=kind)
    exercise = load_bank(bank).exercise("demo")
    assert [len(exercise.defects), len(exercise.decoys), len(exercise.corpus)] == [1, 1, 4]


@pytest.mark.parametrize("kind", KINDS)
def test_what_candidates_get_is_planted_at_once(bank: Path, kind: Kind) -> None:
    create(bank, "demo", kind=kind)
    assert stale(load_bank(bank).exercise("demo")) == []


@pytest.mark.parametrize("kind", KINDS)
def test_the_worked_example_has_a_guard_and_a_measure_of_harm(bank: Path, kind: Kind) -> None:
    solution = create(bank, "demo", kind=kind)
    exercise = load_bank(bank).exercise("demo")
    named = {name for defect in exercise.defects for name in defect.checks} | {
        decoy.check for decoy in exercise.decoys
    }
    assert {check.name for check in load_checks(solution)} - named
    assert load_measure(solution) is not None


def test_the_shipped_data_is_what_its_world_draws(bank: Path) -> None:
    solution = create(bank, "demo")
    world = runpy.run_path(str(solution / "world.py"))
    drawn = world["project_data"](seed=world["SHIPPED_SEED"])["data/readings.csv"]
    assert (solution / "project/data/readings.csv").read_text() == drawn.to_csv(index=False)


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_exercise_is_private(bank: Path, kind: Kind) -> None:
    create(bank, "demo", kind=kind)
    assert load_bank(bank).exercise("demo").manifest.exposure == "private"


def test_a_title_with_quotes_survives(bank: Path) -> None:
    create(bank, "demo", title='The "late" trains')
    assert load_bank(bank).exercise("demo").manifest.title == 'The "late" trains'


def test_a_missing_bank_is_made(bank: Path) -> None:
    create(bank, "demo")
    assert {path.name for path in bank.iterdir()} == {"README.md", ".gitignore", "exercises", "solutions"}


def test_a_bank_keeps_what_it_has(bank: Path) -> None:
    bank.mkdir()
    (bank / "README.md").write_text("ours")
    create(bank, "demo")
    assert (bank / "README.md").read_text() == "ours"


def test_an_exercise_is_never_written_over(bank: Path) -> None:
    create(bank, "demo")
    before = read_tree(bank)
    with pytest.raises(UsageError, match="exists already"):
        create(bank, "demo", kind="notebook")
    assert read_tree(bank) == before


@pytest.mark.parametrize("half", ["solutions", "exercises"])
def test_either_half_of_an_exercise_stands_in_the_way(bank: Path, half: str) -> None:
    (bank / half / "demo").mkdir(parents=True)
    with pytest.raises(UsageError, match=f"{half}/demo: exists already"):
        create(bank, "demo")


@pytest.mark.parametrize(
    "slug", ["", "Demo", "2nd", "a-b", "a__b", "_a", "a_", "class", "../up", "a" * 41, "é"]
)
def test_a_name_that_is_no_slug_is_refused(bank: Path, slug: str) -> None:
    with pytest.raises(UsageError, match="cannot be called"):
        create(bank, slug)
    assert not bank.exists()


def test_a_refused_name_is_mended_in_the_advice(bank: Path) -> None:
    with pytest.raises(UsageError) as caught:
        create(bank, "Late Trains!")
    assert "late_trains" in caught.value.fix


def test_a_bank_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bank").write_text("")
    with pytest.raises(UsageError, match="is no folder"):
        create(tmp_path / "bank", "demo")


@pytest.mark.parametrize("kind", KINDS)
def test_every_manifest_names_a_schema_that_is_there(bank: Path, kind: Kind) -> None:
    solution = create(bank, "demo", kind=kind)
    for path in solution.rglob("*.toml"):
        if "project" not in path.relative_to(solution).parts:
            named = re.match(r"#:schema (\S+)\n", path.read_text())
            assert named, path
            assert "properties" in json.loads((path.parent / named[1]).read_text())


@pytest.mark.parametrize("kind", KINDS)
def test_every_manifest_keeps_to_the_schema_that_it_names(bank: Path, kind: Kind) -> None:
    for path in sorted(create(bank, "demo", kind=kind).rglob("*.toml")):
        named = re.match(r"#:schema (\S+)\n", path.read_text())
        if named:
            schema = json.loads((path.parent / named[1]).read_text())
            Draft202012Validator(schema).validate(tomllib.loads(path.read_text()))


def test_schemas_that_are_current_are_left_alone(tmp_path: Path) -> None:
    write_schemas(tmp_path)
    before = {path: path.stat().st_ino for path in tmp_path.iterdir()}
    write_schemas(tmp_path)
    assert {path: path.stat().st_ino for path in tmp_path.iterdir()} == before


def test_a_derived_exercise_is_private_and_begins_anew(bank: Path, tmp_path: Path) -> None:
    _publish(create(bank, "demo"))
    derive(tmp_path / "private", bank, "demo", "own")
    manifest = load_bank(tmp_path / "private").exercise("own").manifest
    assert (manifest.exposure, manifest.version) == ("private", "0.1.0")


def test_a_derived_exercise_keeps_the_comments_of_its_manifest(bank: Path, tmp_path: Path) -> None:
    solution = create(bank, "demo")
    derived = derive(tmp_path / "private", bank, "demo", "own")
    assert (derived.path / "exercise.toml").read_bytes() == (solution / "exercise.toml").read_bytes()


def test_a_derived_exercise_shows_candidates_nothing_of_its_origin(bank: Path, tmp_path: Path) -> None:
    create(bank, "demo")
    derive(tmp_path / "private", bank, "demo", "own")
    shipped = read_tree(tmp_path / "private" / "exercises" / "own")
    assert not any(b"demo" in content for content in shipped.values())


def test_the_checklist_of_a_derived_exercise_names_what_would_give_it_away(bank: Path) -> None:
    create(bank, "demo")
    places = [item.where for item in derive(bank, bank, "demo", "own").checklist]
    for wanted in (
        "exercise.toml: title, story",
        "project/src/pumps/",
        "defects.toml: defect[batch-scales-itself]",
    ):
        assert wanted in places


def test_harm_that_was_measured_elsewhere_is_not_carried_over(bank: Path) -> None:
    (create(bank, "demo") / "harm.json").write_text("{}")
    assert not (derive(bank, bank, "demo", "own").path / "harm.json").exists()


def test_nothing_is_derived_from_what_a_candidate_has(bank: Path, tmp_path: Path) -> None:
    create(bank, "demo")
    (bank / "solutions").rename(tmp_path / "elsewhere")
    with pytest.raises(UsageError, match="the solution of `demo` is not here"):
        derive(tmp_path / "private", bank, "demo", "own")


ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("form", ["b", "pairs-1"])
def test_a_derived_exercise_may_plant_another_form(form: str, tmp_path: Path) -> None:
    derive(tmp_path, ROOT, "home_offers", "own", form=form)
    origin, own = load_bank(ROOT).exercise("home_offers"), load_bank(tmp_path).exercise("own")
    assert set(own.default) == set(origin.form(form).defects)
    assert set(own.form("a").defects) == set(origin.default)
    assert [one.name for one in own.defects_manifest.forms] == (["a"] if form == "b" else ["b", "a"])
    planted = {
        bank: {entry.name: set(exercise.form(entry.expect.form).defects) for entry in exercise.corpus}
        for bank, exercise in (("origin", origin), ("own", own))
    }
    assert planted["own"] == planted["origin"]
    assert {entry.expect.form for entry in own.corpus} >= {"a"}


def test_a_form_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no form"):
        derive(tmp_path, ROOT, "home_offers", "own", form="z")
    assert not tmp_path.joinpath("solutions/own").exists()


def test_a_history_that_speaks_of_parts_that_are_gone_is_refused_at_once(tmp_path: Path) -> None:
    told = {"project/README.md": b"# Another\n"}
    with pytest.raises(UnfitError, match=r"history\.toml.*README\.md has no part"):
        derive(tmp_path, ROOT, "first_look", "own", Names(names={"repairs": "mending"}), told=told)
    assert not [*tmp_path.glob("*/own")]


def test_what_a_linter_finds_under_other_names_is_told(tmp_path: Path) -> None:
    names = Names(names={"model": "aaa_model", "forms": "zzz_forms"})
    found = derive(tmp_path, ROOT, "first_look", "own", names).checklist
    assert "project/src/repairs/quote.py" in {
        one.where.partition(":")[0] for one in found if "I001" in one.what
    }
    quiet = derive(tmp_path, ROOT, "first_look", "other", Names(words={"maud": "Greta"})).checklist
    assert not [one for one in quiet if "ruff" in one.what]


def test_an_exercise_that_cannot_be_planted_leaves_nothing_behind(bank: Path, tmp_path: Path) -> None:
    solution = create(bank, "demo")
    (solution / "project" / "src" / "pumps" / "serve.py").write_text("")
    with pytest.raises(Exception, match=r"is not in src/pumps/serve\.py"):
        derive(tmp_path / "private", bank, "demo", "own")
    assert not list((tmp_path / "private" / "solutions").glob("own*"))


def _publish(solution: Path) -> None:
    manifest = solution / "exercise.toml"
    manifest.write_text(manifest.read_text().replace('"private"', '"public"').replace("0.1.0", "2.3.4"))
