"""The page shows problems first, then the table; it is one file and runs nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from unfit.validate import Validation, render_html, render_text
from unfit.validate.validation import Problem
from validate_samples import judged, shown, spoiled


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Validation:
    exercise = spoiled(tmp_path_factory.mktemp("html"), ("checks.py", "limit=1.0, ", "limit=99.0, "))
    return shown(judged(exercise, seeds=(1,)))


def test_problems_stand_before_the_table(found: Validation) -> None:
    page = render_html(found)
    assert page.index("<code>the_newest_day_counts</code> fails on the fixed project") < page.index("<table")


def test_a_cell_that_is_not_as_expected_is_marked(found: Validation) -> None:
    assert '<td class="unexpected"' in render_html(found)


def test_a_cause_of_errors_stands_once_below_the_table(tmp_path: Path) -> None:
    exercise = spoiled(tmp_path, ("checks.py", "len(case.call(SCORE, 20.0, days))", "days['day']"))
    broken = shown(judged(exercise, seeds=(1,)))
    for page in (render_html(broken), render_text(broken)):
        after = page[page.index("auses of errors") :]
        assert after.count("raised TypeError") == 1
        assert "broke in 10 trees: check" in after.replace("`", "").replace("<code>", "").replace(
            "</code>", ""
        )


def test_the_page_runs_nothing_and_fetches_nothing(found: Validation) -> None:
    page = render_html(found)
    assert "<script" not in page
    assert "http://" not in page
    assert "default-src &#39;none&#39;" in page


def test_text_from_a_bank_is_escaped(found: Validation) -> None:
    hostile = Problem(gate="wrong", what="`<img src=x>` \u202e", where="<b>")
    page = render_html(found.model_copy(update={"problems": (hostile,)}))
    assert "<code>&lt;img src=x&gt;</code> ⟨U+202E⟩" in page


def test_the_same_validation_gives_the_same_page(found: Validation) -> None:
    assert render_html(found) == render_html(Validation.model_validate_json(found.model_dump_json()))
