"""The page of a follow-up as a browser sees it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from browser import Browser, chromium
from report_samples import LOUD
from unfit.followup import Answered, Followup, Happened, render_html
from unfit.grades import BackendUsed

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(chromium() is None, reason="needs Chromium to open the pages"),
]

NASTY = "<script>alert(1)</script> \u202eback\u202c " + "w" * 300
PAGE = render_html(
    Followup(
        kit="0.1.0",
        exercise=LOUD.exercise,
        submission=LOUD.submission,
        backend=BackendUsed(name="unprotected", protected=False),
        seed=5,
        incidents=(
            Happened(
                name="a_flood",
                told="On Monday 4,000 referrals arrive at once.",
                answers=(
                    Answered(question="How many are held?", predicted="none", seen="12"),
                    Answered(question="Which pages?", predicted=NASTY, seen=NASTY),
                ),
            ),
            Happened(
                name="a_drought",
                told="Nobody writes.",
                answers=(Answered(question="What is said?"),),
                fault=NASTY,
                where="src/x.py:3",
                detail=f"Traceback\n{NASTY}",
            ),
        ),
    )
)


@pytest.fixture(scope="module", params=[1280, 320])
def browser(request: pytest.FixtureRequest) -> Iterator[Browser]:
    with Browser(width=request.param) as opened:
        yield opened


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "followup.html"
    path.write_text(PAGE, encoding="utf-8")
    return path


def test_it_asks_for_nothing_and_runs_nothing(browser: Browser, page: Path) -> None:
    browser.open(page)
    assert browser.requests == [page.as_uri()]
    assert browser.complaints == []
    assert browser.ask("document.scripts.length") == 0


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_style_sheet_passes_the_policy(browser: Browser, page: Path, dark: bool) -> None:
    browser.open(page, dark=dark)
    colour = browser.ask("getComputedStyle(document.documentElement).backgroundColor")
    assert colour == ("rgb(20, 23, 26)" if dark else "rgb(251, 250, 247)")


def test_nothing_stands_beyond_the_right_edge(browser: Browser, page: Path) -> None:
    browser.open(page)
    browser.ask("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert browser.ask("document.documentElement.scrollWidth <= innerWidth")


def test_prediction_and_outcome_stand_in_one_row(browser: Browser, page: Path) -> None:
    browser.open(page)
    row = (
        "[...document.querySelector('table.beforehand tbody tr').cells].map(one => one.textContent).join('|')"
    )
    assert browser.ask(row) == "How many are held?|none|12"


def test_what_a_candidate_writes_cannot_hide_or_reorder(browser: Browser, page: Path) -> None:
    browser.open(page)
    assert not browser.ask("document.body.innerText.includes('\\u202e')")
    assert browser.ask("document.body.innerText.includes('⟨U+202E⟩')")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing(browser: Browser, page: Path, dark: bool) -> None:
    browser.open(page, dark=dark)
    assert browser.barriers() == []
