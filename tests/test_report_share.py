"""One sheet for colleagues who did not meet the candidate."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from report_samples import HOSTILE, LOUD, MIXED
from unfit.ratings import Mark, Rating, Sheet
from unfit.report import render_share
from unfit.report.share import telling


def rating(rater: str, number: Literal[1, 2, 3, 4], words: str) -> Rating:
    mark = Mark(rating=number, words=words)
    marks = dict.fromkeys(("prediction", "explanation", "containment", "trade-off"), mark)
    sheet = Sheet.model_validate({"rater": rater, **marks})
    return Rating(sheet=sheet, exercise="x", submission="d", when=dt.datetime(2026, 3, 1, tzinfo=dt.UTC))


def test_it_says_the_headline_and_names_every_defect() -> None:
    page = render_share(MIXED)
    titles = [item.title for item in MIXED.defects if item.status != "not_planted"]
    assert [title for title in (MIXED.headline, *titles) if title.replace("'", "&#39;") not in page] == []


def test_it_quotes_the_decision_word_for_word() -> None:
    said = "Hold, because nobody can stand behind the figure."
    assert said in render_share(MIXED.model_copy(update={"decision": (said,)}))


def test_each_defect_leads_to_its_evidence_in_the_report() -> None:
    page = render_share(MIXED)
    planted = [item for item in MIXED.defects if item.status != "not_planted"]
    assert [
        place for place in range(1, len(planted) + 1) if f'href="report.html#defect-{place}"' not in page
    ] == []


def test_it_draws_one_comparison_that_was_missed_and_one_that_was_met() -> None:
    shown = telling([item for item in MIXED.defects if item.status != "not_planted"], {})
    assert ["p-missed" in one.drawing for one in shown] == [True, False]
    assert shown[0].place != shown[1].place


def test_it_asks_one_question_about_each_defect() -> None:
    page = render_share(MIXED)
    assert [
        item.id for item in MIXED.defects if item.asks and item.asks[0].replace("'", "&#39;") not in page
    ] == []


def test_ratings_stand_side_by_side_with_the_words_that_they_rest_on() -> None:
    given = [rating("Ada", 3, "She named the line."), rating("Bo", 1, "He guessed the number.")]
    page = render_share(MIXED, ratings=given)
    assert [
        word for word in ("Ada", "Bo", "She named the line.", "He guessed the number.") if word not in page
    ] == []


def test_without_ratings_there_is_no_place_for_them() -> None:
    assert 'id="ratings"' not in render_share(MIXED)


def test_a_broken_guard_and_an_unprotected_run_head_the_sheet() -> None:
    page = render_share(LOUD)
    assert (page.index("Unprotected") < page.index("Defect by defect"), "report.html#broken" in page) == (
        True,
        True,
    )


def test_what_an_attacker_wrote_is_text() -> None:
    assert "<script" not in render_share(HOSTILE)
