"""What interviewers add to a grade of a cohort shows in its table and page, and no experiment runs again for it."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from cohort_samples import TEA, Here, graded, hand_in, pseudonyms, record, tea
from unfit.cli import app
from unfit.cohort import key_of, place_of, side_by_side
from unfit.errors import UsageError
from unfit.ratings import DIMENSIONS, Sheet, settle
from unfit.ratings import hand_in as rate

REVIEW = """# Review

## Findings

### 1. The shelf is empty on Mondays

Where: README.md
What breaks: nobody orders tea.
"""
SAID = 'format = 1\n[[overrule]]\nfinding = 1\ndefect = "{}"\nby = "Ada"\nwhen = 2026-03-01\nwhy = "She means it."\n'


@pytest.fixture
def out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cohort of two, one of whom wrote a review that names nothing that was planted."""
    monkeypatch.setattr(side_by_side, "pool", Here)
    hand_in(tmp_path / "in", ada=tea().shipped_folder, ben=tea().shipped_folder)
    (tmp_path / "in" / "ada" / "REVIEW.md").write_text(REVIEW)
    graded(tmp_path / "in", tmp_path / "out")
    return tmp_path / "out"


def adas(out: Path) -> Path:
    return out / "grades" / pseudonyms(out)["ada"]


def said(out: Path) -> Path:
    path = adas(out) / "overrules.toml"
    path.write_text(SAID.format(tea().default[0]))
    return path


def overrule(out: Path, *more: str | Path) -> str:
    words = ["overrule", adas(out), *more, "--bank", TEA, "--ledger", out.parent / "ledger"]
    done = CliRunner().invoke(app, [*map(str, words)])
    assert done.exit_code == 0, done.output
    return done.output


def test_overruling_in_a_cohort_needs_no_submission_and_its_page_follows(out: Path) -> None:
    said(out)
    assert "cohort: " in overrule(out)
    assert "described only" in (out / "cohort.csv").read_text()
    assert "<small>described</small>" in (out / "cohort.html").read_text()


def test_after_overruling_the_next_run_finds_nothing_new(out: Path) -> None:
    said(out)
    overrule(out)
    done = graded(out.parent / "in", out)
    assert (done.worked, done.kept, str(done)) == (0, 2, done.unchanged)


def test_a_run_reads_new_overrules_and_keeps_every_verdict(out: Path) -> None:
    before = record(out, "ada")
    said(out)
    done = graded(out.parent / "in", out)
    after = record(out, "ada")
    assert (done.worked, done.read_again) == (0, 1)
    assert f"{pseudonyms(out)['ada']}: {tea().default[0]}: neither before, described only now" in done.told
    assert [item["checks"] for item in after["defects"]] == [item["checks"] for item in before["defects"]]
    assert after["timings"] == before["timings"]


def test_overrules_that_are_taken_away_no_longer_stand(out: Path) -> None:
    path = said(out)
    graded(out.parent / "in", out)
    path.unlink()
    assert graded(out.parent / "in", out).read_again == 1
    assert record(out, "ada")["defects"][0]["spotted"] is False


def test_another_file_of_overrules_is_refused_in_a_cohort(out: Path, tmp_path: Path) -> None:
    words = ["overrule", adas(out), "--overrules", tmp_path / "mine.toml", "--ledger", tmp_path / "ledger"]
    done = CliRunner().invoke(app, [*map(str, words)])
    assert isinstance(done.exception, UsageError)
    assert "lies in a cohort" in done.exception.message


def test_a_key_that_lies_elsewhere_is_known_from_the_ledger(out: Path, tmp_path: Path) -> None:
    (tmp_path / "ledger").mkdir(exist_ok=True)
    graded(tmp_path / "in", tmp_path / "second", key=tmp_path / "keys" / "second.toml")
    folder = next((tmp_path / "second" / "grades").iterdir())
    place = place_of(folder, ledger=tmp_path / "ledger")
    assert place is not None
    assert place.key == tmp_path / "keys" / "second.toml"


def test_without_its_key_no_page_is_written(out: Path, tmp_path: Path) -> None:
    folder = adas(out)
    key_of(out).unlink()
    with pytest.raises(UsageError, match="its key is not at"):
        place_of(folder, ledger=tmp_path / "nobody")


def test_a_single_grade_is_in_no_cohort(tmp_path: Path) -> None:
    (tmp_path / "grades" / "ada").mkdir(parents=True)
    assert place_of(tmp_path / "grades" / "ada", ledger=tmp_path) is None


def rated(out: Path) -> None:
    for rater in ("Grace", "Alan"):
        marks = {one.name: {"rating": 2, "words": f"{rater} heard a reason"} for one in DIMENSIONS}
        digest = record(out, "ada")["submission"]["digest"]
        sheet = Sheet.model_validate({"rater": rater, **marks})
        rate(adas(out), sheet, exercise="tea_shop", submission=digest, store=out.parent / "own")
    settle(adas(out), store=out.parent / "own")


@pytest.mark.parametrize("how", ["overruled", "graded"])
def test_ratings_stay_on_every_page_that_shows_them(how: str, out: Path) -> None:
    rated(out)
    said(out)
    _ = overrule(out) if how == "overruled" else graded(out.parent / "in", out, seed=6)
    for name in ("share.html", "ratings.html"):
        page = (adas(out) / name).read_text()
        assert ("Grace heard a reason" in page, "about other work" in page) == (True, False)


def test_whoever_opens_ratings_in_a_cohort_writes_its_page(
    out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UNFIT_HOME", str(out.parent / "home"))
    rated(out)
    done = CliRunner().invoke(app, ["rate", str(adas(out)), "--bank", str(TEA)])
    assert (done.exit_code, "cohort: " in done.output) == (0, True)
    assert "How far interviewers agree" in (out / "cohort.html").read_text()


def test_ratings_of_a_talk_about_other_work_are_marked(out: Path) -> None:
    rated(out)
    (out.parent / "in" / "ada" / "README.md").write_text("Another one.\n")
    graded(out.parent / "in", out)
    for name in ("share.html", "ratings.html"):
        assert "Grace rated a talk about other work" in (adas(out) / name).read_text()
