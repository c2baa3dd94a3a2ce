"""The standard: its rules, its pages, and what a bank changes of it."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import pytest

from unfit.bank import load_bank, load_standard
from unfit.errors import ManifestError
from unfit.experiments.library_page import reference
from unfit.standard import STANDARD, for_authors, for_candidates

REPOSITORY = Path(__file__).parent.parent
OWN = """
[[rule]]
id = "in-the-region"
family = "Runs"
sentence = "Personal data stay in their region."
source = "our data policy"
"""


def written(folder: Path, text: str) -> Path:
    (folder / "standard.toml").write_text(f"format = 1\n{text}")
    return folder


def test_no_two_rules_have_one_id() -> None:
    assert len(set(STANDARD.ids)) == len(STANDARD.ids)


@pytest.mark.parametrize("rule", STANDARD.rules, ids=STANDARD.ids)
def test_every_rule_says_how_one_breaks_it_and_how_one_mends_it_wrongly(rule: object) -> None:
    assert all(getattr(rule, name) for name in ("source", "operators", "wrong_fixes", "narrowings"))


@pytest.mark.parametrize("rule", STANDARD.rules, ids=STANDARD.ids)
def test_every_experiment_of_a_rule_exists(rule: object) -> None:
    library = import_module("unfit.experiments")
    assert all(callable(getattr(library, name)) for name in getattr(rule, "experiments"))  # noqa: B009


def test_the_page_for_candidates_says_nothing_of_experiments() -> None:
    page = for_candidates(STANDARD)
    assert not [
        word for rule in STANDARD.rules for word in (*rule.experiments, *rule.narrowings) if word in page
    ]


def test_the_page_for_candidates_holds_every_rule_once() -> None:
    assert re.findall(r"\*\*([a-z-]+)\*\*", for_candidates(STANDARD)) == list(STANDARD.ids)


@pytest.mark.parametrize(
    ("path", "page"), [("STANDARD.md", for_candidates), ("docs/reference/standard.md", for_authors)]
)
def test_the_published_pages_are_current(path: str, page: object) -> None:
    assert (REPOSITORY / path).read_text("utf-8") == page(STANDARD), "run: make standard"  # type: ignore[operator]


def test_the_published_reference_of_experiments_is_current() -> None:
    assert (REPOSITORY / "docs/reference/experiments.md").read_text("utf-8") == reference(), (
        "run: make standard"
    )


def test_every_public_name_of_the_library_is_described() -> None:
    library = import_module("unfit.experiments")
    page = reference()
    described = set(re.findall("^### `(.*)`$", page, flags=re.MULTILINE))
    assert set(library.__all__) - described == {"ABSENT", "GAP", "ODD", "Row", "UNREADABLE"}


def test_every_defect_of_the_bundled_bank_names_its_rule() -> None:
    bank = load_bank(REPOSITORY)
    defects = [defect for slug in bank.slugs for defect in bank.exercise(slug).defects]
    assert not [defect.id for defect in defects if defect.rule is None]


def test_a_bank_without_a_file_keeps_the_kits_standard(tmp_path: Path) -> None:
    assert load_standard(tmp_path) is STANDARD


def test_a_bank_drops_rewords_and_adds_rules(tmp_path: Path) -> None:
    text = f'drop = ["even-handed"]\n[reword]\nquiet = "Once a month."\n{OWN}'
    adapted = load_standard(written(tmp_path, text))
    assert adapted.ids == (*(name for name in STANDARD.ids if name != "even-handed"), "in-the-region")
    assert "Once a month." in for_candidates(adapted)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('drop = ["quite"]', "nearest is `quiet`"),
        ('reword = { quite = "Once." }', "nearest is `quiet`"),
        ('drop = ["quiet"]\nreword = { quiet = "Once." }', "dropped and reworded"),
        (OWN.replace("in-the-region", "quiet"), "already"),
        (OWN * 2, "used 2 times"),
        ("drops = []", "nearest is `drop`"),
    ],
)
def test_a_mistake_in_the_file_is_named(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match=message):
        load_standard(written(tmp_path, text))


def test_a_defect_that_names_no_rule_of_the_bank_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "solutions" / "first_look"
    folder.mkdir(parents=True)
    source = REPOSITORY / "solutions" / "first_look"
    (folder / "exercise.toml").write_bytes((source / "exercise.toml").read_bytes())
    text = (source / "defects.toml").read_text("utf-8")
    (folder / "defects.toml").write_text(text.replace('rule = "newcomers"', 'rule = "newcomer"'))
    with pytest.raises(ManifestError, match=r"rule.* names `newcomer`.*nearest is `newcomers`"):
        load_bank(tmp_path).exercise("first_look")
