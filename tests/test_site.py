"""The documentation as a site: every page has its place, and nothing keeps people out."""

from __future__ import annotations

import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from browser import Browser, chromium

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
CONFIGURATION = yaml.safe_load((ROOT / "mkdocs.yml").read_text("utf-8"))
OPENED = (
    "index",
    "tutorial",
    "how-to/write-an-exercise",
    "reference/cli",
    "reference/api/case",
    "reference/coverage",
    "explanation/how-verdicts-are-made",
)
WIDE, NARROW = 1280, 390


def pages(entry: Any) -> Iterator[str]:
    """The pages of a part of the navigation, from top to bottom."""
    match entry:
        case str():
            yield entry
        case list():
            for part in entry:
                yield from pages(part)
        case dict():
            yield from pages(list(entry.values()))


def test_every_page_stands_in_the_navigation_once() -> None:
    written = [str(page.relative_to(DOCS)) for page in DOCS.rglob("*.md")]
    assert sorted(pages(CONFIGURATION["nav"])) == sorted(written)


def test_nothing_is_fetched_from_elsewhere() -> None:
    assert CONFIGURATION["theme"]["font"] is False
    assert [
        name for name in (*CONFIGURATION["extra_css"], *CONFIGURATION["extra_javascript"]) if "//" in name
    ] == []


@pytest.mark.parametrize(
    "page", sorted((DOCS / "reference" / "api").glob("*.md")), ids=lambda page: page.stem
)
def test_a_page_of_the_reference_of_python_is_of_a_module(page: Path) -> None:
    (named,) = [
        line.removeprefix("::: ") for line in page.read_text("utf-8").splitlines() if line[:3] == ":::"
    ]
    assert importlib.import_module(named).__doc__


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "-q", "-d", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.mark.slow
@pytest.mark.skipif(chromium() is None, reason="needs Chromium to open the pages")
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_axe_finds_nothing(site: Path, width: int, dark: bool) -> None:
    with Browser(width=width) as browser:
        for name in OPENED:
            browser.open(site / f"{name}.html", dark=dark)
            assert (name, browser.barriers()) == (name, [])


@pytest.mark.slow
@pytest.mark.skipif(chromium() is None, reason="needs Chromium to open the pages")
def test_a_page_of_the_site_asks_for_nothing_from_elsewhere(site: Path) -> None:
    with Browser() as browser:
        for name in OPENED:
            browser.open(site / f"{name}.html")
            assert [url for url in browser.reached if not url.startswith("file://")] == []


@pytest.mark.slow
@pytest.mark.skipif(chromium() is None, reason="needs Chromium to open the pages")
def test_on_a_phone_nothing_of_the_site_stands_beyond_the_right_edge(site: Path) -> None:
    with Browser(width=NARROW) as browser:
        for name in OPENED:
            browser.open(site / f"{name}.html")
            assert browser.ask("document.documentElement.scrollWidth <= innerWidth"), name
