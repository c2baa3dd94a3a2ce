"""No sentence of a page about a person's work stands there without the field that proves it."""

from __future__ import annotations

import re
import tomllib
from html import unescape
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest

from report_samples import CONTEXT, MIXED
from unfit.cohort.settings_and_endings import Ending, Settings
from unfit.cohort.shared_code import Pair
from unfit.grades import Grade
from unfit.ratings import Rating
from unfit.report import render_html, render_share
from unfit.report.regraded import Regraded, VerdictChange

HARNESS = Path(__file__).parents[1] / "harness/unfit"
NAMES = ("report", "parts", "share", "feedback", "trials", "followup", "ratings", "rating_sheet", "regraded")
PAGES = [
    *(HARNESS / f"report/templates/{name}.html.j2" for name in NAMES),
    HARNESS / "cohort/templates/cohort.html.j2",
]
RECORDS: dict[str, Any] = {"Settings": Settings, "Ending": Ending, "Rating": Rating, "Pair": Pair} | {
    "VerdictChange": VerdictChange,
    "Regraded": Regraded,
}
LISTED: dict[str, Any] = tomllib.loads(Path(__file__).with_name("report_sentences.toml").read_text())
CLAIMS: dict[str, str] = LISTED["claims"]
FEWEST_WORDS = 4
"""A shorter text is a label: of a column, a field, an ending."""
VALUE = re.compile(r"{{.*?}}", re.DOTALL)
TAG = re.compile(r"{%.*?%}", re.DOTALL)
INLINE = re.compile(r"</?(?:em|strong|code|a|span|bdi|q|br)\b[^>]*>")


def sentences(template: str) -> list[str]:
    """List what a template says by itself: the texts between its tags, and those inside of its expressions."""
    source = re.sub(r"{#.*?#}", "", template, flags=re.DOTALL)
    quoted = [
        text for one in VALUE.findall(source) + TAG.findall(source) for text in re.findall(r'"([^"]*)"', one)
    ]
    bare = re.sub(r"<[^>]*>", "\n", INLINE.sub("", VALUE.sub("…", TAG.sub("\n", source))))
    texts = [unescape(" ".join(text.split())) for text in (*bare.split("\n"), *quoted)]
    return [text for text in texts if len(re.findall(r"[A-Za-z]{2,}", text)) >= FEWEST_WORDS]


def proven(path: str) -> bool:
    """Whether a field is there: of the record that the path names, else of a grade."""
    first, _, rest = path.partition(".")
    return found(RECORDS[first], rest) if first in RECORDS else found(Grade, path)


def found(record: Any, path: str) -> bool:
    """Whether a record has a field, down a path, through tuples and optional values."""
    name, _, rest = path.partition(".")
    kinds = get_type_hints(record) if isinstance(record, type) else {}
    if name not in kinds:
        return False
    return not rest or any(found(one, rest) for one in (kinds[name], *get_args(kinds[name])))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_sentence_of_a_page_is_listed(page: Path) -> None:
    known = {*LISTED["ours"], *CLAIMS}
    said = sentences(page.read_text("utf-8"))
    assert [sentence for sentence in said if sentence not in known] == []


@pytest.mark.parametrize("sentence", CLAIMS)
def test_what_a_page_claims_is_proven_by_a_field_of_a_record(sentence: str) -> None:
    assert proven(CLAIMS[sentence])


@pytest.mark.parametrize("page", [render_html(MIXED, CONTEXT), render_share(MIXED)], ids=["report", "share"])
def test_each_row_of_the_table_leads_to_its_evidence(page: str) -> None:
    rows = re.findall(r'<th scope="row"><a href="([^"]*)"', page)
    report = render_html(MIXED, CONTEXT)
    assert len(rows) == sum(item.status != "not_planted" for item in MIXED.defects)
    assert [row for row in rows if f'id="{row.partition("#")[2]}"' not in report] == []


def test_the_headline_leads_to_the_table_that_proves_it() -> None:
    top = render_html(MIXED, CONTEXT).partition("<main")[0]
    assert MIXED.headline.partition(".")[0] in top
    assert 'href="#overview"' in top
