"""Interviewers rate alone: what one wrote is hidden until another has written, and nobody changes it afterwards."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from report_samples import MIXED
from unfit.errors import ManifestError, UnfitError, UsageError
from unfit.ratings import (
    DIMENSIONS,
    Rating,
    Sheet,
    State,
    begin_sheet,
    hand_in,
    read_open,
    read_sheet,
    settle,
    sheet_by,
)
from unfit.report.rating_pages import beside, render_rating_sheet, render_ratings, render_ratings_text

ROOT = Path(__file__).parents[1]


def sheet(rater: str, rating: int | str = 3, **others: Any) -> Sheet:
    marks = {
        one.name: {"rating": others.get(one.name, rating), "words": f"{rater} heard this of {one.name}"}
        for one in DIMENSIONS
    }
    return Sheet.model_validate({"rater": rater, **marks})


def rate(folder: Path, rater: str, *, store: str = "own", **marks: Any) -> State:
    place = folder / store
    hand_in(folder / "grade", sheet(rater, **marks), exercise="tea_shop", submission="d1", store=place)
    return settle(folder / "grade", store=place)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "grade").mkdir()
    return tmp_path


def words_in(folder: Path) -> bool:
    return any("heard this" in path.read_text() for path in folder.rglob("*.*"))


def test_the_first_rating_is_hidden_from_everybody_at_the_grade(folder: Path) -> None:
    state = rate(folder, "Grace")
    assert (state.open, state.closed) == ((), ("Grace",))
    assert not words_in(folder / "grade")


def test_the_second_rating_opens_both(folder: Path) -> None:
    rate(folder, "Grace")
    assert [one.sheet.rater for one in rate(folder, "Alan").open] == ["Alan", "Grace"]
    assert read_open(folder / "grade") == settle(folder / "grade", store=folder / "own").open


def test_there_is_one_file_a_rater(folder: Path) -> None:
    for name in ("Grace", "Alan", "Zoë", "Zoe"):
        rate(folder, name)
    assert len(list((folder / "grade" / "ratings").iterdir())) == 4


def test_a_rater_at_another_machine_opens_by_the_same_command(folder: Path) -> None:
    rate(folder, "Grace", store="hers")
    state = rate(folder, "Alan", store="his")
    assert (state.closed, state.comparable) == (("Grace",), False)
    assert "Grace" in str(state)
    assert settle(folder / "grade", store=folder / "hers").comparable


def test_a_rating_is_not_given_twice(folder: Path) -> None:
    rate(folder, "Grace")
    with pytest.raises(UsageError, match="has rated already"):
        rate(folder, " grace ")


@pytest.mark.parametrize("where", ["grade", "own"])
def test_a_rating_that_was_changed_after_sealing_is_refused(where: str, folder: Path) -> None:
    rate(folder, "Grace")
    if where == "grade":
        rate(folder, "Alan")
    path = next(path for path in (folder / where).rglob("*.json") if '"Grace"' in path.read_text())
    path.write_text(path.read_text().replace('"rating": 3', '"rating": 4', 1))
    with pytest.raises(UnfitError, match="was changed after Grace had sealed it"):
        rate(folder, "Cyd" if where == "grade" else "Alan")


def test_whoever_rates_when_others_are_open_is_marked(folder: Path) -> None:
    for name in ("Grace", "Alan"):
        rate(folder, name)
    late = next(one for one in rate(folder, "Cyd").open if one.sheet.rater == "Cyd")
    assert late.after == ("Alan", "Grace")


def test_a_rating_says_which_work_it_is_about(folder: Path) -> None:
    rate(folder, "Grace")
    found = rate(folder, "Alan").open
    assert {one.submission for one in found} == {"d1"}
    assert "other work" in render_ratings(MIXED, found)


# The sheet


def test_a_sheet_is_begun_and_read(tmp_path: Path) -> None:
    path = tmp_path / "sheet.toml"
    begin_sheet(path, 'Grace "G" Hopper')
    path.write_text(path.read_text().replace("rating = 0", "rating = 2").replace('""', '"she said it twice"'))
    found = read_sheet(path, rater='grace "g" hopper')
    assert {found.mark(one.name).number for one in DIMENSIONS} == {2}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("rating = 0", "prediction"),
        ("rating = 5", "prediction"),
        ('rating = 2\nwords = "good"', "in 3 words at least"),
        ("rating = 2", "in 3 words at least"),
    ],
)
def test_a_rating_without_a_number_or_without_words_is_refused(text: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "sheet.toml"
    begin_sheet(path, "Grace")
    old = 'rating = 0\nwords = ""' if "words" in text else "rating = 0"
    path.write_text(path.read_text().replace(old, text))
    with pytest.raises(ManifestError, match=said):
        read_sheet(path)


def test_a_sheet_of_another_rater_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "sheet.toml"
    begin_sheet(path, "Grace")
    path.write_text(path.read_text().replace("rating = 0", "rating = 2").replace('""', '"she said it twice"'))
    with pytest.raises(UsageError, match="is the sheet of Grace"):
        read_sheet(path, rater="Alan")


def test_somebody_at_a_terminal_is_asked_until_there_is_an_answer() -> None:
    answers = iter(["5", "3", "good", "2", "she named the cause", *["not seen", "we ran out of time"] * 3])
    said: list[str] = []
    found = sheet_by("Grace", ask=lambda _: next(answers), say=said.append)
    assert (found.mark("prediction").number, found.mark("trade-off").number) == (2, None)
    assert any("3 words at least" in line for line in said)


# Side by side


def both(folder: Path) -> tuple[Rating, ...]:
    rate(folder, "Grace", prediction=1)
    return rate(folder, "Alan", prediction=3, containment="not seen").open


def test_where_two_are_apart_the_words_stand_side_by_side(folder: Path) -> None:
    found = both(folder)
    assert [row.dimension.name for row in beside(found) if row.apart] == ["prediction"]
    text = render_ratings_text(found)
    assert "Grace heard this of prediction" in text
    assert "Grace heard this of explanation" not in text


def test_the_page_shows_all_words_and_those_apart_first(folder: Path) -> None:
    page = render_ratings(MIXED, both(folder))
    headings = re.findall(r'<h2 id="d\d">(\w)', page)
    assert headings[0] == "P"
    assert page.count("heard this of") == 8


def test_words_cannot_put_anything_into_the_page(folder: Path) -> None:
    for name in ("<script>alert(1)</script>", "Alan"):
        rate(folder, name)
    assert "<script>" not in render_ratings(MIXED, read_open(folder / "grade"))


def test_the_printed_sheet_has_four_things_with_four_anchors_each() -> None:
    page = render_rating_sheet("Tea")
    assert all(anchor in page for one in DIMENSIONS for anchor in one.anchors)
    assert page.count('class="box"') == 4 * 5


def test_the_guide_has_the_same_anchors_as_the_sheet() -> None:
    guide = " ".join((ROOT / "docs" / "how-to" / "interview.md").read_text().split())
    assert [anchor for one in DIMENSIONS for anchor in one.anchors if anchor not in guide] == []


def test_a_sealed_file_is_json_that_names_the_rater_only(folder: Path) -> None:
    rate(folder, "Grace")
    found = json.loads((folder / "grade" / "ratings" / "grace.json").read_text())
    assert {name for name, value in found.items() if value} == {"format", "rater", "sealed"}
