"""A grade is made with the comments of a pull request, and keeps them."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from bank_samples import tea_shop
from fake_sandbox import Fake
from unfit.grades import Grade
from unfit.judge import judge, judge_again, reports
from unfit.receiving import Received, receive
from unfit.report import load_grade, write_reports
from unfit.review import Given, given_before, read_exported
from unfit.sandbox import Environment

HOSTS = Path(__file__).parent / "hosts"
ENVIRONMENT = Environment(Path(sys.executable), digest="test")
SAYS = ("window-too-long", "last-day-ignored", "no-watch")


@pytest.fixture(params=["github_comments.json", "gitlab_discussions.json"])
def given(request: pytest.FixtureRequest) -> Given:
    return Given(exported=read_exported([HOSTS / request.param]))


def taken(folder: Path, given: Given | None = None) -> Received:
    return receive(
        tea_shop(), tea_shop().shipped_folder, folder / "clean", ledger=folder / "ledger", given=given
    )


def graded(received: Received) -> Grade:
    return judge(received, backend=Fake(), environment=ENVIRONMENT, seed=5)


def test_comments_that_are_given_are_matched(given: Given, tmp_path: Path) -> None:
    done = graded(taken(tmp_path, given))
    assert {item.id for item in done.defects if item.spotted} == set(SAYS)
    assert any("The comments are by 2 people." in note for note in done.notes)
    assert not any("There is no REVIEW.md" in note for note in done.notes)


def test_every_word_of_the_candidate_is_on_the_report_and_none_of_others(
    given: Given, tmp_path: Path
) -> None:
    received = taken(tmp_path, given)
    page = reports(received, graded(received))["report.html"]
    assert "Old days say little about tomorrow." in page
    assert "should be called `kilograms`" in page
    assert "Why a float here?" not in page


def test_the_grade_names_no_account(given: Given, tmp_path: Path) -> None:
    received = taken(tmp_path, given)
    done = reports(received, graded(received))
    assert not [name for name in done if name != "comments.json" and "ada-l" in done[name]]


def test_a_grade_keeps_its_comments_for_whoever_overrules_it(given: Given, tmp_path: Path) -> None:
    received, out = taken(tmp_path, given), tmp_path / "out"
    out.mkdir()
    write_reports(reports(received, graded(received)), out)
    assert given_before(out) == given
    (tmp_path / "word.toml").write_text(
        'format = 1\n[[overrule]]\nfinding = 1\ndefect = "none"\nby = "G"\nwhen = 2026-03-02\nwhy = "Another thing."\n'
    )
    again = taken(tmp_path / "again", given_before(out))
    after = judge_again(again, load_grade(out / "grade.json"), overrules=tmp_path / "word.toml")
    assert {item.id for item in after.defects if item.spotted} == set(SAYS[1:])


def test_without_comments_nothing_is_kept(tmp_path: Path) -> None:
    received = taken(tmp_path)
    assert "comments.json" not in reports(received, graded(received))


def test_comments_that_lie_in_the_submission_are_matched(tmp_path: Path) -> None:
    folder = tmp_path / "ada"
    (folder / "project").mkdir(parents=True)
    for path in ("src/tea/__init__.py", "src/tea/forecast.py", "exercise.toml"):
        (folder / "project" / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / "project" / path).write_bytes((tea_shop().shipped_folder / path).read_bytes())
    (folder / "comments.json").write_bytes((HOSTS / "github_comments.json").read_bytes())
    received = receive(tea_shop(), folder, tmp_path / "clean", ledger=tmp_path / "ledger")
    assert {item.id for item in graded(received).defects if item.spotted} == set(SAYS)


def test_what_hostile_comments_say_is_text(tmp_path: Path) -> None:
    attack = "<script>alert(1)</script>\x1b[2J\u202e\x00{{ 7*7 }}"
    entry = {
        "id": 1,
        "user": {"login": attack},
        "body": attack,
        "path": attack,
        "line": 5,
        "diff_hunk": attack,
    }
    (tmp_path / "c.json").write_text(json.dumps([entry]))
    received = taken(tmp_path, Given(exported=read_exported([tmp_path / "c.json"])))
    shown = reports(received, graded(received))
    text = "".join(text for name, text in shown.items() if name != "comments.json")
    assert not [mark for mark in ("<script>", "\x1b", "\u202e", "\x00") if mark in text]
