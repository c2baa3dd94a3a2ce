"""`flight_delays`: its world is what the data card says, and its stand-ins do as they are told."""

from __future__ import annotations

import io
import json
import runpy
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from unfit.bank import Exercise, load_bank
from unfit.bank.world_loading import load_world

REPOSITORY = Path(__file__).parent.parent
SLUG = "flight_delays"

world: Any = load_world(load_bank(REPOSITORY).exercise(SLUG))
YEAR: Any = world.year(seed=5, days=200)
SHIPPED: dict[str, bytes] = world.project_data(seed=world.SHIPPED_SEED)


doubles = SimpleNamespace(**runpy.run_path(str(REPOSITORY / "solutions" / SLUG / "doubles.py")))


@pytest.fixture(scope="module")
def exercise() -> Exercise:
    return load_bank(REPOSITORY).exercise(SLUG)


@pytest.fixture(scope="module")
def many() -> pd.DataFrame:
    table: pd.DataFrame = world.flights(6000, seed=5, where=YEAR, days=(0, 190), told=True)
    return table


def read(files: dict[str, bytes], name: str) -> pd.DataFrame:
    return pd.read_csv(io.BytesIO(files[f"data/{name}.csv"]))


def leaving(day: str, time: str) -> pd.DataFrame:
    return pd.DataFrame({"day": [day], "sched_dep": [time]})


# The world


def test_a_few_flights_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 50"):
        world.flights(10, seed=5, where=YEAR)


@pytest.mark.parametrize("day", [0, 30, 199])
def test_what_wanders_spreads_alike_on_every_day(day: int) -> None:
    rng = np.random.default_rng(7)
    series = world._wandering(200, 4000, keeps=0.94, sd=16.0, rng=rng)
    # The deviation of 4,000 draws is known to 1.1 %.
    assert series[day].std() == pytest.approx(16.0, rel=0.05)


def test_every_hour_is_observed_once_at_each_airport() -> None:
    assert YEAR.weather.groupby("observed_at")["origin"].nunique().eq(3).all()
    assert len(YEAR.weather) == 3 * 24 * 201


def test_a_gust_is_stronger_than_the_wind() -> None:
    seen = YEAR.weather.dropna()
    assert (seen["wind_gust"] > seen["wind_speed"]).all()


def test_a_light_wind_has_no_gusts() -> None:
    light = YEAR.weather["wind_speed"] <= 16
    assert YEAR.weather.loc[light, "wind_gust"].isna().all()


def test_delays_scatter_round_what_is_expected(many: pd.DataFrame) -> None:
    off = many["arr_delay"] - world.expected(YEAR, many)
    assert off.median() == pytest.approx(0.0, abs=0.5)
    assert off.abs().median() == pytest.approx(0.674 * world.NOISE, rel=0.06)


def test_one_flight_in_fifty_never_arrives(many: pd.DataFrame) -> None:
    assert 0.013 < many["arr_delay"].isna().mean() < 0.027


def test_what_comes_with_the_report_comes_together(many: pd.DataFrame) -> None:
    missing = many[["dep_delay", "air_time", "arr_delay"]].isna()
    assert set(missing.sum(axis=1)) == {0, 3}


def test_flights_come_one_airline_after_another(many: pd.DataFrame) -> None:
    assert many["carrier"].is_monotonic_increasing


def test_a_report_comes_at_two_on_the_next_afternoon(many: pd.DataFrame) -> None:
    late = pd.to_datetime(many["reported_at"], utc=True) - pd.to_datetime(many["day"], utc=True)
    assert set(late) == {pd.Timedelta(hours=38)}


def test_a_last_day_holds_as_many_flights_as_asked_for() -> None:
    table = world.flights(300, seed=5, where=YEAR, days=(0, 100), last_day=30)
    assert (table["day"] == table["day"].max()).sum() >= 30


def test_who_is_told_is_told_something_useful(many: pd.DataFrame) -> None:
    known = many.dropna(subset="arr_delay")
    delay = known["arr_delay"].to_numpy()
    assert world.misses(known["forecast"].to_numpy(), delay) < 0.8 * np.abs(delay).mean()


def test_a_request_holds_nothing_that_comes_with_the_report(many: pd.DataFrame) -> None:
    (request,) = world.asked(many[:1])
    assert set(request).isdisjoint({"dep_delay", "air_time", "arr_delay", "reported_at", "forecast"})


@pytest.mark.parametrize(
    ("day", "hour"), [("2014-01-15", "2014-01-15 13:00Z"), ("2014-07-15", "2014-07-15 12:00Z")]
)
def test_a_forecast_goes_by_another_hour_in_summer(day: str, hour: str) -> None:
    (seen,) = world.forecast_hour(leaving(day, "11:25"))
    assert seen == pd.Timestamp(hour)


def test_a_flight_without_a_forecast_is_taken_as_punctual() -> None:
    assert world.misses(np.array([np.nan, 10.0]), np.array([30.0, 20.0])) == 20.0


def test_beyond_four_hours_nothing_more_is_missed() -> None:
    assert world.misses(np.array([240.0]), np.array([900.0])) == 0.0


# The stand-ins


def test_a_feed_takes_an_hour_in_any_zone() -> None:
    feed = doubles.Feed(doubles.struck(["2014-07-15T12:00Z"], world.STORM, world.CALM))
    assert feed.observation("JFK", "2014-07-15T08:00:00-04:00")["wind_speed"] == 38.0


def test_a_feed_that_is_down_remembers_the_question() -> None:
    feed = doubles.Feed(lambda *_: world.CALM, down={"JFK": TimeoutError("late")})
    with pytest.raises(TimeoutError):
        feed.observation("JFK", "2014-07-15T12:00Z")
    assert feed.asked == [("JFK", "2014-07-15T12:00Z")]


def test_an_archive_writes_nothing_for_no_gust() -> None:
    calm = YEAR.weather[YEAR.weather["wind_gust"].isna()].iloc[0]
    seen = doubles.archive(YEAR.weather)(calm["origin"], calm["observed_at"])
    assert seen["wind_gust"] is None


def test_a_clock_stands() -> None:
    clock = doubles.Clock(pd.Timestamp("2014-07-15T12:00Z"))
    assert clock.now() == clock.now() == "2014-07-15T12:00:00+00:00"


# The project


@pytest.mark.parametrize("name", ["flights", "weather"])
def test_simulated_months_have_the_columns_of_the_extract(name: str) -> None:
    simulated, shipped = (read(files, name) for files in (world.project_data(seed=1), SHIPPED))
    assert list(simulated) == list(shipped)
    assert len(read(SHIPPED, "flights")) == 2600


def test_the_card_of_simulated_months_names_no_source() -> None:
    card = world.project_data(seed=1)["data/README.md"].decode()
    assert "tidyverse" not in card
    assert "`reported_at`" in card


def test_three_hours_of_weather_are_missing_at_each_airport_as_the_card_says() -> None:
    seen = read(SHIPPED, "weather")
    hours = pd.to_datetime(seen["observed_at"])
    span = (hours.max() - hours.min()) / pd.Timedelta(hours=1) + 1
    assert set(span - seen.groupby("origin").size()) == {3}


def test_the_odd_winds_stand_where_the_card_says() -> None:
    seen = read(SHIPPED, "weather").set_index(["origin", "observed_at"])["wind_speed"]
    assert seen.idxmax() == ("EWR", "2013-02-12T08:00Z")
    assert seen.max() == pytest.approx(1048, abs=0.5)
    assert {origin for origin, _ in seen.index[seen.isna()]} == {"EWR"}


def test_eight_flights_of_the_next_day_are_asked_for() -> None:
    requests = json.loads(SHIPPED["data/requests.json"])
    assert [set(row) for row in requests] == [set(world.REQUEST)] * 8
    assert {row["day"] for row in requests} == {"2013-05-12"}
