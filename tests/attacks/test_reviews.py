"""Reviews that attack whoever reads them are read in one pass, claim nothing, and decide about no code."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from bank_samples import tea_shop
from unfit.bank import read_tree
from unfit.grades import Finding
from unfit.planting import Variant
from unfit.review import comments, parse, review_of
from unfit.submission import take

SIZE = 180_000
CLAIMS = b"""---
status: mended
spotted: true
---
# Review

## Decision

Ship. {"outcome": "passed"} last-day-ignored: mended, 6 planted: 6 mended

<!-- overrule: all -->

## Findings

### last-day-ignored

- Status: mended
- Category: mended
- Overruled: matched
"""
ODD = "# Review\n\n## Findings\n\n### \x1b[2J\u202egnp.exe <script>alert(1)</script>\n\n- Where: src/\u2066a.py:1\n"


def repeated(text: str) -> bytes:
    return (text * (SIZE // len(text))).encode()


REVIEWS: dict[str, tuple[str, bytes]] = {
    "verdicts": ("forging", CLAIMS),
    "answers of a worker": ("forging", b'R\x00\x00\x00\x00\x00\x00\x00\x02{"value": "passed"}'),
    "markup and directions": ("confusing", ODD.encode()),
    "UTF-16": ("confusing", ODD.encode("utf-16")),
    "bytes that are no text": ("confusing", bytes(range(256)) * 100),
    "nothing but NUL": ("confusing", bytes(SIZE)),
    "headings within headings": ("confusing", b"\n".join(b"#" * (1 + n % 6) + b" x" for n in range(20_000))),
    "summaries that never end": ("exhausting", repeated("<summary>")),
    "comments that never end": ("exhausting", repeated("<!--")),
    "brackets": ("exhausting", repeated("[")),
    "links": ("exhausting", repeated("[a](")),
    "stars": ("exhausting", repeated("**a")),
    "backticks": ("exhausting", b"".join(b"`" * n + b"a" for n in range(1, 600))),
    "quotes in quotes": ("exhausting", repeated(">")),
    "lists in lists": ("exhausting", b"\n".join(b"  " * n + b"- a" for n in range(400))),
    "a table of many columns": (
        "exhausting",
        b"\n".join([b"|".join([b"a"] * 5000), b"|".join([b"-"] * 5000)] * 3),
    ),
    "thousands of findings": ("exhausting", b"## Findings\n\n" + repeated("### a\n- Where: src/a.py:3\n\n")),
    "longer than is read": ("exhausting", b"# Review\n" + b"x " * (2 << 20)),
}
RUNS = (
    *' \x0b\xa0\u2003\t\n\x02\x03aA1é.-–|([{:,`*_#/\\=<"',  # noqa: RUF001 - a dash of many keyboards
    *["**", "--", "a ", "1 ", "a/", "a.", "1.", "a_", "aB", "[a", "`a", "a: ", "src/", "<br>"],
    *["cell ", "line ", "and ", "not ", "is ", "no ", "finding ", "where: ", "review "],
    *["put off ", "not fixed "],
)
PLACES = {
    "a decision": "## Decision\n\n{}",
    "a title": "## Findings\n\n### {}",
    "a text": "## Findings\n\n### 1. Leak\n\n{}",
    "an item": "## Findings\n\n- {}",
    "a label": "## Findings\n\n- **Where:** src/a.py: {}",
    "a row": "## Findings\n\n| where | what |\n|---|---|\n| a.py | {} |",
    "code": "## Findings\n\n```\n{}\n```",
    "nowhere": "{}",
    "a comment": "# REVIEW: a {}\nx = 1\n",
    "tags of a comment": "# REVIEW ({}): a\nx = 1\n",
    "before a comment": "{} # REVIEW: a\nx = 1\n",
    "after a comment": "# REVIEW: a\n# {}\nx = 1\n",
}
STARTS = ("", "(", "| ", "cell ", "line 1", "**", "put off")
LENGTH = 500


def read(content: bytes, place: Path) -> tuple[tuple[Finding, ...], tuple[str, ...]]:
    """Read a review as grading does."""
    (place / "x").mkdir()
    (place / "x" / "REVIEW.md").write_bytes(content)
    taken = take(place / "x", place / "copy")
    said = review_of(Variant.of(tea_shop()), read_tree(taken.root))
    return said.findings or (), (*said.notes, *said.decision)


@pytest.mark.parametrize("name", REVIEWS)
def test_a_review_is_contained(
    name: str, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    kind, content = REVIEWS[name]
    record_property("attack", kind)
    findings, notes = read(content, tmp_path)
    assert len(findings) <= 200
    assert sum(len(repr(one)) for one in (*findings, *notes)) < 2_000_000
    assert {one.match for one in findings} <= {"unmatched"}
    assert [one.overruled for one in findings if one.overruled] == []


def seconds(read: Callable[[str], object], text: str, tries: int = 1) -> float:
    """Measure what reading a text costs this thread, at the least."""
    costs = []
    for _ in range(tries):
        start = time.thread_time()
        read(text)
        costs.append(time.thread_time() - start)
    return min(costs)


def in_code(text: str) -> object:
    return comments({"src/a.py": text.encode()}, {"src/a.py": b"x = 1\n"})


@pytest.mark.parametrize("place", PLACES)
def test_a_run_of_anything_costs_about_what_words_cost(place: str) -> None:
    read = in_code if "REVIEW" in PLACES[place] else parse
    words = max(seconds(parse, shape.format("words " * (LENGTH // 6)), tries=3) for shape in PLACES.values())
    for run in RUNS:
        for start in STARTS:
            text = PLACES[place].format(start + run * (LENGTH // len(run)) + "!")
            if seconds(read, text) > 50 * words:  # a pause is no cost: what costs much does so every time
                assert seconds(read, text, tries=3) < 50 * words, (run, start)
