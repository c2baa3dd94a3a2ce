"""Two bundled exercises were derived by tables and documents as authors write them, by the commands of the docs."""

from __future__ import annotations

import re
import shlex
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from typer.testing import CliRunner

from unfit.bank import Exercise, load_bank, read_tree
from unfit.cli import app
from unfit.export import branched, history_of
from unfit.likeness import shared_with_origin
from unfit.planting import lint

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "how-to" / "keep-a-private-bank.md"
A_QUARTER = 0.25
DERIVED = {"sewing_desk": "first_look", "barn_bids": "home_offers"}


def documented(verb: str, slug: str) -> list[str]:
    """Find the one command of the page that names an exercise and, of the verb `new`, its whole material."""
    found = [
        line.removeprefix("$ ")
        for line in PAGE.read_text("utf-8").replace("\\\n", "").splitlines()
        if f"unfit {verb} {slug}" in line and "names.toml" not in line
    ]
    assert len(found) == 1, found
    return shlex.split(found[0].partition(" && ")[2] or found[0])[1:]


def typed(words: list[str], folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Type a command in a folder."""
    monkeypatch.chdir(folder)
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    return done.output


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Make the folder in which the page's commands are typed: the kit's clone lies beside it."""
    (tmp_path / "unfit").symlink_to(ROOT)
    (tmp_path / "here").mkdir()
    return tmp_path / "here"


def of_the_contract(slug: str) -> set[str]:
    """Name what a bundled exercise's contract names."""
    contract = tomllib.loads((ROOT / "solutions" / slug / "exercise.toml").read_text("utf-8"))["contract"]
    names = {name for kind, record in contract["types"].items() for name in (kind, *record)}
    for entry in contract["entry"]:
        names |= {*re.split(r"[.:]", entry["call"]), *entry["arguments"]}
    return names


def told(exercise: Exercise) -> Iterator[tuple[str, str]]:
    """List the texts that a candidate gets and that are the exercise's own."""
    for path, content in read_tree(exercise.shipped_folder).items():
        if path == "exercise.toml":
            manifest = exercise.manifest
            yield path, f"{manifest.title} {manifest.story} {sorted(of_the_contract_of(exercise))}"
        elif path != "REVIEW.md":
            yield path, f"{path} {content.decode()}"
    for one in history_of(exercise, exercise.default)[:-1]:
        yield from (("a commit", f"{one.message} {path} {text.decode()}") for path, text in one.tree.items())
    if exercise.has_pull_request:
        asked = exercise.pull_request
        yield "the pull request", f"{asked.title} {asked.body} {asked.story} {asked.branch}"
        for one in branched(exercise, exercise.default).branch[:-1]:
            yield "a commit of the branch", one.message


def of_the_contract_of(exercise: Exercise) -> set[str]:
    contract = exercise.manifest.contract
    entries = {name for entry in contract.entry for name in (entry.call, entry.does, *entry.arguments)}
    return entries | {name for kind, record in contract.types.items() for name in (kind, *record)}


def left(exercise: Exercise, names: set[str]) -> dict[str, set[str]]:
    """Find names in what a candidate gets."""
    found: Mapping[str, set[str]] = {
        path: names & set(re.findall(r"\w+", text)) for path, text in told(exercise)
    }
    return {path: some for path, some in found.items() if some}


@pytest.mark.parametrize("slug", DERIVED)
def test_a_derived_exercise_is_hardly_its_origin(
    slug: str, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = typed(documented("new", slug), place, monkeypatch)
    exercise = load_bank(place.parent / "our-bank").exercise(slug)
    likeness = shared_with_origin(exercise)
    assert likeness
    assert likeness.seen <= A_QUARTER
    assert f"{likeness.seen:.0%} of what candidates see" in said
    names = of_the_contract(DERIVED[slug])
    assert left(exercise, names) == {}
    assert likeness.names == {}
    origin = load_bank(ROOT).exercise(DERIVED[slug])
    assert names == set().union(*left(origin, names).values())
    project = read_tree(exercise.project)
    assert lint(project, configured=True) == ()
    drawn = {path for path in project if path.startswith("data/") and not path.endswith(".md")}
    assert not {project[path] for path in drawn} & set(read_tree(origin.project).values())


def test_one_of_them_plants_other_mistakes_than_its_origin(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed(documented("new", "barn_bids"), place, monkeypatch)
    exercise = load_bank(place.parent / "our-bank").exercise("barn_bids")
    rules = {defect.rule for defect in exercise.defects if defect.id in exercise.default}
    origin = load_bank(ROOT).exercise("home_offers")
    assert rules != {defect.rule for defect in origin.defects if defect.id in origin.default}


@pytest.mark.slow
@pytest.mark.sandbox
@pytest.mark.parametrize("slug", DERIVED)
def test_a_derived_exercise_is_clean_at_once(slug: str, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    typed(documented("new", slug), place, monkeypatch)
    typed(documented("validate", slug), place.parent / "our-bank", monkeypatch)
