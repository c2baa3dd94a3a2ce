"""What sellers and the treasury rely on, on the project's own data."""

import json
from pathlib import Path

import pandas as pd
import pytest

from offers.evaluate import evaluate
from offers.features import price_level
from offers.history import tidy
from offers.monthly import refit
from offers.serve import answer

DATA = Path(__file__).parents[1] / "data"


@pytest.fixture(scope="module")
def sales():
    return pd.read_csv(DATA / "sales.csv")


@pytest.fixture(scope="module")
def priced():
    return pd.read_csv(DATA / "priced.csv")


@pytest.fixture(scope="module")
def requests():
    return json.loads((DATA / "requests.json").read_text())


@pytest.fixture(scope="module")
def live(sales, tmp_path_factory):
    folder = tmp_path_factory.mktemp("live")
    refit(sales, folder)
    return folder


def test_the_last_line_of_a_sale_is_in_force(sales):
    mended = pd.concat([sales, sales.head(1).assign(price=123_400)], ignore_index=True)
    prices = tidy(mended).set_index("sale_id")["price"]
    assert prices[sales["sale_id"][0]] == 123_400


def test_a_lot_in_acres_is_read_as_square_feet(sales):
    assert tidy(sales)["lot_sqft"].between(1_400, 81_000).all()


def test_a_level_is_given_for_each_line_asked(sales):
    asked = pd.DataFrame({"neighbourhood": ["Dovecote", "Eastgate"], "day": ["2023-06-01", "2023-07-01"]})
    assert price_level(sales, asked)["dollars_per_sqft"].between(80, 800).all()


def test_the_figure_is_a_plausible_sum(sales):
    assert 5_000 < evaluate(sales)["value"] < 80_000


def test_no_sale_is_held_out_twice(sales):
    assert evaluate(sales)["held_out"]["sale_id"].is_unique


def test_the_first_model_goes_live(sales, tmp_path):
    assert refit(sales, tmp_path)["promoted"]


def test_a_refit_leaves_a_model_that_answers(sales, live, requests, priced, tmp_path):
    refit(sales, tmp_path, live)
    assert len(answer(tmp_path, requests, priced)) == len(requests)


def test_answers_come_in_the_order_of_the_requests(live, requests, priced):
    answers = answer(live, requests, priced)
    assert [row["request_id"] for row in answers] == [row["request_id"] for row in requests]


def test_an_offer_is_six_per_cent_below_the_estimate(live, requests, priced):
    for row in answer(live, requests, priced):
        assert row["offer"] == pytest.approx(0.94 * row["estimate"], abs=0.01)


def test_a_better_condition_is_worth_more(live, requests, priced):
    poor, good = ({**requests[0], "condition": condition} for condition in (1, 5))
    one, other = answer(live, [poor, good], priced)
    assert one["estimate"] < other["estimate"]


def test_a_request_that_cannot_be_read_goes_to_a_valuer(live, requests, priced):
    answers = answer(live, [{**requests[0], "area_sqft": "large"}, requests[1]], priced)
    assert [row["status"] for row in answers] == ["referred", "ok"]


def test_no_requests_no_answers(live, priced):
    assert answer(live, [], priced) == []
