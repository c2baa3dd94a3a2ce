"""The pages of an attack, opened in a browser: nothing runs, nothing is asked for, and each defence alone suffices."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from markupsafe import escape

from attacks.test_machine import SHIPPED, ended, grading
from browser import Browser, chromium

pytestmark = [
    pytest.mark.slow,
    pytest.mark.sandbox,
    pytest.mark.skipif(chromium() is None, reason="needs Chromium to open the pages"),
]

MARKUP = (
    "<script>document.title='owned'</script><img src=http://127.0.0.1:9/x onerror=document.title='owned'>"
    "<svg onload=document.title='owned'></svg><iframe src=http://127.0.0.1:9/y></iframe>"
)
REVIEW = f"""# Review

## Decision

Hold. {MARKUP} <meta http-equiv=refresh content=0;url=http://127.0.0.1:9/z>

## The first three fixes, and why these

</style><style>@import url(http://127.0.0.1:9/s.css);</style> [a](javascript:alert(1)) ![b](http://127.0.0.1:9/i.png)

## Findings

### {MARKUP}

- Where: src/tea/forecast.py:12 {MARKUP}
- Category: {MARKUP}
- What breaks: {MARKUP} \x1b[2J\u202e
"""
HOSTILE = f"""
def forecast(sales):
    raise type({MARKUP!r}, (Exception,), {{}})({MARKUP!r})
"""
POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')


@pytest.fixture(scope="module")
def graded(arena_works: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Grade a submission that is markup wherever it may say something."""
    place = tmp_path_factory.mktemp("pages")
    tree = place / "<img src=x onerror=alert(1)>"
    for path in SHIPPED.rglob("*"):
        if path.is_file():
            copy = tree / path.relative_to(SHIPPED)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())
    (tree / "REVIEW.md").write_text(REVIEW)
    (tree / "src" / "tea" / "forecast.py").write_text(HOSTILE)
    (tree / "src" / "<svg onload=alert(1)>.py").write_text(f"# {MARKUP}\n")
    code, complaint = ended(grading(place / "out", submission=tree))
    assert code == 0, complaint
    return place / "out"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with Browser() as opened:
        yield opened


def opened(browser: Browser, page: Path) -> tuple[str, list[str]]:
    """Open a page, and wait for what it might do; return its title and what it asked for."""
    browser.open(page)
    browser.ask("document.querySelectorAll('details').forEach(one => one.open = true)")
    browser.ask("new Promise(done => setTimeout(done, 300))")
    wanted = [url for url in browser.reached if url != page.as_uri()]
    return str(browser.ask("document.title")), wanted


@pytest.mark.parametrize("name", ["report.html", "feedback.html"])
def test_a_page_of_an_attack_runs_and_asks_for_nothing(
    name: str, graded: Path, browser: Browser, record_property: Callable[[str, object], None]
) -> None:
    record_property("attack", "confusing")
    title, wanted = opened(browser, graded / name)
    assert (title == "owned", wanted, browser.complaints) == (False, [], [])
    assert browser.ask("document.querySelectorAll('script, img, iframe, object, base').length") == 0
    assert browser.ask("document.querySelectorAll('style').length") == 1
    assert browser.requests == [(graded / name).as_uri()]


def test_the_attack_is_on_the_page_as_text(graded: Path, browser: Browser) -> None:
    browser.open(graded / "report.html")
    shown = str(browser.ask("document.body.textContent"))
    assert shown.count("<script>document.title='owned'</script>") >= 4


def test_other_reports_of_an_attack_are_what_they_claim_to_be(
    graded: Path, record_property: Callable[[str, object], None]
) -> None:
    record_property("attack", "confusing")
    cases = ET.fromstring((graded / "junit.xml").read_bytes())
    assert {one.tag for one in cases.iter()} <= {
        "testsuites",
        "testsuite",
        "testcase",
        "failure",
        "error",
        "skipped",
        "system-out",
        "properties",
        "property",
    }
    summary = (graded / "summary.md").read_text()
    assert not re.search(r"(?<!`)<(script|img|svg|iframe)", re.sub(r"`[^`]*`", "", summary))
    assert json.loads((graded / "grade.json").read_text())["defects"]


def laid(graded: Path, name: str, change: Callable[[str], str]) -> Path:
    """Write the report again with something changed."""
    page = graded / name
    page.write_text(change((graded / "report.html").read_text()))
    return page


def unescaped(page: str) -> str:
    """Undo the escaping of what the submission says."""
    return page.replace(str(escape(MARKUP)), MARKUP)


def without_policy(page: str) -> str:
    """Take the policy away."""
    assert POLICY.search(page)
    return POLICY.sub("", page)


def test_without_escaping_the_policy_stops_it(graded: Path, browser: Browser) -> None:
    title, wanted = opened(browser, laid(graded, "unescaped.html", unescaped))
    assert (title == "owned", wanted) == (False, [])
    assert browser.ask("document.scripts.length") > 0


def test_without_a_policy_the_escaping_stops_it(graded: Path, browser: Browser) -> None:
    title, wanted = opened(browser, laid(graded, "unguarded.html", without_policy))
    assert (title == "owned", wanted) == (False, [])


def test_without_either_it_runs(graded: Path, browser: Browser) -> None:
    title, wanted = opened(browser, laid(graded, "naked.html", lambda page: without_policy(unescaped(page))))
    assert title == "owned"
    assert any("127.0.0.1:9" in url for url in wanted)
