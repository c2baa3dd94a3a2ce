"""The operator's world: what customers draw from each feeder, and what meters, head-ends and control room say of it.

A grid is tidy when it is drawn. What happens to it afterwards, such as a head-end that stamps otherwise, is laid over
it by functions of their own, here and in the shipped months alike.
"""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
import struct
from collections.abc import Collection, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import pandas as pd

FILE = "readings.sqlite"
SCHEMA = {
    "feeders": "feeder_id TEXT PRIMARY KEY, substation TEXT NOT NULL, kind TEXT NOT NULL, limit_kw REAL NOT NULL",
    "installations": "meter_id INTEGER NOT NULL, feeder_id TEXT NOT NULL, factor REAL NOT NULL, "
    "from_at TEXT NOT NULL, until_at TEXT NOT NULL DEFAULT '9999-12-31T00:00', PRIMARY KEY (meter_id, from_at)",
    "deliveries": "delivery_id INTEGER PRIMARY KEY, head_end TEXT NOT NULL, received_at TEXT NOT NULL, "
    "header TEXT NOT NULL",
    "readings": "delivery_id INTEGER NOT NULL, meter_id INTEGER NOT NULL, stamp TEXT NOT NULL, value REAL NOT NULL",
    "weather": "substation TEXT NOT NULL, hour TEXT NOT NULL, issued_at TEXT NOT NULL, temperature REAL NOT NULL",
    "switching": "order_no INTEGER PRIMARY KEY, feeder_id TEXT NOT NULL, from_at TEXT NOT NULL, "
    "until_at TEXT NOT NULL, kind TEXT NOT NULL",
    "holidays": "day TEXT PRIMARY KEY, name TEXT NOT NULL",
    "forecasts": "feeder_id TEXT NOT NULL, hour TEXT NOT NULL, version TEXT NOT NULL, load REAL, "
    "PRIMARY KEY (feeder_id, hour)",
    "relief": "relief_no INTEGER PRIMARY KEY, feeder_id TEXT NOT NULL, from_at TEXT NOT NULL, "
    "until_at TEXT NOT NULL, advised_at TEXT NOT NULL, answer TEXT",
}
INDEXES = ("CREATE INDEX weather_by_hour ON weather (substation, hour, issued_at)",)
HEAD_ENDS = {"hafen": 1.0, "nordring": 0.1, "suedring": 0.001}
"""Kilowatt-hours of a unit."""
MAKERS = {"hafen": "Kessel", "nordring": "Ondas", "suedring": "Kessel"}
KINDS = ("homes", "shops", "works", "solar")
SUBSTATIONS = ("Elm", "Marsch")
OPEN = "9999-12-31T00:00"
FIRST, DAYS = "2026-03-02", 30
AS_OF = "2026-03-31"
"""The evening on which the worlds of checks are learnt from; its last reading is of the day before."""
SHIPPED_SEED = 23


@dataclass(frozen=True)
class Grid:
    """The tables of the database, as the data card describes them."""

    feeders: pd.DataFrame
    installations: pd.DataFrame
    deliveries: pd.DataFrame
    readings: pd.DataFrame
    weather: pd.DataFrame
    switching: pd.DataFrame
    holidays: pd.DataFrame
    forecasts: pd.DataFrame
    relief: pd.DataFrame

    @cached_property
    def content(self) -> bytes:
        """What the file of the database holds."""
        return written(self)

    def files(self) -> dict[str, bytes]:
        """Return the folder of the database."""
        return {FILE: self.content}


def written(grid: Grid) -> bytes:
    """Write a grid as SQLite does; the version of the library is left out, so that equal grids are equal bytes."""
    with closing(sqlite3.connect(":memory:")) as connection:
        for name, columns in SCHEMA.items():
            table = getattr(grid, name)
            table = table.astype(object).where(table.notna(), None)
            connection.execute(f"CREATE TABLE {name} ({columns})")
            marks = ", ".join("?" * table.shape[1])
            connection.executemany(f"INSERT INTO {name} VALUES ({marks})", table.to_numpy().tolist())  # noqa: S608
        for index in INDEXES:
            connection.execute(index)
        connection.commit()
        content = bytearray(connection.serialize())
    content[96:100] = struct.pack(">I", 3_040_000)
    return bytes(content)


@lru_cache(maxsize=8_192)
def plus(day: str, count: int) -> str:
    """Return the day so many days later."""
    return (date.fromisoformat(day) + timedelta(days=count)).isoformat()


@lru_cache(maxsize=131_072)
def later(moment: str, minutes: int) -> str:
    """Return the moment so many minutes later."""
    return (datetime.fromisoformat(moment) + timedelta(minutes=minutes)).isoformat()[:16]


@lru_cache(maxsize=64)
def hours(first: str, days: int) -> tuple[str, ...]:
    """List the hours of some days."""
    return tuple(f"{plus(first, day)}T{hour:02d}:00" for day in range(days) for hour in range(24))


# Demand


def demands(n: int, *, seed: int, first: str = FIRST, days: int = DAYS) -> pd.DataFrame:
    """Draw what the customers of feeders want, hour by hour.

    Parameters
    ----------
    n : int
        Number of feeders; at least 4, so that every kind occurs.
    seed : int
        Seed of the generator; the same seed gives the same table.
    first : str
    days : int

    Returns
    -------
    demands : DataFrame
        ``feeder_id``, ``substation``, ``kind``, ``hour``, ``temperature`` and ``demand``, in kilowatts. At noon a
        feeder with much sun gives more than it draws.

    Raises
    ------
    ValueError
        If `n` is below 4.
    """
    if n < len(KINDS):
        raise ValueError(f"n must be at least {len(KINDS)}. Got {n} instead.")
    rng = np.random.default_rng([seed, 1])
    moments = hours(first, days)
    clock = np.array([int(one[11:13]) for one in moments])
    weekday = np.array([date.fromisoformat(one[:10]).weekday() for one in moments])
    warmth = np.cumsum(rng.normal(0, 1.2, days))
    warmth -= np.linspace(0, warmth[-1], days)
    season = np.array([_season(plus(first, day)) for day in range(days)])
    daily = np.repeat(season + warmth.clip(-6, 6), 24)
    tables = []
    for at in range(n):
        kind, station = KINDS[at % len(KINDS)], SUBSTATIONS[at // 2 % 2]
        base = rng.uniform(250, 1400)
        degrees = daily + 3.5 * np.sin((clock - 9) / 24 * 2 * np.pi) + (0.8 if station == "Elm" else 0)
        heating = np.maximum(0, 15 - degrees) * (0.006 if kind == "works" else 0.02)
        shape = _shape(kind, clock, weekday, rng)
        noise = np.exp(rng.normal(0, 0.025, len(moments)))
        demand = base * (shape + heating) * noise
        if kind == "solar":
            sky = np.repeat(rng.uniform(0.6, 1.0, days), 24)
            demand = demand - base * 1.9 * sky * np.exp(-(((clock - 12) / 2.6) ** 2))
        tables.append(
            pd.DataFrame(
                {
                    "feeder_id": f"{station[0]}{110 + 7 * at}",
                    "substation": station,
                    "kind": kind,
                    "hour": moments,
                    "temperature": degrees.round(1),
                    "demand": demand.round(3),
                }
            )
        )
    return pd.concat(tables, ignore_index=True)


def _season(day: str) -> float:
    """Return the usual temperature of a day."""
    number = date.fromisoformat(day).timetuple().tm_yday
    return 9.5 - 8.5 * float(np.cos((number - 20) / 365 * 2 * np.pi))


def _shape(kind: str, clock: np.ndarray, weekday: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the day of a kind of feeder, around one."""

    def bump(hour: float, width: float) -> np.ndarray:
        return np.exp(-(((clock - hour) / width) ** 2))

    weekend = weekday >= 5
    peak = rng.uniform(-0.7, 0.7)
    if kind == "works":
        on = (clock >= 6) & (clock < 16)
        return np.where(weekend, 0.25, np.where(on, 1.25, 0.4)) + 0.1 * bump(11 + peak, 2)
    if kind == "shops":
        day = 0.35 + 0.95 * bump(13 + peak, 5)
        return np.where(weekday == 6, 0.4, day)
    return 0.5 + 0.35 * bump(7.5 + peak, 1.6) * np.where(weekend, 0.5, 1) + 0.9 * bump(18.8 + peak, 2.1)


# What is written down


def tidy(table: pd.DataFrame, *, seed: int) -> Grid:
    """Write down what is known of feeders, with nothing out of the ordinary.

    Every third feeder has two meters, and on every fourth a meter is replaced in the middle. Each head-end delivers
    the readings of a day in the night after it.
    """
    rng = np.random.default_rng([seed, 2])
    feeders = table.drop_duplicates("feeder_id").reset_index(drop=True)
    highest = table.groupby("feeder_id")["demand"].max()
    moments = sorted(table["hour"].unique())
    placed, parts = [], []
    for at, feeder in feeders.iterrows():
        own = table[table["feeder_id"] == feeder["feeder_id"]]
        for number, share in enumerate((0.6, 0.4) if int(at) % 3 == 2 else (1.0,)):
            middle = moments[len(moments) // 2 + int(rng.integers(-40, 40))]
            swapped = int(at) % 4 == 1 and number == 0
            for turn in range(2 if swapped else 1):
                meter = 40_000 + 100 * int(at) + 10 * number + turn
                factor = float(rng.choice([1.0, 20.0, 40.0]))
                since = middle if turn else f"{moments[0][:10]}T00:00"
                until = middle if swapped and not turn else OPEN
                placed.append((meter, feeder["feeder_id"], factor, since, until))
                there = own[(own["hour"] >= since) & (own["hour"] < until)]
                head = list(HEAD_ENDS)[(int(at) + number) % len(HEAD_ENDS)]
                parts.append(
                    pd.DataFrame(
                        {
                            "head_end": head,
                            "meter_id": meter,
                            "stamp": there["hour"],
                            "value": (there["demand"] * share / factor / HEAD_ENDS[head]).round(5),
                        }
                    )
                )
    deliveries, readings = _delivered(pd.concat(parts, ignore_index=True))
    return Grid(
        feeders=feeders[["feeder_id", "substation", "kind"]].assign(
            limit_kw=(highest[feeders["feeder_id"]].to_numpy() * 1.02).round(-1)
        ),
        installations=pd.DataFrame(
            placed, columns=["meter_id", "feeder_id", "factor", "from_at", "until_at"]
        ),
        deliveries=deliveries,
        readings=readings,
        weather=_weather(table, rng),
        switching=pd.DataFrame(columns=["order_no", "feeder_id", "from_at", "until_at", "kind"]),
        holidays=pd.DataFrame(columns=["day", "name"]),
        forecasts=pd.DataFrame(columns=["feeder_id", "hour", "version", "load"]),
        relief=pd.DataFrame(
            columns=["relief_no", "feeder_id", "from_at", "until_at", "advised_at", "answer"]
        ),
    )


def _delivered(told: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Put readings into one delivery for each head-end and day."""
    told = told.assign(day=told["stamp"].str[:10]).sort_values(
        ["day", "head_end", "meter_id", "stamp"], ignore_index=True
    )
    keys = told[["day", "head_end"]].drop_duplicates().reset_index(drop=True)
    keys["delivery_id"] = np.arange(1, len(keys) + 1)
    deliveries = pd.DataFrame(
        {
            "delivery_id": keys["delivery_id"],
            "head_end": keys["head_end"],
            "received_at": [
                f"{plus(day, 1)}T0{2 + list(HEAD_ENDS).index(head)}:10"
                for day, head in zip(keys["day"], keys["head_end"], strict=True)
            ],
            "header": [
                header(head, number)
                for head, number in zip(keys["head_end"], keys["delivery_id"], strict=True)
            ],
        }
    )
    readings = told.merge(keys, on=["day", "head_end"])
    return deliveries, readings[["delivery_id", "meter_id", "stamp", "value"]]


def header(head_end: str, number: int, **more: Any) -> str:
    """Write the head of a delivery."""
    told = {
        "seq": int(number),
        "maker": MAKERS[head_end],
        "cadence": 60,
        "scale": HEAD_ENDS[head_end],
        "zone": "UTC",
    }
    return json.dumps({**told, **more})


def _weather(table: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Write two runs a day: one on the evening before, which counts, and a rougher one before that."""
    own = table.drop_duplicates(["substation", "hour"])[["substation", "hour", "temperature"]]
    runs = []
    for back, rough in ((2, 2.0), (1, 0.5)):
        runs.append(
            own.assign(
                issued_at=[f"{plus(hour[:10], -back)}T10:00" for hour in own["hour"]],
                temperature=(own["temperature"] + rng.normal(0, rough, len(own))).round(1),
            )
        )
    found = pd.concat(runs, ignore_index=True)
    return found[["substation", "hour", "issued_at", "temperature"]]


# What happens to it


def _headed(grid: Grid, numbers: Collection[int], **more: Any) -> pd.DataFrame:
    """Let the heads of some deliveries say more."""
    chosen = set(numbers)
    return grid.deliveries.assign(
        header=[
            json.dumps({**json.loads(text), **more}) if one in chosen else text
            for one, text in zip(grid.deliveries["delivery_id"], grid.deliveries["header"], strict=True)
        ]
    )


def _cadences(grid: Grid) -> dict[int, int]:
    return {
        int(one): int(json.loads(text)["cadence"])
        for one, text in zip(grid.deliveries["delivery_id"], grid.deliveries["header"], strict=True)
    }


def ending(grid: Grid, numbers: Collection[int]) -> Grid:
    """Let deliveries stamp each reading with the end of its interval, and say so."""
    chosen, cadence = set(numbers), _cadences(grid)
    table = grid.readings
    stamps = [
        later(stamp, cadence[one]) if one in chosen else stamp
        for one, stamp in zip(table["delivery_id"], table["stamp"], strict=True)
    ]
    return replace(grid, readings=table.assign(stamp=stamps), deliveries=_headed(grid, chosen, stamps="end"))


def finer(grid: Grid, numbers: Collection[int], cadence: int = 15) -> Grid:
    """Let deliveries tell of shorter intervals, of which no two are alike."""
    chosen, parts = set(numbers), 60 // cadence
    table = grid.readings
    own = table[table["delivery_id"].isin(chosen)]
    weights = np.random.default_rng([len(own), cadence]).uniform(0.9, 1.1, (len(own), parts))
    weights /= weights.sum(axis=1, keepdims=True)
    split = [
        own.assign(
            stamp=[later(one, cadence * part) for one in own["stamp"]],
            value=own["value"] * weights[:, part],
            part=part,
        )
        for part in range(parts)
    ]
    rest = table[~table["delivery_id"].isin(chosen)]
    found = pd.concat([rest, *split], ignore_index=True).drop(columns="part")
    found = found.sort_values(["delivery_id", "meter_id", "stamp"], ignore_index=True)
    return replace(grid, readings=found, deliveries=_headed(grid, chosen, cadence=cadence))


def again(grid: Grid, numbers: Collection[int], *, wrong: float, end: bool = False) -> Grid:
    """Let deliveries be wrong at first, and come again three hours later as they should be."""
    chosen = sorted(numbers)
    first = int(grid.deliveries["delivery_id"].max()) + 1
    named = dict(zip(chosen, range(first, first + len(chosen)), strict=True))
    old = grid.deliveries[grid.deliveries["delivery_id"].isin(chosen)]
    new = old.assign(
        delivery_id=old["delivery_id"].map(named),
        received_at=[later(one, 180) for one in old["received_at"]],
    )
    table = grid.readings
    own = table[table["delivery_id"].isin(chosen)]
    spoilt = table.assign(
        value=table["value"].where(~table["delivery_id"].isin(chosen), table["value"] * wrong)
    )
    sent = own.assign(delivery_id=own["delivery_id"].map(named))
    found = replace(
        grid,
        deliveries=pd.concat([grid.deliveries, new], ignore_index=True),
        readings=pd.concat([spoilt, sent], ignore_index=True),
    )
    return ending(found, list(named.values())) if end else found


def sent_again(grid: Grid, numbers: Collection[int], *, at: str, wrong: float) -> Grid:
    """Let deliveries come once more at a moment, with other values."""
    last = grid.deliveries["delivery_id"].max()
    both = again(grid, numbers, wrong=1.0)
    deliveries, readings = both.deliveries, both.readings
    return replace(
        both,
        deliveries=deliveries.assign(
            received_at=deliveries["received_at"].where(deliveries["delivery_id"] <= last, at)
        ),
        readings=readings.assign(
            value=readings["value"].where(readings["delivery_id"] <= last, readings["value"] * wrong)
        ),
    )


Row = tuple[int, int, str]
"""A reading: its delivery, its meter and its stamp."""


def gaps(
    grid: Grid, numbers: Collection[int], lengths: Collection[int], *, share: float, seed: int
) -> set[Row]:
    """Draw readings that did not get through: some of the nights, and in these so many intervals in a row."""
    rng = np.random.default_rng([seed, 3])
    chosen = grid.readings[grid.readings["delivery_id"].isin(set(numbers))]
    found: set[Row] = set()
    for (delivery, meter), own in chosen.groupby(["delivery_id", "meter_id"]):
        length = int(rng.choice(list(lengths)))
        first = int(rng.integers(1, 24))
        if rng.random() < share:
            stamps = sorted(own["stamp"])
            found |= {(int(delivery), int(meter), stamp) for stamp in stamps[first : first + length]}
    return found


def _inside(grid: Grid, rows: set[Row]) -> np.ndarray:
    keys = zip(grid.readings["delivery_id"], grid.readings["meter_id"], grid.readings["stamp"], strict=True)
    return np.array([(int(one), int(meter), stamp) in rows for one, meter, stamp in keys], dtype=bool)


def without(grid: Grid, rows: set[Row]) -> Grid:
    """Leave readings out."""
    return replace(grid, readings=grid.readings[~_inside(grid, rows)])


def filled(grid: Grid, rows: set[Row]) -> Grid:
    """Let a head-end put the last value before a gap into each reading of the gap."""
    table = grid.readings.assign(value=grid.readings["value"].where(~_inside(grid, rows)))
    order = table.sort_values(["delivery_id", "meter_id", "stamp"])
    value = order.groupby(["delivery_id", "meter_id"])["value"].ffill()
    return replace(grid, readings=table.assign(value=value.reindex(table.index)))


def issued_again(
    grid: Grid, hours_of: Collection[tuple[str, str]], apart: float, *, rough: float = 0.0, seed: int = 0
) -> Grid:
    """Let the weather service write the run of the day before once more for some substations and hours."""
    table, chosen = grid.weather, set(hours_of)
    inside = [one in chosen for one in zip(table["substation"], table["hour"], strict=True)]
    last = (
        table[inside]
        .sort_values("issued_at", kind="stable")
        .drop_duplicates(["substation", "hour"], keep="last")
    )
    noise = np.random.default_rng([seed, 4]).normal(0, rough, len(last)) if rough else 0.0
    more = last.assign(temperature=(last["temperature"] + apart + noise).round(1))
    more = more.sort_values(["hour", "substation"], kind="stable")
    return replace(grid, weather=pd.concat([table, more], ignore_index=True))


def run_before(grid: Grid, apart: float) -> Grid:
    """Let the run of two days before be warmer, and be written once more after all others, warmer still."""
    table = grid.weather
    older = table["issued_at"].str[:10] < [plus(hour[:10], -1) for hour in table["hour"]]
    warmer = table.assign(temperature=table["temperature"].where(~older, table["temperature"] + apart))
    more = warmer[older].assign(temperature=warmer["temperature"][older] + apart)
    return replace(grid, weather=pd.concat([warmer, more], ignore_index=True))


def drawn(grid: Grid, stretches: Iterable[tuple[str, str, str]], factor: float) -> Grid:
    """Let the meters of feeders count a share of what they would have counted, in all hours that a stretch touches."""
    meters = grid.installations.groupby("feeder_id")["meter_id"].agg(set).to_dict()
    touched = {
        (meter, hour)
        for feeder, since, until in stretches
        for hour in _touched(since, until)
        for meter in meters[feeder]
    }
    table = grid.readings
    inside = [
        (meter, stamp[:13]) in touched for meter, stamp in zip(table["meter_id"], table["stamp"], strict=True)
    ]
    return replace(
        grid, readings=table.assign(value=table["value"].where(~np.array(inside), table["value"] * factor))
    )


def _touched(since: str, until: str) -> list[str]:
    found, hour = [], since[:13] + ":00"
    while hour < until:
        found.append(hour[:13])
        hour = later(hour, 60)
    return found


def relieved(grid: Grid, stretches: Iterable[tuple[str, str, str]], answer: str | None = "done") -> Grid:
    """Write advice down, with the control room's answer."""
    rows = [
        (feeder, since, until, f"{plus(since[:10], -1)}T21:10", answer) for feeder, since, until in stretches
    ]
    new = pd.DataFrame(rows, columns=["feeder_id", "from_at", "until_at", "advised_at", "answer"])
    table = pd.concat([grid.relief.drop(columns="relief_no"), new], ignore_index=True)
    table.insert(0, "relief_no", np.arange(1, len(table) + 1))
    return replace(grid, relief=table)


def ordered(grid: Grid, stretches: Iterable[tuple[str, str, str]], kind: str) -> Grid:
    """Write orders of the control room down."""
    new = pd.DataFrame(
        [(*one, kind) for one in stretches], columns=["feeder_id", "from_at", "until_at", "kind"]
    )
    table = pd.concat([grid.switching.drop(columns="order_no"), new], ignore_index=True)
    table.insert(0, "order_no", np.arange(1, len(table) + 1))
    return replace(grid, switching=table)


def up_to(grid: Grid, day: str) -> Grid:
    """Return what had been delivered by the evening of a day."""
    known = grid.deliveries["received_at"] < plus(day, 1)
    numbers = set(grid.deliveries["delivery_id"][known])
    return replace(
        grid,
        deliveries=grid.deliveries[known],
        readings=grid.readings[grid.readings["delivery_id"].isin(numbers)],
    )


# The shipped months

START, TODAY = "2026-02-23", "2026-06-09"
SHIPPED_FEEDERS = 6
SHIPPED_HOURS = 48
"""Hours of both substations in a run, as far as this copy has them."""
ENDS_FROM, ENDS_AT = "2026-04-15", "nordring"
"""From this night on a head-end stamps ends."""
RELIEF_FROM = "2026-03-23"
AGAIN_FROM = "2026-03-16"
"""From this day on the weather service writes each run once more."""
FILLED_FROM, FILLED_AT = "2026-04-08", "suedring"
"""From this night on a head-end fills what did not get through."""
HALVES_FROM, HALVES_AT = "2026-04-20", "hafen"
"""From this night on a head-end counts half hours; what it delivers again are hours."""
TIMED_FROM = "2026-05-04"
"""From this day on processes count timeouts by themselves."""
NAMED_FROM = "2026-05-11"
"""From this day on a name has one image."""
RENEWED = (
    ("2026-05-06T03:00", "readings"),
    ("2026-05-12T03:00", "weather"),
    ("2026-05-13T03:00", "readings"),
    ("2026-05-20T03:00", "readings"),
    ("2026-05-27T03:00", "readings"),
    ("2026-06-03T03:00", "readings"),
)
"""When the vault gave a secret a new value."""
HOLIDAYS = {
    "2026-04-03": "Good Friday",
    "2026-04-06": "Easter Monday",
    "2026-05-01": "Labour Day",
    "2026-05-14": "Ascension",
    "2026-05-25": "Whit Monday",
}
TRAINED = {"v1": "2025-10-13", "v2": "2025-12-08", "v3": "2026-02-25", "v4": "2026-04-20", "v5": "2026-05-18"}
IN_FORCE = (
    ("2026-02-01", "v2"),
    ("2026-03-03", "v3"),
    ("2026-04-21", "v4"),
    ("2026-05-19", "v5"),
    ("2026-05-20", "v4"),
    ("2026-05-27", "v5"),
    ("2026-05-28", "v4"),
)
"""Which version answers from the evening of a day on."""


@dataclass(frozen=True)
class Months:
    """The shipped months.

    Parameters
    ----------
    demand : DataFrame
        As `demands` draws it.
    grid : Grid
        As it stands on `TODAY`.
    read : Series
        Loads by feeder and hour, as the code of then read them.
    errors : DataFrame
        ``feeder_id``, ``day`` and ``share``: how far forecasts were off.
    """

    demand: pd.DataFrame
    grid: Grid
    read: pd.Series
    errors: pd.DataFrame


@lru_cache(maxsize=4)
def months(*, seed: int) -> Months:
    """Draw the shipped months."""
    rng = np.random.default_rng([seed, 51])
    days = (date.fromisoformat(TODAY) - date.fromisoformat(START)).days
    demand = _holidays(demands(SHIPPED_FEEDERS, seed=seed, first=START, days=days + 2))
    grid = _happened(tidy(demand, seed=seed), rng)
    grid = up_to(grid, plus(TODAY, -1))
    read = _read(grid)
    forecasts = _forecasts(grid, read, rng)
    grid = replace(grid, forecasts=forecasts)
    return Months(demand, grid, read, _errors(forecasts, read))


def _holidays(demand: pd.DataFrame) -> pd.DataFrame:
    """Let works and shops rest on holidays."""
    closed = demand["hour"].str[:10].isin(list(HOLIDAYS)) & demand["kind"].isin(["works", "shops"])
    return demand.assign(demand=demand["demand"].where(~closed, demand["demand"] * 0.45))


def _happened(grid: Grid, rng: np.random.Generator) -> Grid:
    """Let everything happen that happened."""
    weather = grid.weather
    evening = weather["issued_at"].str[:10] >= [plus(hour[:10], -1) for hour in weather["hour"]]
    grid = replace(
        grid,
        weather=weather[evening].sort_values(["hour", "substation"], kind="stable", ignore_index=True),
        holidays=pd.DataFrame({"day": list(HOLIDAYS), "name": list(HOLIDAYS.values())}),
    )
    grid = _weathered(grid, rng)
    evenings = _advised(grid, rng)
    done = [one for one, answer in evenings if answer == "done"]
    for answer in ("done", "declined", None):
        grid = relieved(grid, [one for one, said in evenings if said == answer], answer)
    order = grid.relief.sort_values(["from_at", "feeder_id"], ignore_index=True)
    grid = replace(grid, relief=order.assign(relief_no=np.arange(1, len(order) + 1)))
    for stretch in done:
        grid = drawn(grid, [stretch], float(rng.uniform(0.5, 0.68)))
    for kind, count in (("outage", 5), ("works", 6), ("transfer", 4)):
        stretches = [_stretch(grid, rng) for _ in range(count)]
        grid = drawn(ordered(grid, stretches, kind), stretches, 0.0 if kind == "outage" else 0.5)
    lost = _lost(grid, rng, 0.012)
    grid = again(grid, lost, wrong=0.55)
    nights = _since(grid, HALVES_AT, HALVES_FROM)
    checked = [one for one in nights if one not in lost and rng.random() < 0.36]
    grid = finer(again(grid, checked, wrong=0.985), nights, 30)
    before = [one for one in _since(grid, FILLED_AT, START) if one not in lost]
    rows = gaps(grid, before, (2, 3, 4, 6, 8, 9, 11), share=0.24, seed=int(rng.integers(1000)))
    since = set(_since(grid, FILLED_AT, FILLED_FROM))
    grid = without(
        filled(grid, {one for one in rows if one[0] in since}), {one for one in rows if one[0] not in since}
    )
    return ending(grid, _since(grid, ENDS_AT, ENDS_FROM))


def _since(grid: Grid, head_end: str, first: str) -> list[int]:
    """List the deliveries of a head-end from a night on."""
    table = grid.deliveries
    chosen = (table["head_end"] == head_end) & (table["received_at"] >= first)
    return [int(one) for one in table["delivery_id"][chosen]]


def _weathered(grid: Grid, rng: np.random.Generator) -> Grid:
    """Let the weather service be colder than the weather, and put it right on the next morning."""
    table = grid.weather
    hours_of = [
        (station, hour)
        for station, hour, issued in zip(table["substation"], table["hour"], table["issued_at"], strict=True)
        if issued >= AGAIN_FROM and hour < TODAY
    ]
    off = np.where(table["issued_at"] >= AGAIN_FROM, rng.normal(-2.2, 1.1, len(table)).round(1), 0.0)
    both = issued_again(grid, hours_of, 0.0).weather
    more = len(both) - len(table)
    both = both.assign(
        temperature=(both["temperature"] + np.pad(off, (0, more))).round(1),
        came=[plus(one[:10], int(at >= len(table))) for at, one in enumerate(both["issued_at"])],
    )
    both = both.sort_values(["came", "hour", "substation"], kind="stable", ignore_index=True)
    return replace(grid, weather=both.drop(columns="came"))


def _advised(grid: Grid, rng: np.random.Generator) -> list[tuple[tuple[str, str, str], str | None]]:
    """Draw what was advised, and what the control room answered."""
    near = grid.feeders["feeder_id"][grid.feeders["kind"].isin(["homes", "solar"])].tolist()[:3]
    found: list[tuple[tuple[str, str, str], str | None]] = []
    day = RELIEF_FROM
    while day < plus(TODAY, -1):
        for feeder in near:
            if rng.random() < (0.75 if date.fromisoformat(day).weekday() < 5 else 0.3):
                since = f"{day}T{17 + int(rng.random() < 0.3)}:{int(rng.integers(0, 2)) * 30:02d}"
                answer = rng.choice(["done", "declined", "open"], p=[0.82, 0.14, 0.04])
                stretch = feeder, since, later(since, int(rng.choice([120, 150, 180])))
                found.append((stretch, None if answer == "open" else str(answer)))
        day = plus(day, 1)
    return found


def _stretch(grid: Grid, rng: np.random.Generator) -> tuple[str, str, str]:
    feeder = str(rng.choice(grid.feeders["feeder_id"]))
    day, hour, quarter = (
        plus(START, int(rng.integers(3, 105))),
        int(rng.integers(6, 15)),
        int(rng.integers(0, 4)),
    )
    since = f"{day}T{hour:02d}:{quarter * 15:02d}"
    return feeder, since, later(since, int(rng.integers(2, 14)) * 30)


def _lost(grid: Grid, rng: np.random.Generator, share: float) -> list[int]:
    numbers = grid.deliveries["delivery_id"].to_numpy()
    return [int(one) for one in numbers[rng.random(len(numbers)) < share]]


def _read(grid: Grid) -> pd.Series:
    """Read loads as the code of then does: interval by interval, the last delivery of each."""
    heads = {
        int(one): json.loads(text)
        for one, text in zip(grid.deliveries["delivery_id"], grid.deliveries["header"], strict=True)
    }
    order = grid.deliveries.set_index("delivery_id")["received_at"]
    table = grid.readings
    cadence = np.array([heads[int(one)]["cadence"] for one in table["delivery_id"]])
    table = table.assign(
        units=table["value"] * [heads[int(one)]["scale"] for one in table["delivery_id"]],
        at=table["delivery_id"].map(order),
        minutes=cadence,
        begin=[
            later(stamp, -minutes if "stamps" in heads[int(one)] else 0)
            for one, stamp, minutes in zip(
                table["delivery_id"], table["stamp"], cadence.tolist(), strict=True
            )
        ],
    )
    table = table.sort_values("at", kind="stable").drop_duplicates(["meter_id", "begin"], keep="last")
    places = grid.installations.drop_duplicates("meter_id").set_index("meter_id")
    table = table.assign(
        feeder_id=table["meter_id"].map(places["feeder_id"]),
        load=table["units"] * table["meter_id"].map(places["factor"]),
        hour=table["begin"].str[:13] + ":00",
    )
    wanted = grid.installations.groupby("feeder_id")["until_at"].agg(lambda ends: int((ends == OPEN).sum()))
    sums = table.groupby(["feeder_id", "hour"])[["load", "minutes"]].sum()
    enough = sums["minutes"] >= 60 * wanted.reindex(sums.index.get_level_values(0)).to_numpy()
    done = grid.relief[grid.relief["answer"] == "done"]
    out = {
        (feeder, f"{hour}:00")
        for orders in (grid.switching, done)
        for feeder, since, until in zip(
            orders["feeder_id"], orders["from_at"], orders["until_at"], strict=True
        )
        for hour in _touched(since, until)
    }
    return sums["load"][enough & ~sums.index.isin(out)]


def _forecasts(grid: Grid, read: pd.Series, rng: np.random.Generator) -> pd.DataFrame:
    """Forecast as the versions of then did, near enough: by what was read of the weeks before."""
    loads = read.to_dict()
    rows = []
    for feeder in grid.feeders["feeder_id"]:
        for hour in hours(plus(START, 14), (date.fromisoformat(TODAY) - date.fromisoformat(START)).days - 14):
            week, fortnight = (loads.get((feeder, later(hour, -back * 24 * 60))) for back in (7, 14))
            known = [one for one in (week, fortnight) if one is not None]
            if not known:
                continue
            load = 0.62 * known[0] + 0.38 * known[-1]
            version = version_on(plus(hour[:10], -1))
            spread = 0.05 if version == "v5" else 0.03
            rows.append((feeder, hour, version, round(load * (1 + rng.normal(0, spread)), 1)))
    return pd.DataFrame(rows, columns=["feeder_id", "hour", "version", "load"])


def version_on(day: str) -> str:
    """Return the version that answers on the evening of a day."""
    return [version for since, version in IN_FORCE if since <= day][-1]


def _errors(forecasts: pd.DataFrame, read: pd.Series) -> pd.DataFrame:
    """Hold forecasts against what was read."""
    keys = pd.MultiIndex.from_frame(forecasts[["feeder_id", "hour"]])
    table = forecasts.assign(came=read.reindex(keys).to_numpy(), day=forecasts["hour"].str[:10]).dropna()
    table = table.assign(off=(table["load"] - table["came"]).abs(), size=table["came"].abs())
    sums = table.groupby(["feeder_id", "day"])[["off", "size"]].sum()
    return (sums["off"] / sums["size"].clip(lower=1)).rename("share").reset_index()


# What machines wrote down


def _lines(rows: Iterable[dict[str, Any]], folder: str, since: str) -> dict[str, str]:
    """Write rows into one file a month."""
    found: dict[str, list[str]] = {}
    for row in rows:
        if row[since][:7] >= "2026-03":
            found.setdefault(row[since][:7], []).append(json.dumps(row))
    return {f"data/{folder}/{month}.jsonl": "\n".join(lines) + "\n" for month, lines in found.items()}


def _journal(found: Months, *, seed: int) -> dict[str, str]:
    """Write the journal of the jobs."""
    rng = np.random.default_rng([seed, 52])
    came = found.grid.deliveries.assign(day=found.grid.deliveries["received_at"].str[:10])
    sizes = found.grid.readings.groupby("delivery_id").size()
    came = came.assign(rows=came["delivery_id"].map(sizes))
    told = found.grid.forecasts.assign(day=[plus(one[:10], -1) for one in found.grid.forecasts["hour"]])
    advice = found.grid.relief["advised_at"].str[:10].value_counts()
    rows: list[dict[str, Any]] = []
    for day, own in told.groupby("day"):
        nights = came[came["day"] == day]
        rows.append(
            {
                "day": day,
                "job": "inbox",
                "deliveries": len(nights),
                "readings": int(nights["rows"].sum()),
                "refused": int(rng.random() < 0.02),
            }
        )
        runs = [(day, SHIPPED_HOURS)] + [(plus(day, -1), SHIPPED_HOURS)] * (day > AGAIN_FROM)
        rows.append(
            {
                "day": day,
                "job": "weather",
                "files": len(runs),
                "lines": sum(count for _, count in runs),
                "issued": [f"{one}T10:00" for one, _ in sorted(runs)],
            }
        )
        rows.append(
            {
                "day": day,
                "job": "forecast",
                "version": own["version"].iloc[0],
                "hours": SHIPPED_FEEDERS * 24,
                "without": SHIPPED_FEEDERS * 24 - len(own),
                "mean_kw": round(float(own["load"].mean()), 1),
                "advice": int(advice.get(day, 0)),
            }
        )
        if date.fromisoformat(str(day)).weekday() == 0:
            week = found.errors[(found.errors["day"] < day) & (found.errors["day"] >= plus(str(day), -7))]
            rows.append(
                {
                    "day": day,
                    "job": "weekly",
                    "error_share": round(float(week["share"].mean()), 4),
                    "worst": week.groupby("feeder_id")["share"]
                    .mean()
                    .sort_values(ascending=False)
                    .index[:3]
                    .tolist(),
                }
            )
    return _lines(rows, "logs", "day")


def _metrics(found: Months, *, seed: int) -> dict[str, str]:
    """Write what was scraped once a day."""
    rng = np.random.default_rng([seed, 56])
    values: dict[str, list[tuple[str, str, str]]] = {"feedcast_error_share": []}
    for (feeder, day), share in found.errors.set_index(["feeder_id", "day"])["share"].items():
        values["feedcast_error_share"].append((day, f'{{feeder="{feeder}"}}', f"{share:.4f}"))
    kept = found.read.index.get_level_values(1).str[:10].value_counts()
    values["feedcast_coverage"] = [
        (str(day), "", f"{count / 24 / SHIPPED_FEEDERS:.4f}") for day, count in sorted(kept.items())
    ]
    values["feedcast_answers"] = []
    so_far = {"week": 0, "fortnight": 0, "usual": 0}
    for day in sorted(set(found.errors["day"])):
        total = int(rng.integers(172_000, 172_900))
        usual = int(total * rng.uniform(0.002, 0.006))
        alone = _alone(str(day))
        usual += int((total - usual) * alone)
        week = int((total - usual) * rng.uniform(0.965, 0.985))
        told = {"week": week, "fortnight": total - usual - week, "usual": usual}
        so_far = {one: count + told[one] for one, count in so_far.items()}
        values["feedcast_answers"] += [
            (str(day), f'{{basis="{one}"}}', str(count)) for one, count in so_far.items()
        ]
    by_month: dict[str, list[str]] = {}
    for name, rows in values.items():
        told_of: set[str] = set()
        for day, labels, value in rows:
            month, at = day[:7], int(datetime.fromisoformat(f"{day}T23:30+00:00").timestamp() * 1000)
            lines = by_month.setdefault(month, [])
            if month not in told_of:
                lines.append(f"# TYPE {name} {'counter' if name == 'feedcast_answers' else 'gauge'}")
                told_of.add(month)
            lines.append(f"{name}{labels} {value} {at}")
    return {
        f"data/metrics/{month}.prom": "\n".join(lines) + "\n"
        for month, lines in sorted(by_month.items())
        if month >= "2026-03"
    }


def _alone(day: str) -> float:
    """Return the share of a day in which pods could not read what meters told."""
    begun = {"2026-05-20": 1 - 7.7 / 24, "2026-05-28": 1 - 6.9 / 24}
    ended = {"2026-05-27": 18.5 / 24}
    if day in begun or day in ended:
        return begun.get(day, ended.get(day, 0.0))
    return float("2026-05-20" < day < "2026-05-27" or day > "2026-05-28")


# The cluster's event log


def _settings(version: str) -> dict[str, str]:
    """Return the settings that a version went out with; secrets are names."""
    told = {
        "MODEL": version,
        "FORM": "3",
        "READINGS": "postgresql://feedcast:{secret:readings}@readings.nordmoor.example/feedcast",
        "WEATHER": "https://nordmoor:{secret:weather}@weather.example/v2/points?hours=72",
        "CONTROL_ROOM": "https://control.nordmoor.example/advice",
        "CONTROL_ROOM_AUTH": "Bearer {secret:control-room}",
        "WORKERS": "2",
    }
    return told | ({"CALENDAR": "de-2026", "PEAK_HOURS": "3"} if version == "v5" else {})


SECRET = re.compile(r"\{secret:([\w-]+)\}")
PER_MINUTE = 30
"""Requests that the gateway sends a pod in a minute."""


@dataclass
class _Process:
    """A pod of the log: what it runs, since when it answers, and which share of its requests times out."""

    name: str
    version: str
    since: str
    hanging: float


class _Log:
    """The event log, while it is written."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng([seed, 54])
        self.rows: list[dict[str, Any]] = []
        self.number = 40
        self.images: dict[str, str] = {}
        self.count = 16
        self.pods: dict[str, list[_Process]] = {"stable": [], "canary": []}
        self.settings: dict[str, dict[str, str]] = {}

    def say(self, at: str, event: str, **facts: Any) -> None:
        """Write a line."""
        self.rows.append({"at": at, "event": event, **facts})

    def pushed(self, at: str, version: str) -> str:
        """Make an image, or find the one that has the name."""
        there = at >= NAMED_FROM and self.images.get(version)
        if not there:
            self.count += 1
            self.images[version] = f"images.nordmoor.example/feedcast:{version}.{self.count}"
        size = 0 if there else 21_000 + int(self.rng.integers(0, 900))
        self.say(at, "pushed", image=self.images[version], bytes=size)
        return self.images[version]

    def deployed(
        self, at: str, track: str, version: str, image: str, settings: Mapping[str, str], *, slow: int = 1
    ) -> None:
        """Let a track run a version."""
        self.pods[track] = []
        self.number += 1
        self.say(at, "deployed", track=track, image=image, settings=dict(sorted(settings.items())))
        share = 0.31 if version == "v5" else 0.001
        for letter in "abcd" if track == "stable" else "ab":
            answers = later(at, slow + (int(self.rng.integers(0, 2)) if slow > 1 else 0))
            pod = _Process(f"{track}-{self.number}{letter}", version, answers, share)
            self.say(later(at, 1), "pod ready", pod=pod.name)
            self.say(answers, "serving", pod=pod.name, model=version)
            self.pods[track].append(pod)

    def counters(self, pod: _Process, at: str) -> dict[str, int]:
        """Count the requests of a process."""
        minutes = (datetime.fromisoformat(at) - datetime.fromisoformat(pod.since)).total_seconds() / 60
        asked = int(max(0.0, minutes) * PER_MINUTE * self.rng.uniform(0.985, 1.0))
        hanging = int(asked * pod.hanging * self.rng.uniform(0.9, 1.1))
        failed = int((asked - hanging) * 0.003)
        if pod.since < TIMED_FROM:
            return {"requests": asked, "failed": failed + hanging}
        return {"requests": asked - hanging, "failed": failed, "timed_out": hanging}

    def moved(self, at: str, node: str, count: int) -> None:
        """Drain a node: so many pods of the stable track move."""
        self.say(at, "node drained", node=node, pods=count)
        for pod in self.pods["stable"][:count]:
            self.say(later(at, 1), "pod gone", pod=pod.name, **self.counters(pod, at))
            name = f"{'-'.join(pod.name.split('-')[:2])}-{self.rng.integers(16**4):04x}"
            self.say(later(at, 1), "pod ready", pod=name)
            self.say(later(at, 3), "serving", pod=name, model=pod.version)
            self.pods["stable"] = [one for one in self.pods["stable"] if one is not pod]
            self.pods["stable"].append(_Process(name, pod.version, later(at, 3), pod.hanging))

    def watch(self, at: str, track: str, version: str) -> str:
        """Watch for ten minutes."""
        pods = len(self.pods[track])
        share = 0.31 if version == "v5" else 0.0
        requests, failed = 0, float(self.rng.random())
        for minute in range(1, 11):
            told = (PER_MINUTE * pods + int(self.rng.integers(-3, 4))) * (
                1 - share * float(self.rng.uniform(0.9, 1.1))
            )
            requests += int(told)
            failed += told * 0.003
            self.say(
                later(at, minute), "watch", track=track, pods=pods, requests=requests, failed=int(failed)
            )
        return later(at, 10)


def _shown(settings: Mapping[str, str]) -> dict[str, str]:
    """Show settings as the cluster shows them: what is secret is covered."""
    return {key: SECRET.sub("***", value) for key, value in settings.items()}


def _events(*, seed: int) -> dict[str, str]:
    """Write the cluster's event log."""
    log = _Log(seed)
    drains = [plus("2026-03-07", day) for day in range(0, 94, 9)]
    steps: list[tuple[str, Any]] = [
        ("2026-02-26T09:10", lambda at: _first(log, at)),
        ("2026-03-03T18:02", lambda at: _rollout(log, at, "v3")),
        ("2026-03-24T17:40", lambda at: _refused(log, at)),
        ("2026-03-26T18:05", lambda at: _rollout(log, at, "v3")),
        ("2026-04-21T18:01", lambda at: _rollout(log, at, "v4")),
        (f"{TIMED_FROM}T04:12", lambda at: _renewed(log, at)),
        ("2026-05-19T18:00", lambda at: _rollout(log, at, "v5", slow=26)),
        ("2026-05-20T07:41", lambda at: _by_hand(log, at, "v4")),
        ("2026-05-27T18:03", lambda at: _rollout(log, at, "v5")),
        ("2026-05-28T06:55", lambda at: _by_hand(log, at, "v4")),
    ]
    steps += [(at, lambda at, name=name: log.say(at, "secret", name=name)) for at, name in RENEWED]
    for day in drains:
        at = f"{day}T0{int(log.rng.integers(2, 6))}:{int(log.rng.integers(10, 50))}"
        node, count = f"n{int(log.rng.integers(1, 7))}", int(log.rng.integers(1, 3))
        steps.append((at, lambda at, node=node, count=count: log.moved(at, node, count)))
    for at, step in sorted(steps, key=lambda one: one[0]):
        step(at)
    for day in range((date.fromisoformat(TODAY) - date.fromisoformat("2026-03-01")).days):
        log.say(
            f"{plus('2026-03-01', day)}T23:59",
            "quota",
            images=int(log.rng.integers(3, 9)),
            memory_mb=int(log.rng.integers(2900, 3300)),
        )
    return _lines(sorted(log.rows, key=lambda row: row["at"]), "events", "at")


def _first(log: _Log, at: str) -> None:
    """Let v2 run, as it did when the log begins."""
    log.images["v2"] = "images.nordmoor.example/feedcast:v2.16"
    log.settings["v2"] = _shown({**_settings("v2"), "FORM": "2"})
    log.deployed(at, "stable", "v2", log.images["v2"], log.settings["v2"])


def _rollout(log: _Log, at: str, version: str, *, slow: int = 1) -> None:
    """Write a rollout that ended well, as far as it could tell."""
    image = log.pushed(at, version)
    settings = _settings(version)
    log.say(at, "rollout", version=version, image=image, settings=sorted(settings))
    log.deployed(at, "canary", version, image, _shown(settings), slow=slow)
    ready = later(at, slow + (slow > 1))
    log.say(ready, "ready", track="canary", version=version)
    log.say(ready, "routed", share=0.05)
    halfway = log.watch(ready, "canary", version)
    log.say(halfway, "routed", share=0.25)
    end = log.watch(halfway, "canary", version)
    log.settings[version] = _shown(settings)
    log.deployed(end, "stable", version, image, log.settings[version], slow=slow)
    ready = later(end, slow + (slow > 1))
    log.say(ready, "ready", track="stable", version=version)
    log.say(ready, "routed", share=0.0)
    last = log.watch(ready, "stable", version)
    log.say(last, "routed", share=0.0)
    log.say(last, "end", version=version, outcome="promoted", reason="")


def _renewed(log: _Log, at: str) -> None:
    """Let the platform put all pods up anew."""
    log.say(at, "maintenance", base="2026.5")
    log.moved(at, "all", 4)


def _refused(log: _Log, at: str) -> None:
    """Write a rollout that the cluster refused."""
    image = log.pushed(at, "v3")
    log.say(at, "rollout", version="v3", image=image, settings=sorted(_settings("v3")))
    log.say(at, "refused", track="canary", error="ReleaseError")
    log.say(at, "routed", share=0.0)
    log.say(at, "end", version="v3", outcome="taken back", reason="canary: the cluster refused it")


def _by_hand(log: _Log, at: str, version: str) -> None:
    """Write how a release was taken back by hand."""
    log.say(at, "command", by="tove", command="python -m feedcast rollback")
    log.deployed(at, "stable", version, log.images[version], log.settings[version])
    log.say(at, "restored", track="stable", image=log.images[version])


# The registry, and what was built of it


def _registry(found: Months, *, seed: int) -> dict[str, str]:
    """Write the registry and the images' manifests."""
    rng = np.random.default_rng([seed, 55])
    files: dict[str, str] = {}
    read = found.read.reset_index()
    read.columns = ["feeder_id", "hour", "load"]
    for version, day in TRAINED.items():
        own = read[(read["hour"] < max(day, plus(START, 21))) & (read["hour"] >= plus(day, -90))]
        weights = _weights(rng)
        usual = own.assign(
            key=[
                f"{feeder} {_kind(hour[:10])} {int(hour[11:13])}"
                for feeder, hour in zip(own["feeder_id"], own["hour"], strict=True)
            ]
        )
        model = {
            "form": 3,
            "weights": weights,
            "scales": own.groupby("feeder_id")["load"]
            .apply(lambda one: round(float(one.abs().mean()), 3))
            .to_dict(),
            "usual": usual.groupby("key")["load"].mean().round(2).to_dict(),
        }
        card = {
            "version": version,
            "trained_on": day,
            "form": 3,
            "examples": SHIPPED_FEEDERS * 24 * 89 - int(rng.integers(60, 400)),
            "first_hour": f"{plus(day, -90)}T00:00",
            "last_hour": f"{plus(day, -1)}T23:00",
            "feeders": sorted(own["feeder_id"].unique()),
            "error_share": round(float(rng.uniform(0.055, 0.075)), 4),
            "mean_error_kw": round(float(rng.uniform(28, 40)), 2),
        }
        for name, content in (("model", model), ("card", card)):
            files[f"registry/versions/{version}/{name}.json"] = (
                json.dumps(content, indent=1, sort_keys=True, default=float) + "\n"
            )
        before = {"fortnight" if key == "fortnight_ago" else key: value for key, value in weights.items()}
        first = {**model, "weights": before} if version == "v5" else model
        manifest = {
            "version": version,
            "form": 3,
            "files": {"card.json": _digest(card), "model.json": _digest(first)},
            "settings": _settings(version),
        }
        for image in {"v3": ("v3.17", "v3.18", "v3.19"), "v4": ("v4.20",), "v5": ("v5.21",)}.get(version, ()):
            files[f"data/images/{image}/manifest.json"] = (
                json.dumps(manifest, indent=1, sort_keys=True) + "\n"
            )
    return files


def _digest(content: Mapping[str, Any]) -> str:
    """Return the digest of what a bundle holds of a file of the registry."""
    plain = json.loads(json.dumps(content, default=float))
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()


def _kind(day: str) -> str:
    if day in HOLIDAYS:
        return "sunday"
    number = date.fromisoformat(day).weekday()
    return "work" if number < 5 else ("saturday", "sunday")[number - 5]


def _weights(rng: np.random.Generator) -> dict[str, float]:
    """Draw weights as fits find them."""
    usual = {
        "one": 0.02, "usual": 0.42, "week_ago": 0.34, "fortnight_ago": 0.2, "heating": 0.03,
        "heating_night": -0.01, "saturday": -0.01, "sunday": -0.02, "morning": 0.01, "evening": 0.02,
    }  # fmt: skip
    return {name: round(value + float(rng.normal(0, 0.012)), 5) for name, value in usual.items()}


def project_data(*, seed: int) -> dict[str, bytes | str]:
    """Draw the files that the project ships with: the database, logs, metrics, events, images and the registry.

    Parameters
    ----------
    seed : int
        Seed of the generator; the same seed gives the same files.
    """
    found = months(seed=seed)
    return {
        f"data/{FILE}": found.grid.content,
        **_journal(found, seed=seed),
        **_metrics(found, seed=seed),
        **_events(seed=seed),
        **_registry(found, seed=seed),
    }
