"""`home_offers`: its world is what the data card says, and its checks judge rightly."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from unfit.bank import Exercise, load_bank
from unfit.bank.world_loading import load_world

REPOSITORY = Path(__file__).parent.parent
SLUG = "home_offers"


world: Any = load_world(load_bank(REPOSITORY).exercise(SLUG))
CITY: Any = world.city(seed=5)


@pytest.fixture(scope="module")
def exercise() -> Exercise:
    return load_bank(REPOSITORY).exercise(SLUG)


# The world


def test_a_history_of_a_few_sales_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 50"):
        world.history(10, seed=5, where=CITY)


@pytest.mark.parametrize("column", list(world.RANGES))
def test_homes_stay_within_the_data_card(column: str) -> None:
    assert world.homes(3000, seed=5)[column].between(*world.RANGES[column]).all()


def test_sales_come_oldest_first() -> None:
    assert world.history(300, seed=5, where=CITY)["closed"].is_monotonic_increasing


def test_prices_scatter_round_the_worth() -> None:
    sales = world.history(2000, seed=5, where=CITY)
    days = (pd.to_datetime(sales["closed"]) - world.FIRST_DAY).dt.days.to_numpy()
    off = np.log(sales["price"] / world.worth(CITY, sales, days))
    assert (round(off.mean(), 2), round(off.std(), 2)) == (0.0, world.AGREED)


def test_the_newest_sales_lie_in_different_neighbourhoods() -> None:
    sales = world.history(300, seed=5, where=CITY, last_day=8)
    newest = sales[sales["closed"] == sales["closed"].max()]
    assert newest["neighbourhood"].nunique() == 8


def test_a_market_is_the_same_until_it_falls() -> None:
    fallen = world.city(seed=5, falls=0.4, from_day=300).levels
    assert np.array_equal(fallen[:300], CITY.levels[:300])


def test_a_fall_is_complete_after_thirty_days() -> None:
    fallen = world.city(seed=5, falls=0.4, from_day=300).levels
    assert np.allclose(np.exp(fallen[330:] - CITY.levels[330:]), 0.6)


def test_a_mended_sale_has_two_lines_and_the_last_is_right() -> None:
    sales = world.history(400, seed=5, where=CITY, corrected=0.05)
    last = sales.drop_duplicates("sale_id", keep="last").reset_index(drop=True)
    assert len(sales) > 400
    assert last["price"].equals(world.history(400, seed=5, where=CITY)["price"])


def test_some_lots_are_written_in_acres() -> None:
    lots = world.history(1000, seed=5, where=CITY, acres=0.1)["lot_sqft"]
    assert 0.06 < (lots < 50).mean() < 0.14


def test_three_in_ten_of_the_homes_priced_since_are_ours() -> None:
    assert world.priced(160, seed=5, where=CITY)["bought"].mean() == 0.3


def test_a_request_holds_no_price() -> None:
    (request,) = world.asked(world.history(50, seed=5, where=CITY)[:1])
    assert set(request) == {"request_id", "day", "neighbourhood", *world.HOME}


def test_who_is_offered_far_more_than_the_worth_sells() -> None:
    value = np.full(500, 300_000.0)
    assert world.sold_to_us(1.2 * value, value, seed=5).all()


def test_who_gets_no_offer_keeps_the_home() -> None:
    assert not world.sold_to_us(np.full(500, np.nan), np.full(500, 300_000.0), seed=5).any()


def test_what_is_lost_is_what_we_pay_above_the_worth() -> None:
    answers = [{"offer": 400_000.0}, {"offer": None}, {"offer": 100_000.0}]
    assert world.dollars_lost(answers, np.full(3, 300_000.0), seed=5) == 100_000.0


def test_slipped_prices_are_those_of_other_sales() -> None:
    sales = world.history(300, seed=5, where=CITY)
    slipped = world.mistaken(sales, seed=5)["price"]
    assert not slipped.equals(sales["price"])
    assert sorted(slipped) == sorted(sales["price"])


# The project


def test_every_example_request_can_be_read() -> None:
    requests = json.loads(world.project_data(seed=world.SHIPPED_SEED)["data/requests.json"])
    assert all(isinstance(row[field], int) for row in requests for field in world.HOME)
