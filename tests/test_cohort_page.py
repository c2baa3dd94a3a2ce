"""The page of a cohort opens without names, sorts and filters by itself, and asks for nothing."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Literal

import numpy as np
import pytest

from browser import Browser, chromium
from unfit.cohort.cohort_page import render_html
from unfit.cohort.cohort_table import CohortRow, DefectCell
from unfit.cohort.item_analysis import FormFigures, Interval, ItemFigures
from unfit.cohort.rater_agreement import Agreement
from unfit.cohort.settings_and_endings import Ending, Settings
from unfit.cohort.shared_code import Pair, SharedPassage
from unfit.grades import DefectStatus, Together

DEFECTS = {
    "scaler-sees-holdout": "The scaler is fitted before the split",
    "batch-scales-itself": "A batch is scaled by itself",
    "no-watch": "Nobody watches what comes in",
    "late-labels": "Labels that come late are taken for negative ones",
    "retry-forever": "A dead upstream is asked for ever",
    "unseeded": "Two trainings give two models",
    "group-split": "Patients stand on both sides of the split",
    "threshold": "The threshold is chosen on the test rows",
}
SETTINGS = Settings(
    kit="0.1.0+test",
    exercise="hospital_triage",
    title="Hospital triage",
    version="1.0.0",
    digest="d" * 64,
    exposure="public",
    defects=DEFECTS,
    environment="e" * 64,
    backend="bubblewrap",
    protected=True,
    seed=5,
)
ENDINGS = [
    (DefectStatus.MENDED, Together.MENDED),
    (DefectStatus.NOT_MENDED, Together.DESCRIBED),
    (DefectStatus.NOT_MENDED, Together.NEITHER),
    (DefectStatus.ERRORED, Together.UNDECIDED),
]
HOSTILE = "c-00001: `<script>alert(1)</script>\u202e.py` is a symbolic link"


def drawn(people: int) -> tuple[CohortRow, ...]:
    rng = np.random.default_rng(3)
    rows = []
    for number in range(people):
        outcome: Literal["graded", "refused"] = "refused" if number % 97 == 1 else "graded"
        ending = Ending(
            pseudonym=f"c-{number:05}",
            outcome=outcome,
            cause=HOSTILE if outcome == "refused" else "",
            settings=SETTINGS.mark,
            form="" if outcome == "refused" else "default" if number % 3 else "b",
            verified=True,
            processor_seconds=round(float(rng.gamma(4, 1)), 3),
        )
        cells = {}
        if outcome == "graded":
            for name in DEFECTS:
                status, together = ENDINGS[rng.integers(4)]
                cells[name] = DefectCell(status, together is Together.DESCRIBED, together)
        rows.append(CohortRow(ending, "person", cells, int(rng.integers(2)), int(rng.integers(12))))
    return tuple(rows)


FIGURES = [
    FormFigures(
        "default",
        "mended",
        140,
        120,
        (
            ItemFigures(
                "no-watch",
                "Nobody watches what comes in",
                138,
                60,
                1,
                1,
                Interval(0.43, 0.35, 0.52),
                Interval(0.31, 0.1, 0.5),
                ("60 of 138 mended it.", "Those who mended it also did so with more of the others."),
            ),
        ),
        Interval(0.6, 0.5, 0.7),
        1.1,
        ("KR-20 says how much.", "By that chance alone."),
    )
]
PAIRS = [
    Pair(
        ("c-00002", "c-00005"),
        12,
        (40, 31),
        (SharedPassage(("a.py, line 1", "b.py, line 9"), ("x = <1>", "y = 1")),),
    )
]
AGREEMENTS = [Agreement("prediction", 31, 20, 10, 1, Interval(0.7, 0.5, 0.8), "1 would be the same ratings.")]


def page_of(people: int) -> str:
    return render_html(SETTINGS, drawn(people), figures=FIGURES, pairs=PAIRS, agreements=AGREEMENTS)


def headings(page: str) -> list[str]:
    return re.findall(r'<th scope="col"[^>]*><button type="button">(.*?)</button>', page)


def test_the_table_opens_in_the_order_of_the_pseudonyms_without_a_total() -> None:
    page = page_of(50)
    names = re.findall(r'<th scope="row">(?:<a href="grades/[^"]*">)?(c-\d+)', page)
    assert names == sorted(names)
    shared = ["Pseudonym", "Form", "Ending"]
    last = [
        "Guards broken",
        "Findings",
        "On code that is right",
        "Findings to read",
    ]
    assert headings(page) == [*shared, *DEFECTS.values(), *last]


def test_columns_that_say_the_same_of_everybody_are_not_drawn() -> None:
    alike = [row for row in drawn(30) if row.group == "default" and row.cells]
    page = render_html(SETTINGS, alike)
    assert headings(page)[:2] == ["Pseudonym", next(iter(DEFECTS.values()))]
    assert 'id="group"' not in page
    assert 'id="outcome"' not in page


def test_the_same_cohort_gives_the_same_page() -> None:
    assert page_of(20) == page_of(20)


def test_the_policy_lets_in_the_script_of_the_page_and_no_other() -> None:
    page = page_of(3)
    (script,) = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', page)
    assert f"script-src &#39;sha256-{digest}&#39;" in policy
    assert policy.count("script-src") == 1
    assert "unsafe" not in policy


def test_what_a_submission_is_called_cannot_become_markup() -> None:
    page = page_of(3)
    assert "<script>alert" not in page
    assert "\u202e" not in page


def test_an_empty_cohort_has_a_page() -> None:
    assert "Cohort of 0 submissions" in render_html(SETTINGS, ())


def test_an_unprotected_cohort_carries_its_stamp() -> None:
    loud = SETTINGS.model_copy(update={"protected": False, "backend": "unprotected"})
    assert "could have been forged" in render_html(loud, drawn(2))


# As a browser sees it

in_a_browser = pytest.mark.skipif(chromium() is None, reason="needs Chromium to open the page")


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    path = tmp_path_factory.mktemp("page") / "cohort.html"
    path.write_text(page_of(2000), encoding="utf-8")
    with Browser() as opened:
        opened.open(path)
        yield opened


def shown(browser: Browser) -> list[list[str]]:
    found: list[list[str]] = browser.ask(
        "[...document.getElementById('rows').tBodies[0].rows].filter(row => !row.hidden)"
        ".map(row => [...row.cells].map(cell => cell.innerText.trim()))"
    )
    return found


def choose(browser: Browser, **values: str) -> None:
    browser.ask("document.querySelector('#filters').reset()")
    for name, value in values.items():
        browser.ask(
            f"(() => {{ const one = document.getElementById({name!r}); one.value = {value!r};"
            "one.dispatchEvent(new Event('input', {bubbles: true})) })()"
        )


def click(browser: Browser, column: int) -> None:
    browser.ask(f"document.querySelectorAll('#rows thead button')[{column}].click()")


@pytest.mark.slow
@in_a_browser
def test_two_thousand_rows_open_as_they_were_written(browser: Browser) -> None:
    assert len(shown(browser)) == 2000
    assert shown(browser)[0][0] == "c-00000"


@pytest.mark.slow
@in_a_browser
def test_two_thousand_rows_sort_by_any_column_both_ways(browser: Browser) -> None:
    choose(browser)
    last = len(headings(page_of(2000))) - 1
    click(browser, last)
    up = [float(row[last] or -1) for row in shown(browser)]
    click(browser, last)
    down = [float(row[last] or -1) for row in shown(browser)]
    assert (up, down) == (sorted(up), sorted(down, reverse=True))
    click(browser, 3)
    words = [row[3].split("\n")[0] for row in shown(browser)]
    assert words[0].endswith("mended")
    assert sum(one != other for one, other in pairwise(words)) <= 4
    click(browser, 0)
    names = [row[0] for row in shown(browser)]
    assert names == sorted(names)


@pytest.mark.slow
@in_a_browser
def test_two_thousand_rows_are_filtered_by_name_form_ending_and_defect(browser: Browser) -> None:
    rows = drawn(2000)
    choose(browser, name="c-0012")
    assert [row[0] for row in shown(browser)] == [f"c-0012{n}" for n in range(10)]
    choose(browser, group="b")
    assert len(shown(browser)) == sum(row.group == "b" and bool(row.cells) for row in rows)
    choose(browser, outcome="refused")
    assert len(shown(browser)) == sum(row.ending.outcome == "refused" for row in rows)
    choose(browser, defect="2", together="described only")
    wanted = [row.cells and row.cells["no-watch"].together is Together.DESCRIBED for row in rows]
    assert len(shown(browser)) == sum(map(bool, wanted))
    assert (
        browser.ask("document.getElementById('shown').textContent")
        == f"{sum(map(bool, wanted))} of 2000 shown"
    )
    browser.ask("document.querySelector('#filters button').click()")
    browser.ask("new Promise(done => setTimeout(done, 50))")
    assert len(shown(browser)) == 2000


@pytest.mark.slow
@in_a_browser
def test_the_page_is_used_from_the_keyboard(browser: Browser) -> None:
    choose(browser)
    browser.ask("document.querySelectorAll('#rows thead button')[1].focus()")
    browser.ask("document.activeElement.dispatchEvent(new MouseEvent('click', {bubbles: true}))")
    assert browser.ask("document.querySelector('[aria-sort]').innerText.trim()").startswith("Form")
    click(browser, 0)


@pytest.mark.slow
@in_a_browser
@pytest.mark.parametrize("width", [320, 1280])
def test_nothing_stands_beyond_the_right_edge(width: int, tmp_path: Path) -> None:
    path = tmp_path / "cohort.html"
    path.write_text(page_of(40), encoding="utf-8")
    with Browser(width=width) as opened:
        opened.open(path)
        opened.ask("document.querySelectorAll('details').forEach(one => one.open = true)")
        assert opened.ask("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.slow
@in_a_browser
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing(dark: bool, tmp_path: Path) -> None:
    path = tmp_path / "cohort.html"
    path.write_text(page_of(40), encoding="utf-8")
    with Browser() as opened:
        opened.open(path, dark=dark)
        assert opened.barriers() == []


@pytest.mark.slow
@in_a_browser
def test_none_of_it_asks_for_anything_or_complains(browser: Browser) -> None:
    choose(browser, name="c-1")
    click(browser, 2)
    browser.ask("new Promise(done => setTimeout(done, 100))")
    assert (len(browser.requests), browser.complaints) == (1, [])


def test_a_defect_that_nobody_met_has_no_column() -> None:
    none = DefectCell(DefectStatus.NOT_PLANTED, None, Together.NOT_PLANTED)
    rows = [replace(row, cells={**row.cells, "no-watch": none} if row.cells else {}) for row in drawn(3)]
    page = render_html(SETTINGS, rows)
    assert page.count("Nobody watches what comes in") == 1
    assert "Not planted in what these people got" in page


def test_a_defect_that_only_some_met_takes_a_dot_of_the_others() -> None:
    none = DefectCell(DefectStatus.NOT_PLANTED, None, Together.NOT_PLANTED)
    rows = drawn(3)
    page = render_html(SETTINGS, [replace(rows[0], cells={**rows[0].cells, "no-watch": none}), *rows[1:]])
    assert page.count('<abbr title="not planted">') == 1


def test_the_agreement_of_three_people_has_no_kappa() -> None:
    few = Agreement("prediction", 3, 2, 1, 0, None, "Fewer than 30 people were rated twice: counts only.")
    page = render_html(SETTINGS, drawn(3), agreements=[few, replace(few, dimension="explanation")])
    assert "kappa" not in page
    assert page.count("counts only") == 1
