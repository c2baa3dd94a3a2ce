"""What visitors rely on, on the café's own book."""

from pathlib import Path

import pandas as pd
import pytest

from repairs.evaluate import evaluate
from repairs.quote import quote
from repairs.train import train

VISITS = pd.read_csv(Path(__file__).parents[1] / "data" / "visits.csv")
LAMP = {"booking_id": "B1", "kind": "lamp", "age_years": 12, "weight_kg": 1.4}
BICYCLE = {"booking_id": "B2", "kind": "Bicycle ", "age_years": 30, "weight_kg": 15.0}


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("model")
    train(VISITS, folder)
    return folder


def test_answers_come_in_the_order_of_the_bookings(model):
    assert [answer["booking_id"] for answer in quote(model, [BICYCLE, LAMP])] == ["B2", "B1"]


def test_a_bicycle_takes_longer_than_a_lamp(model):
    lamp, bicycle = quote(model, [LAMP, BICYCLE])
    assert 5 <= lamp["minutes"] < bicycle["minutes"] <= 180


def test_a_day_without_bookings_has_no_answers(model):
    assert quote(model, []) == []


def test_the_figure_is_that_of_the_latest_month():
    june = VISITS[(VISITS["month"] == "2025-06") & (VISITS["minutes"] > 0)]
    assert list(evaluate(VISITS)["held_out"]["visit_id"]) == list(june["visit_id"])


def test_estimates_are_off_by_less_than_twenty_minutes():
    assert evaluate(VISITS)["value"] < 20


def test_outcomes_of_the_latest_month_do_not_move_its_estimates():
    june = VISITS["month"] == "2025-06"
    longer = VISITS.assign(minutes=VISITS["minutes"].where(~june, VISITS["minutes"] * 2))
    before, after = (evaluate(book)["held_out"]["estimate"] for book in (VISITS, longer))
    assert list(before) == list(after)


def test_a_thing_that_nobody_has_mended_yet_is_not_quoted(model):
    (answer,) = quote(model, [LAMP | {"kind": "harmonium"}])
    assert answer == {"booking_id": "B1", "minutes": None, "status": "new"}
