"""The shipped exercises are what the bank plants, byte for byte."""

from __future__ import annotations

import os
import re
import subprocess
from functools import lru_cache
from itertools import combinations
from pathlib import Path

import pytest

from unfit.bank import load_bank
from unfit.environment import find
from unfit.planting import added, leftovers, stale
from unfit.validate.tool_giveaways import giveaways

REPOSITORY = Path(__file__).parent.parent
SLUGS = load_bank(REPOSITORY).slugs
COMMANDS = sorted(path.parent for path in REPOSITORY.glob("exercises/*/src/*/__main__.py"))
NEEDS_A_MODEL = {
    "credit": ["night", "2026-03-31"],
    "delays": ["forecast"],
    "matinee": ["row", "V0001"],
    "offers": ["answer"],
    "screen": ["score", "data/round.json"],
    "souring": ["watch"],
    "triage": ["score", "data/batch.json"],
}
RUN = 8
"""Words in a row that two teams do not write by chance."""
NO_PROSE = re.compile(r"^```.*?^```$|^\|[^\n]*\n(?=\|[-: |]+$)", re.MULTILINE | re.DOTALL)
"""Blocks of code, and the headers of tables."""


@lru_cache
def runs(slug: str) -> frozenset[str]:
    """Collect what the documents of an exercise say, eight words at a time."""
    folder = REPOSITORY / "exercises" / slug
    documents = [folder / "README.md", folder / "data" / "README.md", *folder.glob("docs/**/*.md")]
    pieces = [piece for path in documents for piece in NO_PROSE.split(path.read_text())]
    told = [re.findall(r"\w+", piece.lower()) for piece in pieces]
    return frozenset(" ".join(words[at : at + RUN]) for words in told for at in range(len(words) - RUN + 1))


def typed(package: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Call a project's command line."""
    return subprocess.run(
        [str(find(REPOSITORY).python), "-B", "-m", package.name, *words],
        cwd=package.parents[1],
        env=os.environ | {"PYTHONPATH": "src"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("slug", SLUGS)
def test_an_exercise_is_shipped_as_the_bank_plants_it(slug: str) -> None:
    assert stale(load_bank(REPOSITORY).exercise(slug)) == []


@pytest.mark.parametrize(("one", "other"), list(combinations(SLUGS, 2)))
def test_no_two_exercises_share_eight_words_in_a_row(one: str, other: str) -> None:
    assert len(runs(one)) > RUN < len(runs(other))
    assert sorted(runs(one) & runs(other)) == []


@pytest.mark.parametrize("slug", SLUGS)
def test_planting_leaves_no_unused_name_behind(slug: str) -> None:
    assert leftovers(load_bank(REPOSITORY).exercise(slug)) == {}


@pytest.mark.slow
@pytest.mark.parametrize("slug", SLUGS)
def test_no_tool_names_what_is_planted_unless_that_is_marked(slug: str) -> None:
    assert list(giveaways(load_bank(REPOSITORY).exercise(slug))) == []


@pytest.mark.parametrize("slug", SLUGS)
def test_planting_adds_no_finding_of_a_linter_but_those_listed(slug: str) -> None:
    exercise = load_bank(REPOSITORY).exercise(slug)
    listed = {defect.id: [rule.partition(":")[0] for rule in defect.linters] for defect in exercise.defects}
    found = {name: [lint.rule for lint in added(exercise, [name])] for name in listed}
    assert found == listed


def test_every_shipped_exercise_has_its_hidden_half() -> None:
    bank = load_bank(REPOSITORY)
    assert [slug for slug in bank.slugs if not bank.exercise(slug).complete] == []


@pytest.mark.sandbox
@pytest.mark.parametrize("package", COMMANDS, ids=lambda package: package.name)
def test_an_unknown_verb_of_a_project_is_answered_with_its_usage(package: Path) -> None:
    done = typed(package, "xyz")
    assert (done.returncode, done.stdout, done.stderr[:6]) == (2, "", "usage:")


@pytest.mark.sandbox
@pytest.mark.parametrize("package", NEEDS_A_MODEL)
def test_a_project_without_a_model_says_how_to_make_one(package: str) -> None:
    folder = next(folder for folder in COMMANDS if folder.name == package)
    done = typed(folder, *NEEDS_A_MODEL[package])
    assert (done.returncode, done.stderr.rpartition("; ")[2][:16]) == (1, "run first: make ")
