"""Every page reads easily: common words, short sentences.

Measured the same way, Flesch's reading ease of the READMEs of httpx, scikit-learn and rustlings is 50, 42 and 56, and
their longest sentences have 34, 24 and 23 words. Ours are easier, and none is longer.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from reading import ease, longest, prose

ROOT = Path(__file__).resolve().parent.parent
EASE, WORDS = 65, 34
EASE_OF_DOCUMENTS = 50  # candidates' documents have voices of their own, a bank's letter among them
FEW = 30  # words of prose; of fewer a figure says nothing
GENERATED = {
    "STANDARD.md",
    "standard.md",
    "experiments.md",
    "coverage.md",
    "accuracy.md",
    "review-matching.md",
}
FACES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "STANDARD.md")]
DOCUMENTS = [
    *(path for path in sorted((ROOT / "exercises").rglob("*.md")) if path.name != "REVIEW.md"),
    *sorted((ROOT / "solutions").glob("*/GUIDE.md")),
]
PAGES = [*FACES, *sorted((ROOT / "docs").rglob("*.md"))]


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_a_page_is_easy_to_read(page: Path) -> None:
    text = page.read_text("utf-8")
    assert ease(text) >= EASE or len(prose(text).split()) < FEW


@pytest.mark.parametrize("page", [page for page in PAGES if page.name not in GENERATED], ids=name)
def test_no_sentence_of_a_written_page_is_too_long(page: Path) -> None:
    sentence = longest(page.read_text("utf-8"))
    assert len(sentence.split()) <= WORDS, sentence


@pytest.mark.parametrize("page", DOCUMENTS, ids=name)
def test_a_document_of_an_exercise_is_no_harder_than_the_readme_of_httpx(page: Path) -> None:
    text = page.read_text("utf-8")
    assert ease(text) >= EASE_OF_DOCUMENTS or len(prose(text).split()) < FEW


def test_code_tables_and_headings_are_no_prose() -> None:
    apart = "```python\nx = 1\n```\n\n| a |\n|---|\n| b |\n"
    page = f"# Title\n\nCall `a.b:c`\nthen [read](x.md):\n\n{apart}\n* One\n* two!\n"
    assert prose(page) == "Call this then read.\n\nOne.\n\ntwo!"


def test_plain_words_read_more_easily_than_learned_ones() -> None:
    plain = "The model learns the hospital. Nobody knows it on the day."
    learned = "Institutional identification facilitates inappropriate generalisation unavailable at referral."
    assert ease(plain) > 70
    assert ease(learned) < 30
