"""Promises to farmers and the cashier, tried out with ``data/``."""

import json
from pathlib import Path

import pandas as pd
import pytest

from bids.examine import examine
from bids.facts import floor_tariff
from bids.ledger import put_in_order
from bids.season import renew
from bids.window import reply

DATA = Path(__file__).parents[1] / "data"


@pytest.fixture(scope="module")
def transfers():
    return pd.read_csv(DATA / "transfers.csv")


@pytest.fixture(scope="module")
def settled():
    return pd.read_csv(DATA / "settled.csv")


@pytest.fixture(scope="module")
def queries():
    return json.loads((DATA / "queries.json").read_text())


@pytest.fixture(scope="module")
def active(transfers, tmp_path_factory):
    shelf = tmp_path_factory.mktemp("active")
    renew(transfers, shelf)
    return shelf


def test_the_last_line_of_a_transfer_is_in_force(transfers):
    amended = pd.concat([transfers, transfers.head(1).assign(payment=123_400)], ignore_index=True)
    payments = put_in_order(amended).set_index("transfer_id")["payment"]
    assert payments[transfers["transfer_id"][0]] == 123_400


def test_a_yard_in_acres_is_read_as_square_feet(transfers):
    assert put_in_order(transfers)["yard_sqft"].between(1_400, 81_000).all()


def test_a_tariff_is_given_for_each_line_asked(transfers):
    sought = pd.DataFrame({"valley": ["Dunsop", "Eskdale"], "date": ["2023-06-01", "2023-07-01"]})
    assert floor_tariff(transfers, sought)["pounds_per_sqft"].between(80, 800).all()


def test_the_tally_is_a_plausible_sum(transfers):
    assert 5_000 < examine(transfers)["amount"] < 80_000


def test_no_transfer_is_held_out_twice(transfers):
    assert examine(transfers)["unseen"]["transfer_id"].is_unique


def test_the_first_reckoner_goes_active(transfers, tmp_path):
    assert renew(transfers, tmp_path)["installed"]


def test_a_renewal_leaves_a_reckoner_that_replies(transfers, active, queries, settled, tmp_path):
    renew(transfers, tmp_path, active)
    assert len(reply(tmp_path, queries, settled)) == len(queries)


def test_replies_come_in_the_order_of_the_queries(active, queries, settled):
    replies = reply(active, queries, settled)
    assert [row["query_id"] for row in replies] == [row["query_id"] for row in queries]


def test_a_bid_is_six_per_cent_below_the_forecast(active, queries, settled):
    for row in reply(active, queries, settled):
        assert row["bid"] == pytest.approx(0.94 * row["forecast"], abs=0.01)


def test_a_finer_soundness_is_worth_more(active, queries, settled):
    poor, good = ({**queries[0], "soundness": soundness} for soundness in (1, 5))
    one, other = reply(active, [poor, good], settled)
    assert one["forecast"] < other["forecast"]


def test_a_query_that_cannot_be_read_goes_to_an_assayer(active, queries, settled):
    replies = reply(active, [{**queries[0], "floor_sqft": "large"}, queries[1]], settled)
    assert [row["verdict"] for row in replies] == ["visited", "ok"]


def test_no_queries_no_replies(active, settled):
    assert reply(active, [], settled) == []
