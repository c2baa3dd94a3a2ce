"""Around the talk: overrule a match, hand feedback over, share a sheet."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from report_samples import concluded
from unfit.assembling import Background, assemble
from unfit.bank import Exercise, load_bank
from unfit.cli import app
from unfit.examination import Examination
from unfit.grades import BackendUsed, Outcome
from unfit.planting import shipped_tree, write_tree
from unfit.report import load_grade, render_json
from unfit.submission import take

BANK = Path(__file__).parent / "banks" / "miniature"
REVIEW = b"""# Review

## Findings

### 1. The shelf is empty on Mondays

Where: README.md
What breaks: nobody orders tea.
"""
OVERRULED = """format = 1
[[overrule]]
finding = 1
defect = "{}"
by = "Ada"
when = 2026-03-01
why = "She means the alarm."
"""


@pytest.fixture
def tea_shop() -> Exercise:
    return load_bank(BANK).exercise("tea_shop")


@pytest.fixture
def graded(tea_shop: Exercise, tmp_path: Path) -> Path:
    """A grade of the shipped exercise with a review, as if every experiment had failed."""
    write_tree({**shipped_tree(tea_shop, tea_shop.default), "REVIEW.md": REVIEW}, tmp_path / "work")
    taken = take(tmp_path / "work", tmp_path / "clean")
    verdicts = concluded(tea_shop, lambda _: Outcome.FAILED)
    backend = BackendUsed(name="bubblewrap", protected=True)
    done = assemble(
        tea_shop,
        taken,
        Examination(verdicts),
        Background(findings=()),
        seed=1,
        backend=backend,
        environment="e",
    )
    (tmp_path / "grade").mkdir()
    (tmp_path / "grade" / "grade.json").write_text(render_json(done))
    return tmp_path / "grade"


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(
        app, [*map(str, words), *(["--bank", str(BANK)] if words[0] != "feedback" else [])]
    )


def test_the_first_overrule_begins_the_file(graded: Path, tmp_path: Path) -> None:
    done = run("overrule", graded / "grade.json", tmp_path / "work")
    assert (done.exit_code, "is begun" in done.output) == (0, True)
    assert "format = 1" in (graded / "overrules.toml").read_text()


def test_an_overrule_says_what_changed_and_writes_every_report(
    graded: Path, tea_shop: Exercise, tmp_path: Path
) -> None:
    defect = tea_shop.default[0]
    (graded / "overrules.toml").write_text(OVERRULED.format(defect))
    done = run("overrule", graded / "grade.json", tmp_path / "work", "--ledger", tmp_path / "ledger")
    assert f"{defect}: neither before, described only now" in done.output
    assert {"report.html", "share.html", "feedback.html"} <= {path.name for path in graded.iterdir()}


def test_an_overrule_keeps_every_verdict(graded: Path, tea_shop: Exercise, tmp_path: Path) -> None:
    before = load_grade(graded / "grade.json")
    (graded / "overrules.toml").write_text(OVERRULED.format(tea_shop.default[0]))
    run("overrule", graded / "grade.json", tmp_path / "work", "--ledger", tmp_path / "ledger")
    after = load_grade(graded / "grade.json")
    assert [item.checks for item in after.defects] == [item.checks for item in before.defects]


def test_an_overrule_with_another_submission_is_refused(
    graded: Path, tea_shop: Exercise, tmp_path: Path
) -> None:
    (graded / "overrules.toml").write_text(OVERRULED.format("none"))
    (tmp_path / "work" / "README.md").write_text("Something else.\n")
    done = run("overrule", graded / "grade.json", tmp_path / "work", "--ledger", tmp_path / "ledger")
    assert done.exit_code != 0


@pytest.mark.parametrize(
    ("words", "name"),
    [(["feedback"], "feedback.html"), (["feedback", "--after-the-talk"], "feedback-after-the-talk.html")],
)
def test_feedback_is_written_beside_the_grade(graded: Path, words: list[str], name: str) -> None:
    assert run(words[0], graded / "grade.json", *words[1:]).exit_code == 0
    assert (graded / name).is_file()


def test_a_sheet_is_written_beside_the_grade(graded: Path) -> None:
    assert run("share", graded / "grade.json").exit_code == 0
    assert (graded / "share.html").is_file()
