"""One tree, some checks, at once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from unfit.bank import load_bank
from unfit.cli import app
from unfit.errors import UsageError
from unfit.grades import Outcome
from unfit.sandbox import choose
from unfit.trying import attempt, chosen, tree_of

BANK = Path(__file__).parent / "banks/miniature"
TEA = load_bank(BANK).exercise("tea_shop")
DEFECT = TEA.defects[0]


def tried(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["try", "tea_shop", "--bank", str(BANK), *arguments])
    return done.exit_code, done.output if done.exception is None else str(done.exception)


def test_a_check_brings_along_what_it_needs() -> None:
    names = [check.name for check in chosen(TEA, DEFECT.checks)]
    needs = {need for check in chosen(TEA, ()) if check.name in DEFECT.checks for need in check.needs}
    assert set(names) == set(DEFECT.checks) | needs
    assert [check.name for check in chosen(TEA, (), plant=[DEFECT.id])] == names
    assert len(chosen(TEA, ())) > len(names)


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"plant": ["no-such"]}, "has no defect `no-such`"),
        ({"entry": "right/no_such"}, "has no corpus entry `right/no_such`"),
        ({"plant": [DEFECT.id], "entry": "right/a"}, "one tree at a time"),
    ],
)
def test_a_tree_that_is_not_there_is_named(how: dict[str, object], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        tree_of(TEA, **how)  # type: ignore[arg-type]


def test_a_check_that_is_not_there_is_named_with_the_nearest() -> None:
    with pytest.raises(UsageError, match=f"the nearest is `{DEFECT.checks[0]}`"):
        chosen(TEA, [DEFECT.checks[0][:-1]])


@pytest.mark.sandbox
def test_a_planted_defect_fails_its_check_and_the_fixed_project_passes_it() -> None:
    outcomes = []
    for plant in ((), (DEFECT.id,)):
        said, tree = tree_of(TEA, plant=plant)
        checks = chosen(TEA, DEFECT.checks)
        done = attempt(TEA, tree, checks, backend=choose("bubblewrap"), seed=5, said=said)
        outcomes.append(done.verdicts[-1].outcome)
    assert outcomes == [Outcome.PASSED, Outcome.FAILED]


@pytest.mark.sandbox
def test_every_comparison_is_shown_and_the_tree_can_be_kept(tmp_path: Path) -> None:
    code, shown = tried("--plant", DEFECT.id, "--seed", "5", "--to", str(tmp_path / "tree"))
    assert code == 0
    assert "failed" in shown
    assert "seed 5," in shown
    assert (tmp_path / "tree/exercise.toml").is_file()
    assert "exists already" in tried("--to", str(tmp_path / "tree"))[1]


@pytest.mark.sandbox
def test_a_submission_and_a_corpus_entry_are_trees_as_well() -> None:
    entry = next(one for one in TEA.corpus if one.kind == "right")
    code, shown = tried("--corpus", f"right/{entry.name}", "--json")
    assert code == 0
    assert {one["outcome"] for one in json.loads(shown)} >= {"passed"}
    assert tried("--submission", str(TEA.shipped_folder), "--check", DEFECT.checks[0])[0] == 0
