"""The interviewer's word stands over the kit's, and survives regrading."""

from __future__ import annotations

from pathlib import Path

import pytest

from unfit.errors import ManifestError
from unfit.grades import Finding
from unfit.review import apply_overrules

FINDINGS = (
    Finding(title="Folds by row", match="matched", defects=("sides",)),
    Finding(title="Again the folds", match="duplicate", defects=("sides",)),
    Finding(title="Something else"),
)


def overrules(tmp_path: Path, *items: str) -> Path:
    path = tmp_path / "overrules.toml"
    tail = '\nby = "Ada"\nwhen = 2026-03-01\nwhy = "It says so."\n'
    path.write_text("format = 1\n" + "".join(f"[[overrule]]\n{item}{tail}" for item in items))
    return path


def test_without_a_file_nothing_changes(tmp_path: Path) -> None:
    assert apply_overrules(FINDINGS, tmp_path / "none.toml") == FINDINGS


@pytest.mark.parametrize("name", ['"Something else"', '"something  ELSE"', "3"])
def test_a_finding_is_named_by_title_or_number(name: str, tmp_path: Path) -> None:
    changed = apply_overrules(FINDINGS, overrules(tmp_path, f'finding = {name}\ndefect = "watch"'))[2]
    assert (changed.match, changed.defects) == ("matched", ("watch",))
    assert changed.overruled == "Ada, 2026-03-01: It says so."


def test_a_match_taken_away_passes_to_the_duplicate(tmp_path: Path) -> None:
    changed = apply_overrules(FINDINGS, overrules(tmp_path, 'finding = 1\ndefect = "none"'))
    assert [(finding.match, finding.defects) for finding in changed[:2]] == [
        ("unmatched", ()),
        ("matched", ("sides",)),
    ]


def test_others_stay_as_they_were(tmp_path: Path) -> None:
    assert apply_overrules(FINDINGS, overrules(tmp_path, 'finding = 3\ndefect = "watch"'))[:2] == FINDINGS[:2]


@pytest.mark.parametrize(
    ("item", "words"),
    [
        ('finding = "Folds by rows"\ndefect = "none"', "the nearest is `Folds by row`"),
        ('finding = 9\ndefect = "none"', "there are 3 findings"),
        ('finding = 0\ndefect = "none"', "finding"),
        ('finding = 3\ndefect = "side"', "is no defect; the nearest is `sides`"),
        ("finding = 3", "defect"),
    ],
)
def test_a_mistake_in_the_file_is_named(item: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match=words):
        apply_overrules(FINDINGS, overrules(tmp_path, item), defects=["sides", "watch"])


def test_one_finding_is_overruled_once(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match="is there twice"):
        apply_overrules(FINDINGS, overrules(tmp_path, *['finding = 3\ndefect = "none"'] * 2))


def test_two_findings_of_one_title_need_numbers(tmp_path: Path) -> None:
    twins = (FINDINGS[0], FINDINGS[0])
    with pytest.raises(ManifestError, match="is the title of 2 findings"):
        apply_overrules(twins, overrules(tmp_path, 'finding = "Folds by row"\ndefect = "none"'))
