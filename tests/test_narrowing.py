"""Narrowings mend a part of what is planted, and leave the rest standing."""

from __future__ import annotations

import pytest

from unfit.operators.all_operators import OPERATORS
from unfit.operators.narrowing import TURNS, narrowings

FILE = "src/shop/serve.py"
SCORE = """import pandas as pd


def score(model, rows: pd.DataFrame):
    seen = model.{0}(rows)
    return seen
"""


def told(operator: str, mended: str, planted: str) -> dict[str, str]:
    found = narrowings(operator, {FILE: mended.encode()}, {FILE: planted.encode()}, {(FILE, None): planted})
    return {one.name: one.tree[FILE].decode() for one in found}


def test_a_mistake_of_a_service_is_mended_for_few_rows_and_for_many() -> None:
    found = told("fitted-on-the-batch", SCORE.format("transform"), SCORE.format("fit_transform"))
    assert list(found) == ["few", "many"]
    assert (
        "    if len(rows) <= 3:\n        seen = model.transform(rows)\n"
        "    else:\n        seen = model.fit_transform(rows)\n" in found["few"]
    )


def test_what_was_taken_away_stands_under_a_condition() -> None:
    mended = "def train(rows: list):\n    rows = rows[1:]\n    return rows\n"
    found = told("fitted-on-the-batch", mended, mended.replace("    rows = rows[1:]\n", ""))
    assert "    if len(rows) < 10:\n        rows = rows[1:]\n    return rows\n" in found["tiny_tables"]


def test_what_was_added_stands_under_the_opposite() -> None:
    mended = "def train(rows: list):\n    return rows\n"
    found = told(
        "fitted-on-the-batch", mended, "def train(rows: list):\n    rows = rows * 2\n    return rows\n"
    )
    assert "    if not (len(rows) < 10):\n        rows = rows * 2\n    return rows\n" in found["tiny_tables"]


def test_a_way_that_is_known_for_the_operator_comes_first() -> None:
    mended = "def plain(kind: list):\n    return kind.strip().lower()\n"
    found = told("spellings-told-apart", mended, "def plain(kind: list):\n    return kind\n")
    assert list(found) == ["blanks_only", "capitals_only"]
    assert "return kind.strip()\n" in found["blanks_only"]


def test_nothing_is_written_where_no_argument_has_a_length() -> None:
    mended = "def train(rate: float):\n    return rate * 2\n"
    assert told("fitted-on-the-batch", mended, mended.replace("* 2", "* 3")) == {}


@pytest.mark.parametrize("operator", TURNS)
def test_known_ways_belong_to_operators(operator: str) -> None:
    assert operator in {one.name for one in OPERATORS}
