"""Other identifiers tell nothing, and the way back is exact."""

from __future__ import annotations

import pandas as pd
import pytest

from unfit.errors import CheckError
from unfit.relabel import draw

NAMES = [f"S{number:05d}" for number in range(1, 301)]


def test_identifiers_are_others_of_the_same_form() -> None:
    new = draw(NAMES, seed=1).new
    assert all(name.startswith("S") and len(name) == 6 for name in new.values())
    assert len(set(new.values()) & set(NAMES)) < 20


def test_identifiers_stay_one_to_one_and_in_their_order() -> None:
    new = draw(NAMES, seed=1).new
    assert sorted(new.values()) == [new[name] for name in NAMES]
    assert len(set(new.values())) == len(NAMES)


def test_identifiers_of_two_forms_keep_theirs() -> None:
    new = draw(["V0001", "N0001"], seed=1).new
    assert [new["V0001"][0], new["N0001"][0]] == ["V", "N"]


def test_a_table_comes_back_as_it_was() -> None:
    labels = draw(NAMES, seed=1)
    table = pd.DataFrame({"sale_id": NAMES, "price": range(300)})
    asked = labels.table(table, "sale_id", shuffled=True)
    back = labels.back(asked, "sale_id").sort_values("sale_id", ignore_index=True)
    assert list(asked["price"]) != list(table["price"])
    assert back.equals(table)


def test_records_come_back_as_they_were() -> None:
    labels = draw(NAMES, seed=1)
    rows = [{"id": name, "price": at} for at, name in enumerate(NAMES)]
    asked = labels.records(rows, "id", shuffled=True)
    assert asked != labels.records(rows, "id")
    assert sorted(labels.records_back(asked, "id"), key=lambda row: row["price"]) == rows


def test_the_seed_draws_the_identifiers() -> None:
    assert draw(NAMES, seed=1) == draw(NAMES, seed=1) != draw(NAMES, seed=2)


def test_an_identifier_that_was_never_asked_about_stays_as_it_is() -> None:
    answer = pd.DataFrame({"sale_id": ["invented"]})
    assert draw(NAMES, seed=1).back(answer, "sale_id").equals(answer)


def test_only_the_last_number_of_an_identifier_is_drawn_anew() -> None:
    new = draw(["S017-00412"], seed=1).new["S017-00412"]
    assert (new[:5], len(new)) == ("S017-", 10)


def test_an_identifier_without_a_number_is_refused() -> None:
    with pytest.raises(CheckError, match="holds no number"):
        draw(["anna"], seed=1)


def test_identifiers_that_leave_no_room_are_refused() -> None:
    with pytest.raises(CheckError, match="leave no room"):
        draw([str(number) for number in range(8)], seed=1)
