"""A baseline counts what named assistants did about each defect, and pools nothing."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from stubs import Answer
from test_examination import graded, late, right, tea
from unfit.bank import Exercise, load_bank
from unfit.baseline import count, read_baseline, record, remarks
from unfit.cli import app
from unfit.errors import ManifestError, UsageError
from unfit.grades import Finding, Grade
from unfit.report import ReportContext, render_html, render_json

__all__ = ["tea"]

BANK = Path(__file__).parent / "banks" / "miniature"
DAY = dt.date(2026, 11, 20)
FOUND = Finding(title="x", match="matched", defects=("last-day-ignored",))


@pytest.fixture
def shop(tmp_path: Path) -> Exercise:
    """A tea shop of our own, beside which can be written."""
    shutil.copytree(BANK, tmp_path / "bank")
    return load_bank(tmp_path / "bank").exercise("tea_shop")


def one(shop: Exercise, answer: Answer, place: Path, number: int, **options: Any) -> Grade:
    done = graded(shop, answer, place / str(number), **options)
    return done.model_copy(update={"seed": number})


@pytest.fixture
def grades(shop: Exercise, tmp_path: Path) -> list[Grade]:
    """Three submissions: two mend the defect, one of these names it; the third brings no review."""
    return [
        one(shop, right, tmp_path, 1, findings=[FOUND]),
        one(shop, right, tmp_path, 2, findings=[]),
        one(shop, late, tmp_path, 3),
    ]


def test_mended_and_named_are_counted_by_defect(shop: Exercise, grades: list[Grade]) -> None:
    entry = count(shop, grades, model="Quill 3", date=DAY)
    (row,) = [row for row in entry.defects if row.id == "last-day-ignored"]
    assert (entry.submissions, entry.reviews, row.mended, row.spotted) == (3, 2, 2, 1)


def test_defects_outside_the_form_are_not_counted(shop: Exercise, grades: list[Grade]) -> None:
    assert "window-too-short" not in {row.id for row in count(shop, grades, model="Quill", date=DAY).defects}


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("slug", "milk_bar", "of exercise milk_bar"),
        ("version", "0.1", "of version 0.1"),
        ("form", "b", "of form b"),
    ],
)
def test_grades_of_something_else_are_refused(
    shop: Exercise, grades: list[Grade], field: str, value: str, said: str
) -> None:
    other = grades[1].model_copy(update={"exercise": grades[1].exercise.model_copy(update={field: value})})
    with pytest.raises(UsageError, match=said):
        count(shop, [grades[0], other], model="Quill", date=DAY)


def test_a_grade_counts_once(shop: Exercise, grades: list[Grade]) -> None:
    with pytest.raises(UsageError, match="named twice"):
        count(shop, [grades[0], grades[0]], model="Quill", date=DAY)


def test_an_assistant_has_a_name(shop: Exercise, grades: list[Grade]) -> None:
    with pytest.raises(UsageError, match="without a name"):
        count(shop, grades, model=" ", date=DAY)


def test_what_is_recorded_reads_back_and_replaces_itself(shop: Exercise, grades: list[Grade]) -> None:
    record(shop, count(shop, grades[:1], model="Quill 3", date=DAY))
    entry = count(shop, grades, model="Quill 3", date=DAY)
    record(shop, entry)
    assert read_baseline(shop).entries == (entry,)


def test_assistants_and_days_stay_apart(shop: Exercise, grades: list[Grade]) -> None:
    for model, day in (("Quill 3", DAY), ("Quill 3", DAY + dt.timedelta(1)), ("Nib", DAY)):
        record(shop, count(shop, grades, model=model, date=day))
    assert len(remarks(shop, grades[0])["last-day-ignored"]) == 3


def test_a_baseline_moves_no_digest(shop: Exercise, grades: list[Grade]) -> None:
    record(shop, count(shop, grades, model="Quill 3", date=DAY))
    assert load_bank(shop.bank).exercise("tea_shop").digest == shop.digest


def test_a_baseline_that_breaks_its_format_is_named(shop: Exercise) -> None:
    (shop.solution / "baseline.toml").write_text("format = 1\nentries = 3\n")
    with pytest.raises(ManifestError, match=r"baseline\.toml"):
        read_baseline(shop)


def test_a_remark_is_a_sentence_with_name_day_and_counts(shop: Exercise, grades: list[Grade]) -> None:
    record(shop, count(shop, grades, model="Quill 3", date=DAY, assistant="Inkwell"))
    assert remarks(shop, grades[0])["last-day-ignored"] == (
        "Mended by Quill 3 through Inkwell on 2026-11-20 in 2 of 3 submissions; named in 1 of 2 reviews.",
    )


def test_another_version_or_form_gets_no_remark(shop: Exercise, grades: list[Grade]) -> None:
    record(shop, count(shop, grades, model="Quill 3", date=DAY))
    newer = grades[0].exercise.model_copy(update={"version": "9.0.0"})
    assert remarks(shop, grades[0].model_copy(update={"exercise": newer})) == {}


def test_the_report_shows_it_on_the_card_and_never_above(shop: Exercise, grades: list[Grade]) -> None:
    record(shop, count(shop, grades, model="Quill 3", date=DAY))
    page = render_html(grades[0], ReportContext(baseline=remarks(shop, grades[0])))
    head, _, cards = page.partition('<article class="card"')
    assert "Quill 3" not in head
    assert "Mended by Quill 3 on 2026-11-20 in 2 of 3 submissions" in cards


def test_the_command_records(shop: Exercise, grades: list[Grade], tmp_path: Path) -> None:
    paths = []
    for number, one_grade in enumerate(grades):
        paths.append(tmp_path / f"{number}.json")
        paths[-1].write_text(render_json(one_grade))
    words = ["baseline", "tea_shop", *map(str, paths), "--model", "Quill 3", "--date", "2026-11-20"]
    done = CliRunner().invoke(app, [*words, "--bank", str(shop.bank)], catch_exceptions=False)
    assert "recorded Quill 3 on 2026-11-20" in done.output
    assert read_baseline(shop).entries[0].submissions == 3
