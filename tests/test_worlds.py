"""Rows drawn from a team's own: what stays as it was, and what is new."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from unfit.errors import CheckError
from unfit.worlds import Recorded, alternating, corrected, redrawn, resampled, respelt, unsettled

ROWS = pd.DataFrame(
    {
        "id": [f"R-{n:03d}" for n in range(30)],
        "clinic": ["a", "b", "c"] * 10,
        "price": [round(1.5 + n / 4, 2) for n in range(30)],
        "count": range(30),
        "when": pd.date_range("2026-01-01", periods=30, tz="UTC"),
        "gap": [None if n % 5 == 0 else float(n) for n in range(30)],
    }
)


@given(
    n=st.integers(1, 80), seed=st.integers(0, 2**32), spread=st.sampled_from([0.0, 0.5]), apart=st.booleans()
)
def test_drawn_rows_look_like_those_that_are_known(n: int, seed: int, spread: float, apart: bool) -> None:
    drawn = resampled(ROWS, n, seed=seed, key="id", spread=spread, apart=apart)
    assert list(drawn.dtypes) == list(ROWS.dtypes)
    assert len(drawn) == n == drawn["id"].nunique()
    assert not set(drawn["id"]) & set(ROWS["id"])
    assert drawn["id"].str.fullmatch(r"R-\d{3,}").all()
    assert drawn["price"].between(ROWS["price"].min(), ROWS["price"].max()).all()
    assert np.allclose(drawn["price"], drawn["price"].round(2))
    assert set(drawn["clinic"]) <= {"a", "b", "c"}
    pd.testing.assert_frame_equal(drawn, resampled(ROWS, n, seed=seed, key="id", spread=spread, apart=apart))


def test_groups_are_drawn_whole_and_twice_they_are_two() -> None:
    drawn = resampled(ROWS, 65, seed=2, group="clinic")
    sizes = drawn.groupby("clinic").size()
    assert set(sizes) == {10}
    assert len(drawn) == 70
    assert not set(sizes.index) & {"a", "b", "c"}


def test_columns_that_are_drawn_apart_are_nobodys_rows() -> None:
    drawn = resampled(ROWS, 300, seed=1, apart=True)
    known = set(zip(ROWS["count"], ROWS["price"], strict=True))
    assert not set(zip(drawn["count"], drawn["price"], strict=True)) <= known
    assert (
        set(zip(*(resampled(ROWS, 300, seed=1)[name] for name in ("count", "price")), strict=True)) <= known
    )


def test_whole_numbers_that_name_rows_are_new_ones() -> None:
    drawn = resampled(ROWS, 50, seed=1, key="count")
    assert drawn["count"].nunique() == 50
    assert drawn["count"].min() > 29


@pytest.mark.parametrize("how", [{"key": "no"}, {"group": "no"}])
def test_a_column_that_is_not_there_is_named(how: dict[str, str]) -> None:
    with pytest.raises(CheckError, match="no column `no`"):
        resampled(ROWS, 5, seed=1, key=how.get("key"), group=how.get("group"))


def test_nothing_is_drawn_from_nothing() -> None:
    with pytest.raises(CheckError, match="no rows"):
        resampled(ROWS.head(0), 5, seed=1)


def test_what_was_recorded_is_read_back_as_it_was(tmp_path: Path) -> None:
    records = [{"id": f"A{n}", "tags": ["x"]} for n in range(4)]
    text = Recorded.text({"a:f": {"rows": ROWS, "records": records, "limit": 2.5}})
    (tmp_path / "recorded.json").write_text(text)
    read = Recorded.read(tmp_path / "recorded.json")
    pd.testing.assert_frame_equal(read.value("a:f", "rows"), ROWS, check_dtype=False)
    assert read.value("a:f", "records") == records
    assert read.value("a:f", "limit") == 2.5
    drawn = read.drawn("a:f", "records", 9, seed=3, key="id")
    assert len({row["id"] for row in drawn}) == 9
    assert {tuple(row["tags"]) for row in drawn} == {("x",)}


# Changes that must not matter


def test_redrawn_rows_keep_their_keys_in_order() -> None:
    drawn = redrawn(ROWS, key="id", seed=4)
    assert list(drawn["id"]) == list(ROWS["id"])
    assert not drawn["count"].equals(ROWS["count"])
    assert set(drawn["price"]) <= set(ROWS["price"])


@pytest.mark.parametrize("rows", [ROWS, ROWS.to_dict("records")], ids=["table", "records"])
def test_the_last_line_of_each_key_is_that_of_the_table(rows: Any) -> None:
    longer = pd.DataFrame(corrected(rows, key="id", seed=4))
    assert len(longer) == 37
    last = longer.drop_duplicates("id", keep="last").reset_index(drop=True)
    assert last["count"].tolist() == ROWS["count"].tolist()
    assert longer.drop_duplicates("id")["count"].tolist() != ROWS["count"].tolist()


@pytest.mark.parametrize("rows", [ROWS, ROWS.to_dict("records")], ids=["table", "records"])
def test_texts_are_spelt_otherwise(rows: Any) -> None:
    spelt = pd.DataFrame(respelt(rows, fields=["clinic"]))
    assert set(spelt["clinic"]) == {" A ", " B ", " C "}
    assert spelt["id"].tolist() == ROWS["id"].tolist()


def test_rows_whose_outcome_is_not_known_are_those_that_are_missing() -> None:
    known, waiting = unsettled(ROWS, outcome="count", seed=4)
    assert len(known) == 23
    assert waiting.dropna(subset=["count"])["id"].tolist() == known["id"].tolist()


def test_rows_with_a_gap_and_without_take_turns() -> None:
    rows = ROWS.drop(columns="when").to_dict("records")
    turned = alternating([{str(name): value for name, value in row.items()} for row in rows])
    assert [row["id"] for row in turned[:4]] == ["R-000", "R-001", "R-005", "R-002"]
    assert sorted(row["id"] for row in turned) == list(ROWS["id"])


def test_gaps_of_every_kind_stand_in_front() -> None:
    rows = [{"id": n, "a": None if n % 4 else 1.0, "b": None if n == 8 else 2.0} for n in range(12)]
    assert [row["id"] for row in alternating(rows)[:4]] == [1, 0, 8, 4]


@pytest.mark.parametrize("rows", [[], [{"a": None}, {"a": "x"}, {"a": None}], [{"a": 1.0}]])
def test_every_row_is_kept_whichever_kind_runs_out(rows: list[dict[str, Any]]) -> None:
    assert sorted(map(repr, alternating(rows))) == sorted(map(repr, rows))


def test_recorded_moments_are_handed_over_as_they_were(tmp_path: Path) -> None:
    moments = [
        dt.datetime(2025, 1, 2, 3, tzinfo=dt.UTC),
        dt.date(2025, 1, 2),
        dt.time(3, 4),
        dt.timedelta(hours=1.5),
        pd.Timestamp("2025-01-02"),
        {"date": "2025-01-02"},
    ]
    (tmp_path / "recorded.json").write_text(
        Recorded.text({"a:b": {"at": [{"moment": one} for one in moments]}})
    )
    given = Recorded.read(tmp_path / "recorded.json").value("a:b", "at")
    assert [one["moment"] for one in given] == moments
    assert [type(one["moment"]) for one in given] == [type(one) for one in moments]
