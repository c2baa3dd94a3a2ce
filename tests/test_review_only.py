"""A review without code is a submission of its own kind: nothing is run, and nothing is called mended or not mended."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from typer.testing import CliRunner

from bank_samples import MINIATURE, tea_shop
from fake_sandbox import Fake
from unfit.cli import app
from unfit.cohort import grade_cohort
from unfit.errors import SandboxError, SubmissionError, UsageError
from unfit.export import export
from unfit.followup import plan
from unfit.grades import DefectStatus, Grade
from unfit.judge import judge, reports
from unfit.receiving import Received, receive
from unfit.report import render_html, render_markdown, render_terminal
from unfit.review import Given, read_exported
from unfit.sandbox import Environment

HOSTS = Path(__file__).parent / "hosts"
COMMENTS = HOSTS / "github_comments.json"
SAYS = {"window-too-long", "last-day-ignored", "no-watch"}
NEVER = ("mended", "neither", "guard is broken", "experiments showed")


def given() -> Given:
    return Given(exported=read_exported([COMMENTS]))


def taken(folder: Path, source: Path | None, **more: Any) -> Received:
    return receive(tea_shop(), source, folder / "clean", ledger=folder / "ledger", **more)


def graded(received: Received) -> Grade:
    return judge(received, backend=None, environment=None)


@pytest.fixture
def only(tmp_path: Path) -> Grade:
    return graded(taken(tmp_path, None, given=given()))


def test_comments_alone_are_a_review_without_code(only: Grade) -> None:
    assert only.review_only
    assert {item.id for item in only.defects if item.spotted} == SAYS
    assert {item.status for item in only.defects} == {DefectStatus.NOT_TRIED, DefectStatus.NOT_PLANTED}
    assert only.headline.startswith("Review only. 3 planted mistakes: 3 described, 0 not described.")


def test_no_experiment_has_an_ending(only: Grade) -> None:
    assert (only.verdicts, only.guards, only.backend.name) == ((), (), "none")


def test_no_report_says_that_anything_was_mended_or_not(tmp_path: Path) -> None:
    received = taken(tmp_path, None, given=given())
    done = reports(received, graded(received))
    for name in ("report.html", "share.html", "summary.md", "feedback.html"):
        text = done[name].partition("</style>")[2] or done[name]
        said = text.replace("nothing here says that a mistake was mended or left", "")
        assert [word for word in NEVER if word in said] == [], name
    assert "Review only" in render_terminal(graded(received))


def test_what_is_not_described_is_called_so(tmp_path: Path) -> None:
    (tmp_path / "c.json").write_text(
        json.dumps(json.loads(COMMENTS.read_text().partition("\n]\n[")[0] + "]")[:1])
    )
    few = Given(exported=read_exported([tmp_path / "c.json"]))
    done = graded(taken(tmp_path, None, given=few))
    assert sorted(str(item.together) for item in done.defects if item.status is DefectStatus.NOT_TRIED) == [
        "described",
        "not described",
        "not described",
    ]
    for view in (render_html(done), render_markdown(done), render_terminal(done)):
        assert "not described" in view


def test_the_interviewers_word_makes_a_whole_project_a_review_without_code(tmp_path: Path) -> None:
    done = graded(taken(tmp_path, tea_shop().shipped_folder, given=given(), review_only=True))
    assert done.review_only
    assert not [note for note in done.notes if "No experiment looked" in note]


def test_code_that_was_changed_all_the_same_is_said(tmp_path: Path) -> None:
    shutil.copytree(tea_shop().shipped_folder, tmp_path / "ada")
    (tmp_path / "ada/src/tea/forecast.py").write_text("x = 1\n")
    done = graded(taken(tmp_path, tmp_path / "ada", given=given(), review_only=True))
    assert any("`src/tea/forecast.py` first. No experiment looked at that" in note for note in done.notes)


def test_without_that_word_an_unchanged_project_is_tried_like_any_other(tmp_path: Path) -> None:
    received = taken(tmp_path, tea_shop().shipped_folder, given=given())
    assert not received.review_only
    with pytest.raises(SandboxError, match="holds code"):
        graded(received)
    tried = judge(
        received,
        backend=Fake(),
        environment=Environment(Path(sys.executable), digest="t"),
        seed=1,
    )
    assert not tried.review_only


def test_who_hands_in_nothing_looks_no_better_with_it(tmp_path: Path) -> None:
    done = graded(taken(tmp_path, tea_shop().shipped_folder, review_only=True))
    assert done.headline.startswith("Review only. 3 planted mistakes: 0 described, 3 not described.")


def test_comments_of_nobody_are_no_submission(tmp_path: Path) -> None:
    (tmp_path / "c.json").write_text("[]")
    with pytest.raises(SubmissionError, match="nobody's review is in it"):
        taken(tmp_path, None, given=Given(exported=read_exported([tmp_path / "c.json"])))


def test_a_folder_of_comments_and_the_receipt_is_of_the_form_that_was_handed_out(tmp_path: Path) -> None:
    export(tea_shop(), tmp_path / "out", ledger=tmp_path / "ledger", form="b")
    (tmp_path / "ada").mkdir()
    shutil.copy(tmp_path / "out/receipt.json", tmp_path / "ada")
    shutil.copy(COMMENTS, tmp_path / "ada/comments.json")
    done = graded(taken(tmp_path, tmp_path / "ada"))
    assert (done.review_only, done.exercise.form, done.exercise.verified) == (True, "b", True)


def test_the_same_comments_give_the_same_grade(tmp_path: Path) -> None:
    first, second = (graded(taken(tmp_path / name, None, given=given())) for name in "ab")
    assert first == second


def test_a_findings_on_code_that_is_right_is_counted_without_an_experiment(only: Grade) -> None:
    assert only.claims is not None
    assert [decoy.verdict for decoy in only.decoys] == [None]


def test_no_incident_can_happen_to_a_review(only: Grade, tmp_path: Path) -> None:
    received = taken(tmp_path / "again", None, given=given())
    with pytest.raises(UsageError, match="only a review"):
        plan(tea_shop(), only, received.submission)


def test_the_command_starts_no_sandbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("unfit.cli.grading.ready", None)
    monkeypatch.setattr("unfit.cli.grading.moved", None)
    out = tmp_path / "out"
    words = ["grade", "tea_shop", "--comments", str(COMMENTS), "--bank", str(MINIATURE), "--out", str(out)]
    done = CliRunner().invoke(app, [*words, "--ledger", str(tmp_path / "ledger")])
    assert done.exit_code == 0, done.output
    assert "REVIEW ONLY" in done.output
    assert json.loads((out / "grade.json").read_text())["review_only"] is True


def test_a_cohort_of_reviews_is_a_group_of_its_own(tmp_path: Path) -> None:
    source, out = tmp_path / "in", tmp_path / "out"
    (source / "ada").mkdir(parents=True)
    shutil.copy(COMMENTS, source / "ada/comments.json")
    shutil.copytree(tea_shop().shipped_folder, source / "ben")
    done = grade_cohort(
        tea_shop(),
        source,
        out,
        backend=None,
        environment=None,
        ledger=tmp_path / "ledger",
        key=tmp_path / "key.toml",
        review_only=True,
        workers=1,
    )
    assert {row.group for row in done.rows} == {"default, assumed, review only"}
    table = pd.read_csv(out / "cohort.csv")
    assert sorted(table["no-watch.together"]) == ["described", "not described"]
    assert table["guards_broken"].isna().all()
    page = (out / "cohort.html").read_text()
    assert "not described" in page
    assert "not mended" not in page.partition("<tbody>")[2].partition("</tbody>")[0]
