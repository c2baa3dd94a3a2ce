"""The pages of `unfit.report` as a browser sees them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from browser import Browser, chromium
from report_samples import CONTEXT, HOSTILE, HOSTILE_SUBMITTED, LOUD, MIXED
from unfit.report import render_feedback, render_html, render_share

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(chromium() is None, reason="needs Chromium to open the pages"),
]

PAGES = {
    "mixed": render_html(MIXED, CONTEXT),
    "loud": render_html(LOUD),
    "hostile": render_html(HOSTILE, replace(CONTEXT, submitted=HOSTILE_SUBMITTED)),
    "feedback": render_feedback(MIXED),
    "trials": render_feedback(MIXED, after_the_talk=True),
    "share": render_share(MIXED),
}
TAB = ("Tab", 9)


@pytest.fixture(scope="module", params=[1280, 320])
def browser(request: pytest.FixtureRequest) -> Iterator[Browser]:
    with Browser(width=request.param) as opened:
        yield opened


@pytest.fixture(params=PAGES)
def page(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / f"{request.param}.html"
    path.write_text(PAGES[request.param], encoding="utf-8")
    return path


def test_a_page_asks_for_nothing_but_itself(browser: Browser, page: Path) -> None:
    browser.open(page)
    assert browser.requests == [page.as_uri()]


def test_a_page_leaves_the_console_empty_and_opens_no_dialog(browser: Browser, page: Path) -> None:
    browser.open(page)
    browser.ask("new Promise(done => setTimeout(done, 100))")
    assert browser.complaints == []


def test_a_page_holds_no_script(browser: Browser, page: Path) -> None:
    browser.open(page)
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


def test_the_tab_key_visits_everything_from_top_to_bottom(browser: Browser, page: Path) -> None:
    browser.open(page)
    wanted = browser.ask(
        "[...document.querySelectorAll('a, summary')].filter(one => one.checkVisibility()).length"
    )
    tops = []
    for _ in range(wanted):
        browser.press(*TAB)
        tops.append(browser.ask("[...document.querySelectorAll('*')].indexOf(document.activeElement)"))
    assert (tops, len(set(tops))) == (sorted(tops), wanted)


def test_the_first_stop_of_the_tab_key_leads_to_the_content(browser: Browser, page: Path) -> None:
    browser.open(page)
    browser.press(*TAB)
    assert browser.ask("document.activeElement.getAttribute('href')") == "#main"
    assert browser.ask("document.activeElement.getBoundingClientRect().left >= 0")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing(browser: Browser, page: Path, dark: bool) -> None:
    browser.open(page, dark=dark)
    assert browser.barriers() == []


@pytest.mark.parametrize(("name", "most"), [("mixed", 6), ("share", 1), ("feedback", 1)])
def test_a_printed_page_keeps_to_its_paper(tmp_path: Path, name: str, most: int) -> None:
    path = tmp_path / "page.html"
    path.write_text(PAGES[name], encoding="utf-8")
    with Browser(width=1280) as browser:
        browser.open(path, media="print")
        assert browser.printed() <= most


@pytest.mark.parametrize("name", ["mixed", "loud", "share", "feedback"])
def test_on_a_phone_no_line_is_empty(tmp_path: Path, name: str) -> None:
    path = tmp_path / "page.html"
    path.write_text(PAGES[name], encoding="utf-8")
    with Browser(width=390) as browser:
        browser.open(path)
        empty = "!one.textContent.trim() && !one.querySelector('svg') && one.checkVisibility()"
        cells = "[...document.querySelectorAll('.overview td, li, dd, p')]"
        assert browser.ask(f"{cells}.filter(one => {empty}).length") == 0
