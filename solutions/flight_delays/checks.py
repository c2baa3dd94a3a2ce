"""Hidden checks of `flight_delays`: months that nobody has seen, a feed and a clock that the grader holds."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import norm, spearmanr

from unfit import Case, check, incident, measure
from unfit.experiments import promised

from .doubles import Clock, Feed, Look, archive, struck
from .world import (
    CALM,
    CARRIERS,
    FIRST_DAY,
    FOUR_HOURS,
    LEAD,
    ORIGINS,
    STORM,
    Year,
    asked,
    departure,
    flights,
    forecast_hour,
    misses,
    year,
)

RECENT, TRAIN = "delays.features:recent_delay", "delays.model:train"
FORECAST, NOTEBOOK = "delays.serve:forecast", "notebooks/report.ipynb"

# Minutes by which two forecasts that must be the same may differ: what is left is the order of summing.
SAME = 1e-6

Answers = list[dict[str, Any]]


# Worlds that checks share


@dataclass(frozen=True)
class _World:
    """A year, the flights to learn from with the weather of their months, flights of later months, and all flights."""

    where: Year
    past: pd.DataFrame
    weather: pd.DataFrame
    late: pd.DataFrame
    reports: pd.DataFrame
    look: Look

    @property
    def feed(self) -> Feed:
        """A feed that knows every hour of the year."""
        return Feed(self.look)


def _until(weather: pd.DataFrame, day: int) -> pd.DataFrame:
    return weather[weather["observed_at"] < _time(day)].reset_index(drop=True)


def _time(day: float) -> str:
    return f"{_moment(day):%Y-%m-%dT%H:%MZ}"


def _moment(day: float) -> pd.Timestamp:
    return (FIRST_DAY + pd.Timedelta(days=day)).tz_localize("UTC")


END = _moment(260)


def _world(case: Case) -> _World:
    return _drawn(case.shared_seed)


@lru_cache(maxsize=2)
def _drawn(seed: int) -> _World:
    where = year(seed=seed, days=260)
    past = flights(1300, seed=seed, where=where, days=(0, 120))
    late = flights(700, seed=seed + 1, where=where, days=(121, 255))
    reports = pd.concat([past, late], ignore_index=True)
    return _World(where, past, _until(where.weather, 122), late, reports, archive(where.weather))


def _model(case: Case, past: pd.DataFrame, weather: pd.DataFrame, **options: Any) -> Any:
    folder = case.folder(writable=False)
    case.call(TRAIN, past, weather, folder, **{"seed": case.shared_seed, **options})
    return folder


def _usual(case: Case) -> tuple[Any, _World]:
    """The model that most checks ask, and its world."""
    world = _world(case)
    return _model(case, world.past, world.weather), world


def _ask(
    case: Case,
    model: Any,
    rows: Answers,
    *,
    reports: pd.DataFrame,
    feed: Feed,
    now: Any = END,
    session: Any = None,
) -> dict[str, Any]:
    """Ask for forecasts, in a process of their own where no session is given."""
    doubles = case.double(feed, ["observation"]), case.double(Clock(now), ["now"])
    answer: dict[str, Any] = (session or case).call(FORECAST, model, rows, reports, *doubles)
    return answer


def _forecast(
    case: Case,
    model: Any,
    rows: Answers,
    *,
    reports: pd.DataFrame,
    feed: Feed,
    now: Any = END,
    session: Any = None,
) -> np.ndarray:
    """Minutes in the order of the requests; asked for in another order, by other names."""
    labels = case.relabel(row["flight_id"] for row in rows)
    batch = labels.records(rows, "flight_id", shuffled=True)
    answer = _ask(case, model, batch, reports=reports, feed=feed, now=now, session=session)
    return _minutes({"forecasts": labels.records_back(answer["forecasts"], "flight_id")}, rows)


def _minutes(answer: dict[str, Any], rows: Answers) -> np.ndarray:
    """Forecasts in the order of the requests; missing where there is none."""
    found = {row["flight_id"]: row["minutes"] for row in answer["forecasts"]}
    return np.array([found.get(row["flight_id"]) for row in rows], dtype=float)


def _apart(one: np.ndarray, other: np.ndarray) -> float:
    """Largest difference; a missing forecast is as far from any other as can be."""
    gap = np.where(np.isnan(one) & np.isnan(other), 0.0, np.abs(one - other))
    return float(np.nan_to_num(gap, nan=1e9).max(initial=0.0))


def _flown(table: pd.DataFrame, n: int) -> pd.DataFrame:
    """Some flights that arrived, of all days and airports."""
    arrived = table.dropna(subset="arr_delay")
    return arrived.sample(n, random_state=1).reset_index(drop=True)


def _delay(table: pd.DataFrame) -> np.ndarray:
    return np.asarray(table["arr_delay"].clip(upper=FOUR_HOURS), dtype=float)


# The notebook


def _archive(case: Case) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Flights and weather for the notebook, the same in every check; thirty flights on the last day."""
    return _filed(case.shared_seed)


@lru_cache(maxsize=4)
def _filed(seed: int, last_day: int = 30) -> tuple[pd.DataFrame, pd.DataFrame]:
    where = year(seed=seed, days=90)
    table = flights(900, seed=seed + 2, where=where, days=(0, 80), last_day=last_day)
    return table, _until(where.weather, 82)


def _evaluated(
    case: Case, table: pd.DataFrame, weather: pd.DataFrame, *, renamed: bool = True
) -> pd.DataFrame:
    """Run the notebook; held-out flights by id, foreign and repeated ones left to the guard that counts them."""
    labels = case.relabel(table["flight_id"] if renamed else ())
    held_out = _run(case, labels.table(table, "flight_id"), weather)["held_out"]
    rows = labels.back(held_out, "flight_id").drop_duplicates("flight_id").set_index("flight_id")
    rows = rows[rows.index.isin(table["flight_id"])]
    known = table.set_index("flight_id").reindex(rows.index)
    return rows.assign(fold=rows["fold"].astype(str), departs=departure(known), day=known["day"])


def _run(case: Case, table: pd.DataFrame, weather: pd.DataFrame, **options: Any) -> Any:
    files = {"data/flights.csv": table, "data/weather.csv": weather}
    return case.notebook(
        NOTEBOOK, files=files, returns=["held_out", "report"], **{"seed": case.shared_seed, **options}
    )


_Files = tuple[pd.DataFrame, pd.DataFrame]


def _unmoved(case: Case, label: str, before: pd.Series, usual: _Files, changed: _Files) -> None:
    """Run the notebook on changed files under other names, and compare the forecasts that must not move."""

    def ask(files: _Files) -> pd.Series:
        return _evaluated(case, *files)["forecast"].reindex(before.index)

    case.unmoved(label, ask, usual, changed, known=before, limit=SAME, missing=1e9, unit="minutes")


# Guards


@check
def requests_are_answered_one_for_one(case: Case) -> None:
    """Requests are answered one for one and in order, each with its minutes, at the time of the clock."""
    model, world = _usual(case)
    rows = asked(_flown(world.late, 60))
    answer, none = case.apart(
        lambda part: _ask(case, model, part, reports=world.reports, feed=world.feed), (rows, [])
    )
    ids = [[row["flight_id"] for row in listed] for listed in (answer["forecasts"], rows)]
    case.equal("flights in the answer", *ids)
    case.equal("answers with status ok", sum(row["status"] == "ok" for row in answer["forecasts"]), len(rows))
    case.equal("answers without minutes", int(np.isnan(_minutes(answer, rows)).sum()), 0)
    case.equal("answers to no requests", none["forecasts"], [])
    made = pd.to_datetime(answer["made_at"], utc=True, errors="coerce")
    case.equal("made at", made.isoformat(), END.isoformat())


# Rank correlation with what happened: over the worlds .72 with sd .05 (held-out flights .06) for trees and forests,
# without weather .57 with sd .1, and .37 and more with any defect beside; one forecast for all has none.
FLOOR, BLIND_FLOOR = 0.2, 0.15


@check
def forecasts_tell_late_flights_from_others(case: Case) -> None:
    """In months that nobody has seen, flights that were forecast to be later were later."""
    model, world = _usual(case)
    seen = _ranked(case, model, world, world.feed)
    case.compare("rank correlation with the delays", seen=seen, limit=FLOOR, direction="at least", sd=0.05)


def _late_months(
    case: Case, model: Any, world: _World, feed: Feed, session: Any = None
) -> tuple[np.ndarray, pd.DataFrame]:
    """Forecasts of 300 flights of late months, and the flights."""
    table = _flown(world.late, 300)
    rows = asked(table)
    return _forecast(case, model, rows, reports=world.reports, feed=feed, session=session), table


def _ranked(case: Case, model: Any, world: _World, feed: Feed, session: Any = None) -> float:
    """Rank correlation of forecasts of late months with what happened."""
    minutes, table = _late_months(case, model, world, feed, session)
    return _correlation(minutes, _delay(table))


def _correlation(minutes: np.ndarray, delay: np.ndarray) -> float:
    """Rank correlation; nothing where all are the same, or one is missing."""
    if not minutes.size or np.isnan(minutes).any() or min(np.ptp(minutes), np.ptp(delay)) < SAME:
        return 0.0
    return float(spearmanr(minutes, delay).statistic)


def _missed(case: Case, model: Any, world: _World) -> float:
    """Mean miss in minutes on late months; a missing forecast is four hours off."""
    minutes, table = _late_months(case, model, world, world.feed)
    return float(np.nan_to_num(np.abs(minutes - _delay(table)), nan=FOUR_HOURS).mean())


@check
def who_else_asks_makes_no_difference(case: Case) -> None:
    """A forecast is the same alone, in other company, in another order of fields and with unknown ones."""
    model, world = _usual(case)
    rows = asked(_flown(world.late, 30))
    turned = [dict(reversed(row.items())) | {"seats": 180, "partner": "Harbour Cars"} for row in rows]
    crowd = rows + [row | {"flight_id": f"X{at:05d}", "distance": 4963} for at, row in enumerate(rows)]
    usual, alone, other, many = case.apart(
        lambda part: _forecast(case, model, part, reports=world.reports, feed=world.feed),
        (rows, rows[:1], turned, crowd),
    )
    for where, one, seen in (
        ("alone", usual[:1], alone),
        ("in other company", usual, many[: len(rows)]),
        ("with fields in another order", usual, other),
    ):
        moved = _apart(one, seen)
        case.compare(f"a forecast moved by {{seen}} {where}", seen=moved, limit=SAME, unit="minutes")


@check
def a_request_that_cannot_be_read_is_marked(case: Case) -> None:
    """A request that cannot be read is unread, and the others are answered as usual."""
    model, world = _usual(case)
    rows = asked(_flown(world.late, 12))
    broken: dict[int, dict[str, Any]] = {
        1: {"sched_dep": "noon"}, 4: {"distance": "far"}, 6: {"day": None}, 9: {"sched_minutes": "two hours"},
    }  # fmt: skip
    spoilt = [row | broken.get(at, {}) for at, row in enumerate(rows)]
    del spoilt[11]["origin"]
    chosen = [*broken, 11]
    del spoilt[2]["sched_minutes"]
    usual, answer = case.apart(
        lambda part: _ask(case, model, part, reports=world.reports, feed=world.feed), (rows, spoilt)
    )
    if not case.equal("answers", len(answer["forecasts"]), len(rows)):
        return
    unread = [at for at, row in enumerate(answer["forecasts"]) if row["status"] == "unread"]
    case.equal("unread", unread, chosen)
    before, after = _minutes(usual, rows), _minutes(answer, rows)
    case.equal("unread requests with minutes", int((~np.isnan(after[chosen])).sum()), 0)
    others = [at for at in range(len(rows)) if at not in (*chosen, 2)]
    moved = _apart(before[others], after[others])
    case.compare("another forecast moved by {seen}", seen=moved, limit=SAME, unit="minutes")
    case.confirm("a flight whose scheduled minutes are left out has a forecast", not np.isnan(after[2]))


@check
def the_feed_is_asked_once_per_airport_and_hour(case: Case) -> None:
    """A call asks the feed once per airport and hour; flights whose hour it lacks are forecast without."""
    model, world = _usual(case)
    table = _flown(world.late, 40)
    rows = asked(pd.concat([table, table.assign(flight_id="B" + table["flight_id"])], ignore_index=True))
    feed = Feed(lambda origin, hour: None if origin == "JFK" else world.look(origin, hour))
    answer = _ask(case, model, rows, reports=world.reports, feed=feed)
    case.equal("questions put to the feed twice", len(feed.asked) - len(set(feed.asked)), 0)
    case.equal("answers without minutes", int(np.isnan(_minutes(answer, rows)).sum()), 0)


@check
def a_forecast_asked_for_late_is_the_same(case: Case) -> None:
    """Asked for at its moment or a week later, a forecast is the same."""
    model, world = _usual(case)
    table = _flown(world.late[world.late["day"] == world.late["day"].mode()[0]], 3)
    rows = asked(table)
    moments = (departure(table).max() - pd.Timedelta(hours=2), END)
    first, later = case.apart(
        lambda now: _forecast(case, model, rows, reports=world.reports, feed=world.feed, now=now), moments
    )
    _still(case, first, later)


@check
def a_rerun_gives_the_same(case: Case) -> None:
    """Training, forecasting and evaluating once more on the same data give the same."""
    world = _world(case)
    rows = asked(_flown(world.late, 30))

    def ask(more: int) -> tuple[np.ndarray, float]:
        seed = case.shared_seed + more
        model = _model(case, world.past, world.weather, seed=seed)
        minutes = _forecast(case, model, rows, reports=world.reports, feed=world.feed)
        return minutes, _run(case, *_archive(case), seed=seed)["report"]["value"]

    minutes, values = zip(*case.apart(ask, (0, 1)), strict=True)
    _still(case, *minutes)
    case.compare("the figure moved by {seen}", seen=abs(values[0] - values[1]), limit=SAME)


def _still(case: Case, one: np.ndarray, other: np.ndarray, why: str = "") -> None:
    """Compare forecasts that must be the same."""
    label = f"a forecast moved by {{seen}} {why}".strip()
    case.compare(label, seen=_apart(one, other), limit=SAME, unit="minutes")


@check
def the_figure_rests_on_real_flights(case: Case) -> None:
    """Held-out flights are real and arrived, each once, with their delays and with forecasts that tell them apart."""
    table, weather = _archive(case)
    rows = _run(case, table, weather)["held_out"]
    truth = (
        table.set_index("flight_id")["arr_delay"].clip(upper=FOUR_HOURS).reindex(rows["flight_id"]).to_numpy()
    )
    case.equal("held-out flights listed twice", int(rows["flight_id"].duplicated().sum()), 0)
    case.equal("held-out flights that never arrived", int(np.isnan(truth).sum()), 0)
    case.equal("held-out delays that are wrong", int((np.abs(truth - rows["delay"]) > SAME).sum()), 0)
    case.compare("held-out flights", seen=len(rows), limit=80, direction="at least")
    if rows.empty:
        return
    seen = _correlation(rows["forecast"].to_numpy(dtype=float), rows["delay"].to_numpy(dtype=float))
    case.compare("rank correlation with the delays", seen=seen, limit=FLOOR, direction="at least", sd=0.05)


@check
def a_recent_delay_is_that_of_the_carrier(case: Case) -> None:
    """The recent delay lies near how late the carrier's flights have been arriving."""
    world = _world(case)
    lines = _lines(range(30, 120, 9))
    seen = _recent(case, world.past, lines)
    truth = np.array([_week(world.past, carrier, at) for carrier, at in lines.itertuples(index=False)])
    missed = np.nan_to_num(np.abs(seen - truth), nan=FOUR_HOURS)
    # A week that looks ahead or ends too late: up to 8; one figure for all carriers: 13 and more.
    case.compare(
        "mean miss of a recent delay", seen=float(missed.mean()), limit=RECENT_MISS, sd=0.5, unit="minutes"
    )


RECENT_MISS = 11.0


def _lines(days: Any, hour: float = 11.0) -> pd.DataFrame:
    """Ask for some carriers on each of the days."""
    pairs = [(carrier, _time(day + hour / 24)) for day in days for carrier in ("AA", "DL", "UA")]
    return pd.DataFrame(pairs, columns=["carrier", "at"])


def _recent(case: Case, reports: pd.DataFrame, lines: pd.DataFrame) -> np.ndarray:
    minutes = np.asarray(case.call(RECENT, reports, lines)["minutes"], dtype=float)
    if len(minutes) != len(lines):
        case.fail(f"{len(minutes)} recent delays came back for {len(lines)} lines")
    return minutes


def _week(reports: pd.DataFrame, carrier: str, at: str) -> float:
    """The carrier's mean delay over its last seven reported days."""
    known = reports[(reports["carrier"] == carrier) & (reports["reported_at"] <= at)].dropna(
        subset="arr_delay"
    )
    last = sorted(known["reported_at"].unique())[-7:]
    return float(_delay(known[known["reported_at"].isin(last)]).mean()) if last else np.nan


# The split


@check(requires=("the_figure_rests_on_real_flights",))
def later_flights_do_not_reach_earlier_forecasts(case: Case) -> None:
    """Changing later flights and their weather leaves the forecasts of held-out flights up to a day unchanged."""
    table, weather = _archive(case)
    before = _evaluated(case, table, weather, renamed=False)
    if before.empty:
        case.fail("the notebook holds no flight out")
    due = before["departs"].sort_values()
    for moment in (due.iloc[len(due) // 2], due.iloc[0]):
        _later_flights_changed(case, before, moment)


def _later_flights_changed(case: Case, before: pd.DataFrame, moment: pd.Timestamp) -> None:
    """Change the flights after a moment and their weather, and watch the forecasts of held-out flights up to it."""
    table, weather = _archive(case)
    rng = np.random.default_rng([case.seed, 10])
    # Carrier, day and delay stay: the recent delay is another matter.
    later = (departure(table) > moment).to_numpy()
    fields = ["dest", "distance", "sched_minutes", "origin"]
    changed = table.copy()
    changed.loc[later, fields] = table.loc[later, fields].to_numpy()[rng.permutation(later.sum())]
    changed = changed.astype(table.dtypes.to_dict())
    after = (weather["observed_at"] > f"{moment:%Y-%m-%dT%H:%MZ}").to_numpy()
    other = weather.copy()
    other.loc[after, "wind_speed"] = weather.loc[after, "wind_speed"].to_numpy()[rng.permutation(after.sum())]
    watched = before.loc[before["departs"] <= moment, "forecast"]
    label = f"a forecast of up to {moment:%Y-%m-%d %H:%M} moved by {{seen}}"
    _unmoved(case, label, watched, _archive(case), (changed, other))


# What comes after landing


def _last_day(case: Case, files: _Files) -> tuple[pd.Series, pd.Series]:
    """The held-out flights of the last day, which no other flight may build on, and where they stand."""
    before = _evaluated(case, *files, renamed=False)
    last = before[before["day"] == files[0]["day"].max()]
    if last.empty:
        case.unproven("no flight of the last day is held out")
    return last["forecast"], files[0]["flight_id"].isin(last.index)


@check(requires=("the_figure_rests_on_real_flights",))
def a_flight_does_not_tell_its_own_forecast(case: Case) -> None:
    """When a flight left and how long it flew does not move its own forecast, whatever else is known of it."""
    table, weather = _archive(case)
    gap = (table["day"] == table["day"].max()) & (np.arange(len(table)) % 2 == 0)
    table = table.assign(sched_minutes=table["sched_minutes"].mask(gap))
    before, chosen = _last_day(case, (table, weather))
    later = table["dep_delay"].where(~chosen, table["dep_delay"] + 45)
    # Some an hour and a half longer, some with the wind: a model asks about an air time at few places.
    other = (table["air_time"] + 90).where(np.arange(len(table)) % 4 < 2, table["air_time"] * 0.8)
    changed = table.assign(dep_delay=later, air_time=table["air_time"].where(~chosen, other.round()))
    label = "a flight's own forecast moved by {seen}"
    _unmoved(case, label, before, (table, weather), (changed, weather))


# Misses where both fields were learnt, beside those where both were shuffled: 1.00 exactly where neither is read. Where
# they are learnt, and filled with typical values when forecasting, 1.29 with sd .09; left empty, 1.33 with sd .1.
AS_GOOD = 1.05


@check(requires=("requests_are_answered_one_for_one",))
def forecasts_need_nothing_that_comes_after_landing(case: Case) -> None:
    """Learnt with departure delays and air times that tell nothing, forecasts are no better than with the real ones."""
    model, world = _usual(case)
    rng = np.random.default_rng([case.shared_seed, 11])
    flown = world.past["arr_delay"].notna().to_numpy()
    shuffled = world.past.copy()
    for name in ("dep_delay", "air_time"):
        shuffled.loc[flown, name] = rng.permutation(world.past.loc[flown, name].to_numpy())
    other = _model(case, shuffled, world.weather)
    real, none = case.apart(lambda folder: _missed(case, folder, world), (model, other))
    case.compare(
        "misses, beside those without the fields", seen=real / max(none, SAME), limit=AS_GOOD, sd=0.01
    )
    rows = asked(_flown(world.late, 40))
    left = {"dep_delay": 300.0, "air_time": 400.0, "arr_delay": 310.0}, {"dep_delay": -20.0, "air_time": 20.0}
    told = [row | left[at % 2] for at, row in enumerate(rows)]
    pair = case.apart(
        lambda part: _forecast(case, model, part, reports=world.reports, feed=world.feed), (rows, told)
    )
    _still(case, *pair, "by what a request says of the flight itself")


# The recent delay

MOMENTS = ((40, 6.0), (75, 11.0), (100, 13.5))


def _known(case: Case, later: Any) -> None:
    """Change the delays of some flights that are not known at a moment, and watch the recent delays of that moment."""
    world = _world(case)
    for day, hour in MOMENTS:
        at = _time(day + hour / 24)
        chosen = later(world.past, at)
        delays = world.past["arr_delay"].where(~chosen, world.past["arr_delay"] + 50)
        label = f"a recent delay moved by {{seen}}, asked for at {at}"
        ask, changed = (
            partial(_recent_renamed, case, lines=_lines([day], hour)),
            world.past.assign(arr_delay=delays),
        )
        case.unmoved(label, ask, world.past, changed, limit=SAME, missing=1e9, unit="minutes")


def _recent_renamed(case: Case, reports: pd.DataFrame, *, lines: pd.DataFrame) -> np.ndarray:
    return _recent(case, case.relabel(reports["flight_id"]).table(reports, "flight_id"), lines)


@check(requires=("a_recent_delay_is_that_of_the_carrier",))
def a_recent_delay_knows_no_later_flight(case: Case) -> None:
    """Flights that leave after a moment do not move the recent delay of that moment."""
    _known(case, lambda table, at: departure(table) > pd.Timestamp(at))


@check(requires=("a_recent_delay_is_that_of_the_carrier",))
def a_recent_delay_knows_only_what_was_reported(case: Case) -> None:
    """Flights whose report comes after a moment do not move the recent delay of that moment: that of the list."""
    _known(
        case,
        lambda table, at: (departure(table) <= pd.Timestamp(at)) & (table["reported_at"] > at),
    )
    reports, lines = _with_gaps(case), pd.concat([_lines(range(0, 60, 4)), _lines(range(60, 130, 4), 16.0)])
    truth = [_week(reports, carrier, at) for carrier, at in lines.itertuples(index=False)]
    seen = _apart(_recent(case, reports, lines), np.array(truth))
    case.compare("a recent delay is {seen} off that of the list", seen=seen, limit=SAME, unit="minutes")


def _with_gaps(case: Case) -> pd.DataFrame:
    """Flights that arrived, where each carrier reported nothing on a third of the days, at random."""
    past = _world(case).past.dropna(subset="arr_delay")
    days = past["carrier"] + past["day"]
    silent = np.random.default_rng([case.shared_seed, 15]).random(days.nunique()) < 1 / 3
    return past[~days.isin(days.unique()[silent])].reset_index(drop=True)


@check(requires=("the_figure_rests_on_real_flights",))
def a_day_does_not_tell_its_own_delays(case: Case) -> None:
    """How late the flights of the last day arrived does not move their own forecasts."""
    # Two thirds of the held-out flights are of this day: what is chosen by the held-out error is chosen by them.
    table, weather = _filed(case.shared_seed, 160)
    before, chosen = _last_day(case, (table, weather))
    late = np.random.default_rng([case.shared_seed, 16]).permutation(CARRIERS)[::2]
    by = np.where(table["carrier"].isin(late), -130.0, 110.0)
    for turned in (by, -by):
        changed = table.assign(arr_delay=table["arr_delay"].where(~chosen, table["arr_delay"] + turned))
        label = "a flight's own forecast moved by {seen}"
        _unmoved(case, label, before, (table, weather), (changed, weather))


# Time


def _hours(table: pd.DataFrame) -> list[str]:
    return list(forecast_hour(table).dt.strftime("%Y-%m-%dT%H:%MZ"))


@check(requires=("requests_are_answered_one_for_one",))
def the_weather_is_that_of_the_hour(case: Case) -> None:
    """Learnt and asked, in winter and in summer, a flight goes by the weather of three hours before it leaves."""
    model, world = _usual(case)
    table = pd.concat([_flown(world.past[world.past["day"] < "2014-03-01"], 10), _flown(world.late, 10)])
    rows, right = asked(table), _hours(table)
    feeds = [
        Feed(look)
        for look in (struck([], STORM, CALM), struck(right, CALM, STORM), struck(right, STORM, CALM))
    ]
    usual, beside, within = case.apart(
        lambda feed: _forecast(case, model, rows, reports=world.reports, feed=feed), feeds
    )
    _still(case, usual, beside, "by storms in other hours")
    case.compare(
        "largest change by storms in the hour", seen=_apart(usual, within), limit=0.01, direction="at least"
    )
    _unlearnt(case, model, world, rows)
    _clocks_change(case, model, world, rows)


def _clocks_change(case: Case, model: Any, world: _World, rows: Answers) -> None:
    """Ask for flights of the hour that autumn's clock shows twice, and of the one that spring's leaves out."""
    hours = {"2013-11-03": "01:30", "2014-11-02": "01:10", "2014-03-09": "02:30"}
    odd = [
        row | {"flight_id": f"X{day}", "day": day, "sched_dep": hour}
        for row, (day, hour) in zip(rows, hours.items(), strict=False)
    ]
    feed, now = Feed(struck([], STORM, CALM)), _moment(320)
    ask = partial(_ask, case, model, reports=world.reports, feed=feed, now=now)
    with promised(case, "a flight of the hour that the clocks show twice or leave out"):
        usual, answer = case.apart(ask, (rows, [*odd[:2], *rows, *odd[2:]]))
    case.equal("answers where the clocks change", len(answer["forecasts"]), len(rows) + len(odd))
    _still(case, _minutes(usual, rows), _minutes(answer, rows), "where the clocks change for others")


def _unlearnt(case: Case, model: Any, world: _World, rows: Answers) -> None:
    """Deal anew, in training, the weather of hours that no flight goes by: forecasts must not move."""
    arrived = world.past
    used = set(zip(arrived["origin"], _hours(arrived), strict=True))
    weather = world.weather
    free = np.array(
        [pair not in used for pair in zip(weather["origin"], weather["observed_at"], strict=True)]
    )
    order = np.random.default_rng([case.shared_seed, 12]).permutation(free.sum())
    fields = list(STORM)
    dealt = weather.copy()
    dealt.loc[free, fields] = weather.loc[free, fields].to_numpy()[order]
    other = _model(case, world.past, dealt)
    pair = case.apart(
        lambda folder: _forecast(case, folder, rows, reports=world.reports, feed=world.feed), (model, other)
    )
    _still(case, *pair, "by other hours' weather in training")


@check(requires=("requests_are_answered_one_for_one",))
def the_clock_that_is_handed_over_counts(case: Case) -> None:
    """Set back to a day, the service forecasts by the weather up to then, whatever came later."""
    model, world = _usual(case)
    now = _moment(200) + pd.Timedelta(hours=15, minutes=20)
    table = _flown(world.late[departure(world.late) > now + pd.Timedelta(hours=12)], 20)
    rows = asked(table)
    gone = [hour for hour in world.where.weather["observed_at"].unique() if pd.Timestamp(hour) <= now]
    feeds = [Feed(look) for look in (struck([], STORM, CALM), struck(gone, CALM, STORM))]
    pair = case.apart(
        lambda feed: _forecast(case, model, rows, reports=world.reports, feed=feed, now=now), feeds
    )
    _still(case, *pair, "by storms that come later")
    early = sum(pd.Timestamp(hour) > now for _, hour in feeds[0].asked)
    case.equal("questions about hours to come", early, 0)
    _years_ahead(case, model, world)


def _years_ahead(case: Case, model: Any, world: _World) -> None:
    """Set the clock ahead of any machine's, and let storms come in all other hours than those of the forecasts."""
    table = _flown(world.late, 10).assign(day="2036-05-12")
    feeds = [Feed(look) for look in (struck([], STORM, CALM), struck(_hours(table), CALM, STORM))]
    ask = partial(
        _forecast, case, model, asked(table), reports=world.reports, now=pd.Timestamp("2036-05-14", tz="UTC")
    )
    pair = case.apart(lambda feed: ask(feed=feed), feeds)
    _still(case, *pair, "by storms in other hours, with the clock ahead")


# Minutes by which a forecast may depend on when it is asked for, in the same weather and with the same reports: a model
# may trust a day-old observation less. The hour or the weekday of the question, read for the flight's, moves it by 90.
BY_THE_MOMENT = 20.0
MONDAY, FRIDAY, SATURDAY = "2014-07-14", _moment(191), _moment(192)


@check(requires=("requests_are_answered_one_for_one",))
def a_flight_is_told_by_its_own_hour(case: Case) -> None:
    """Asked for days ahead, at whatever hour and on whatever day, a flight is told by its own hour and weekday."""
    world = _world(case)
    busy = (world.past["sched_dep"] >= "14:00").astype(float)
    weekend = (pd.to_datetime(world.past["day"]).dt.day_of_week >= 5).astype(float)
    past = world.past.assign(arr_delay=world.past["arr_delay"] + 90 * (busy + weekend))
    model = _model(case, past, world.weather)
    rows, feed = asked(_flown(world.late, 30).assign(day=MONDAY)), Feed(struck([], STORM, CALM))
    moments = [
        FRIDAY + pd.Timedelta(hours=10),
        FRIDAY + pd.Timedelta(hours=20),
        SATURDAY + pd.Timedelta(hours=20),
    ]
    friday, *others = case.apart(
        lambda now: _forecast(case, model, rows, reports=past, feed=feed, now=now), moments
    )
    for moment, seen in zip(moments[1:], others, strict=True):
        label = f"a forecast moved by {{seen}}, asked for at {moment:%Y-%m-%d %H:%M}"
        case.compare(label, seen=_apart(friday, seen), limit=BY_THE_MOMENT, unit="minutes")
    _as_learnt(case, model, rows[0], reports=past, feed=feed)


# Days and hours that were learnt alike, and lie an hour or more from where they part. Forecasts of one group differ by
# the hour of the day, by less than 15 minutes; where the flight's hour is UTC's in training alone, by the 90.
ALIKE = 45.0
LEARNT = {
    "at seven, nine, eleven and one": [(MONDAY, f"{hour}:00") for hour in ("07", "09", "11", "13")],
    "at three, five and seven": [(MONDAY, f"{hour}:00") for hour in ("15", "17", "19")],
    "from Monday to Friday": [(f"2014-07-{14 + day}", "10:00") for day in range(5)],
    "on Saturday and Sunday": [("2014-07-19", "10:00"), ("2014-07-20", "10:00")],
}


def _as_learnt(case: Case, model: Any, row: dict[str, Any], *, reports: pd.DataFrame, feed: Feed) -> None:
    """Ask for one flight at hours and on days that were learnt to be alike."""
    groups = [group for group, leaves in LEARNT.items() for _ in leaves]
    leaves = [one for group in LEARNT.values() for one in group]
    rows = [
        row | {"flight_id": f"L{at:02d}", "day": day, "sched_dep": hour}
        for at, (day, hour) in enumerate(leaves)
    ]
    told = pd.Series(_forecast(case, model, rows, reports=reports, feed=feed), index=groups)
    for group, minutes in told.groupby(level=0, sort=False):
        label = f"forecasts of one flight, {group}, differ by {{seen}}"
        seen = float(np.nan_to_num(np.ptp(minutes.to_numpy()), nan=1e9))
        case.compare(label, seen=seen, limit=ALIKE, unit="minutes")


# The feed

FAILURES = {"JFK": TimeoutError("no answer within 2 s"), "LGA": ConnectionError("reset by peer")}


@check(requires=("requests_are_answered_one_for_one",))
def a_failing_feed_stops_no_forecast(case: Case) -> None:
    """Flights whose weather cannot be had are forecast from the rest and marked; all others as ever."""
    model, world = _usual(case)
    table = _flown(world.late, 60)
    rows = asked(table)
    feed = world.feed
    usual = _forecast(case, model, rows, reports=world.reports, feed=world.feed)
    # A process that has met the failing feed: whether it finds back is what is judged.
    with case.session() as session:
        for where, down in _failing(table).items():
            feed.down, feed.asked = dict(down), []
            up = _up(table, down)
            doubles = case.double(feed, ["observation"]), case.double(Clock(END), ["now"])
            attempt = session.attempt(FORECAST, model, rows, world.reports, *doubles)
            label = f"with the feed down for {where}"
            _without(case, label, attempt, rows=rows, usual=usual, up=up)
            case.equal(f"{label}: questions put to the feed twice", len(feed.asked) - len(set(feed.asked)), 0)
        feed.down = dict.fromkeys(ORIGINS, FAILURES["JFK"])
        seen = _ranked(case, model, world, feed, session)
        case.compare(
            "rank correlation with the delays, without weather",
            seen=seen,
            limit=BLIND_FLOOR,
            direction="at least",
            sd=0.1,
        )
        feed.down = {}
        again = _forecast(case, model, rows, reports=world.reports, feed=feed, session=session)
    _still(case, usual, again, "once the feed is back")


def _failing(table: pd.DataFrame) -> dict[str, dict[Any, Exception]]:
    """What is down, in words: each two of the airports, and every third day of each."""
    errors = list(FAILURES.values())
    pairs = (("JFK", "LGA"), ("EWR", "JFK"), ("LGA", "EWR"))
    down: dict[str, dict[Any, Exception]] = {
        " and ".join(pair): dict(zip(pair, errors, strict=True)) for pair in pairs
    }
    days = enumerate(_single_days(table))
    return down | {"single days": {key: errors[at % 2] for at, keys in days for key in keys}}


def _single_days(table: pd.DataFrame) -> list[list[tuple[str, str]]]:
    """Every third day of each airport, as its hours.

    A day goes from two to two in UTC. All looks three hours before a departure of that day are in it, whether the
    timetable is read in local time or in UTC, which another check judges.
    """
    days = sorted(set(zip(table["origin"], table["day"], strict=True)))[1::3]
    return [
        [(origin, f"{hour:%Y-%m-%dT%H:%MZ}") for hour in pd.date_range(f"{day}T02:00Z", periods=24, freq="h")]
        for origin, day in days
    ]


def _up(table: pd.DataFrame, down: Collection[Any]) -> np.ndarray:
    """Which flights have their weather, with some airports down, or airports and hours."""
    keys = zip(table["origin"], _hours(table), strict=True)
    return np.array([airport not in down and (airport, hour) not in down for airport, hour in keys])


def _without(
    case: Case, label: str, attempt: Any, *, rows: Answers, usual: np.ndarray, up: np.ndarray
) -> None:
    """Hold an answer to what is down: what lacks its weather is marked, and the rest is as usual."""
    if attempt.fault is not None:
        case.fail(f"{label} the call ended: {attempt.fault.message}")
    _marked(case, label, attempt.value, rows=rows, usual=usual, up=up)


def _marked(
    case: Case, label: str, answer: dict[str, Any], *, rows: Answers, usual: np.ndarray, up: np.ndarray
) -> None:
    """Hold an answer to what the feed lacks: flights without their weather are marked, and the rest is as usual."""
    status = {row["flight_id"]: row["status"] for row in answer["forecasts"]}
    marked = np.array([status.get(row["flight_id"]) == "no_weather" for row in rows])
    case.equal(f"{label}: flights that are marked, as they should be", int((marked != up).sum()), len(rows))
    minutes = _minutes(answer, rows)
    case.equal(f"{label}: flights without minutes", int(np.isnan(minutes).sum()), 0)
    _still(case, usual[up], minutes[up], f"though its weather is known, {label}")


@check(requires=("requests_are_answered_one_for_one",))
def a_gap_in_the_weather_moves_no_other_flight(case: Case) -> None:
    """Flights whose hour the feed lacks are forecast from the rest and marked; all others go by their own weather."""
    model, world = _usual(case)
    table = _flown(world.late, 60)
    rows = asked(table)
    gaps: dict[str, set[Any]] = {
        "an airport": {"JFK"},
        "single days": {key for keys in _single_days(table) for key in keys},
    }
    feeds = [world.feed, *(Feed(_gappy(world.look, gap)) for gap in gaps.values())]
    usual, *answers = case.apart(
        lambda feed: _ask(case, model, rows, reports=world.reports, feed=feed), feeds
    )
    for (where, gap), answer in zip(gaps.items(), answers, strict=True):
        label, up = f"where the feed has nothing for {where}", _up(table, gap)
        _marked(case, label, answer, rows=rows, usual=_minutes(usual, rows), up=up)


def _gappy(look: Look, gap: set[Any]) -> Look:
    """Look observations up, but for some airports, or airports and hours."""
    return lambda origin, hour: None if {origin, (origin, hour)} & gap else look(origin, hour)


# The watch


def _told(case: Case, days: tuple[int, int], n: int, off: float, *, more: int = 0) -> pd.DataFrame:
    """Reported flights whose forecasts missed by so many minutes, either way, and five besides."""
    world = _world(case)
    table = flights(n + 100, seed=case.shared_seed + 3 + more, where=world.where, days=days)
    table = table.dropna(subset="arr_delay")[:n]
    rng = np.random.default_rng([case.shared_seed, 13])
    side = np.where(rng.random(len(table)) < 0.5, -off, off)
    return table.assign(forecast=_delay(table) + side + rng.normal(0, 5, len(table)))


def _woken(
    case: Case, model: Any, rows: Answers, *, reports: pd.DataFrame, feed: Feed, now: Any = END
) -> list[str]:
    answer = _ask(case, model, rows, reports=reports, feed=feed, now=now)
    return sorted({alert["kind"] for alert in answer["alerts"]})


# Typical errors of honest models are 11 to 18 minutes, 5 with a field that tells; here forecasts miss by 70 or by 4.
WRONG = 70.0
# Days of two lots of flights, and a moment between them.
BEFORE, BETWEEN, AFTER = (122, 200), _moment(205), (210, 250)


@check(requires=("requests_are_answered_one_for_one",))
def somebody_is_woken_when_forecasts_go_wrong(case: Case) -> None:
    """When the last three hundred forecasts missed far more than is typical, somebody is woken."""
    model, world = _usual(case)
    rows, feed = asked(_flown(world.late, 10)), world.feed
    fine = _told(case, BEFORE, 900, 0.0)
    scattered = _told(case, AFTER, 420, WRONG, more=1)
    one_way = scattered.assign(forecast=_delay(scattered) - WRONG)
    wrong = {"either way": scattered, "too low": one_way}
    alerts = case.apart(
        lambda told: _woken(case, model, rows, reports=pd.concat([told, fine]), feed=feed), wrong.values()
    )
    for label, seen in zip(wrong, alerts, strict=True):
        case.equal(f"forecasts {label}, after a good year: alerts", seen, ["error"])


@check(
    requires=("requests_are_answered_one_for_one",),
    blocked_by={
        "the_clock_that_is_handed_over_counts": "by the machine's clock all reports of the replay have come"
    },
)
def a_replay_wakes_whom_the_day_would_have(case: Case) -> None:
    """Set back to a day, the watch counts the reports that had come by then, and no later ones."""
    model, world = _usual(case)
    rows, feed = asked(_flown(world.late, 10)), world.feed
    for label, off, kinds in (
        ("wrong then, and mended later", (WRONG, 0.0), ["error"]),
        ("wrong only later", (0.0, WRONG), []),
    ):
        told = [_told(case, days, 420, one, more=1) for days, one in zip((BEFORE, AFTER), off, strict=True)]
        seen = _woken(case, model, rows, reports=pd.concat(told), feed=feed, now=BETWEEN)
        case.equal(f"{label}: alerts", seen, kinds)


@check(after=("somebody_is_woken_when_forecasts_go_wrong",))
def nobody_is_woken_for_nothing(case: Case) -> None:
    """Nobody is woken while forecasts miss as ever, after they have mended, or for too few flights."""
    model, world = _usual(case)
    rows, feed = asked(_flown(world.late, 10)), world.feed
    fine = _told(case, AFTER, 420, 0.0)
    before = _told(case, BEFORE, 420, WRONG, more=1)
    few = _told(case, AFTER, 299, WRONG)
    long = fine.assign(arr_delay=900.0, forecast=FOUR_HOURS - 5.0)
    cases = {
        "as ever": fine,
        "mended": pd.concat([fine, before]),
        "299 flights": few,
        "longer than four hours": long,
        "no forecast was given": fine.assign(forecast=np.nan),
    }
    alerts = case.apart(lambda reports: _woken(case, model, rows, reports=reports, feed=feed), cases.values())
    for label, seen in zip(cases, alerts, strict=True):
        case.equal(f"{label}: alerts", seen, [])
    told = _told(case, AFTER, 300, MISSED)
    seen = _woken(case, _model(case, _noise(case), world.weather), rows, reports=told, feed=feed)
    case.equal("as far off as a model must be that learns from noise: alerts", seen, [])


# Where there is nothing to learn, flights that the model has not met are missed by 29 to 35 minutes, and those that it
# was fitted on by 21 to 24: twice the one is above 58, and twice the other below 49.
MISSED = 52.0


def _noise(case: Case) -> pd.DataFrame:
    """Draw 300 flights that arrive as chance will have it, any twenty in a row as spread as all of them."""
    where = _world(case).where
    table = flights(330, seed=case.shared_seed + 5, where=where, days=(0, 120))
    table = table.dropna(subset="arr_delay")[:300].sort_values(["day", "sched_dep"], ignore_index=True)
    rng = np.random.default_rng([case.shared_seed, 17])
    spread = 40 * norm.ppf((np.arange(20) + 0.5) / 20)
    return table.assign(arr_delay=np.concatenate([rng.permutation(spread) for _ in range(15)]).round())


@check(requires=("requests_are_answered_one_for_one",))
def an_outage_of_the_weather_wakes_somebody(case: Case) -> None:
    """When the feed knows nothing of most of twenty flights or more, somebody is woken."""
    model, world = _usual(case)
    kennedy = world.late["origin"] == "JFK"
    # One flight a day: no two of them share an hour of weather.
    days = (world.late[part].drop_duplicates("day") for part in (kennedy, ~kennedy))
    blind, seeing = (asked(_flown(part, 20)) for part in days)
    unread = [row | {"flight_id": f"U{at}", "sched_dep": "noon"} for at, row in enumerate(blind[:4])]
    feed = Feed(lambda origin, hour: world.look(origin, hour) if origin != "JFK" else None)
    expected: dict[str, tuple[Answers, list[str]]] = {
        "twenty of twenty flights without weather": (blind, ["weather"]),
        "nineteen of nineteen": (blind[:19], []),
        "eleven of twenty": (blind[:11] + seeing[:9], ["weather"]),
        "half of twenty": (blind[:10] + seeing[:10], []),
        "ten of twenty-two, where four are unread": (blind[:10] + seeing[:8] + unread, []),
    }
    alerts = case.apart(
        lambda rows: _woken(case, model, rows, reports=world.past, feed=feed),
        [rows for rows, _ in expected.values()],
    )
    for (label, (_, kinds)), seen in zip(expected.items(), alerts, strict=True):
        case.equal(f"{label}: alerts", seen, kinds)


# The figure


@check(requires=("the_figure_rests_on_real_flights",))
def the_figure_is_the_share_of_all_minutes(case: Case) -> None:
    """The figure is the sum of the misses over the sum of the delays, of the held-out flights together."""
    if _recomputed(case, "", _archive(case)):
        _recomputed(case, " over many days, some of them on time", _many_days(case.shared_seed))


def _recomputed(case: Case, where: str, files: _Files) -> bool:
    """Run the notebook, and compare its figure with that of the rows that it lists."""
    run = _run(case, *files)
    rows = run["held_out"]
    missed = (rows["forecast"] - rows["delay"]).abs().sum()
    seen = abs(run["report"]["value"] - missed / max(rows["delay"].abs().sum(), SAME))
    return case.compare(f"claimed less recomputed share{where}", seen=float(seen), limit=SAME)


@lru_cache(maxsize=2)
def _many_days(seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Flights and weather of half a year, whose last quarter of flights is of some 115 days; on a third of all days
    every flight arrives on time."""
    where = year(seed=seed + 6, days=165)
    parts = ((675, (0, 45)), (225, (46, 160)))
    table = pd.concat([flights(n, seed=seed + 6, where=where, days=days) for n, days in parts])
    days = table["day"].unique()
    even = days[np.random.default_rng([seed, 18]).random(len(days)) < 1 / 3]
    table["arr_delay"] = table["arr_delay"].mask(table["day"].isin(even) & table["arr_delay"].notna(), 0.0)
    return table.sort_values("carrier", kind="stable", ignore_index=True), _until(where.weather, 163)


# What looks wrong and is right


@check
def flights_that_never_arrived_count_nowhere(case: Case) -> None:
    """Forecasts are the same whether or not cancelled flights stand among those to learn from."""
    model, world = _usual(case)
    arrived = world.past.dropna(subset="arr_delay").reset_index(drop=True)
    _alike(case, world, model, _model(case, arrived, world.weather))


@check
def beyond_four_hours_nothing_changes(case: Case) -> None:
    """A delay of six hours and one of sixteen teach the same."""
    world = _world(case)
    chosen = world.past["arr_delay"].notna() & (world.past.index % 60 == 0)
    pair = case.apart(
        lambda late: _model(
            case, world.past.assign(arr_delay=world.past["arr_delay"].where(~chosen, late)), world.weather
        ),
        (360.0, 960.0),
    )
    _alike(case, world, *pair)


def _alike(case: Case, world: _World, one: Any, other: Any) -> None:
    rows = asked(_flown(world.late, 40))
    pair = case.apart(
        lambda model: _forecast(case, model, rows, reports=world.reports, feed=world.feed), (one, other)
    )
    _still(case, *pair)


@check
def no_gust_is_steady_wind(case: Case) -> None:
    """An observation without a gust is one whose gust is the wind."""
    model, world = _usual(case)
    rows = asked(_flown(world.late, 40))
    windy = {**CALM, "wind_speed": 24.0, "wind_gust": None}
    looks = [struck([], line, line) for line in (windy, {**windy, "wind_gust": 24.0})]
    pair = case.apart(
        lambda look: _forecast(case, model, rows, reports=world.reports, feed=Feed(look)), looks
    )
    _still(case, *pair)


# What it costs


@measure
def minutes(case: Case) -> dict[str, float]:
    """Minutes that dispatchers miss by, flights that nobody forecasts, and what the figure keeps from them."""
    where = year(seed=case.seed, days=260)
    table = flights(1800, seed=case.seed, where=where, days=(0, 120))
    claimed = _run(case, table, _until(where.weather, 122), seed=case.seed)["report"]["value"]
    past = table[table["reported_at"] < _time(90)]
    model = _model(case, past, _until(where.weather, 90), seed=case.seed)
    with case.session(seconds=60) as session:
        told, came = _served(case, session, model, where, table)
        alone = _flaky_night(case, session, model, where)
        eve = _on_the_eve(case, session, model, where, table)
        lacking = _one_hour_lacking(case, session, model, where)
        week = _week_of_wrong_forecasts(case, session, model, where)
    share = float(np.abs(told - came).sum() / np.abs(came).sum())
    return {
        "minutes missed per flight": misses(told, came),
        "share of missed minutes that the figure hides": share - claimed,
        "share of missed minutes by which the figure is off": abs(share - claimed),
        "flights in 100 without a forecast while one answer of the feed in fifty fails": alone,
        "minutes missed per flight in the week after the forecasts went wrong": float(np.mean(week[1])),
        "minutes missed per flight that is asked for on the eve": eve,
        "minutes missed per flight in calls in which the feed lacks one hour": lacking,
    }


def _served(
    case: Case, session: Any, model: Any, where: Year, table: pd.DataFrame
) -> tuple[np.ndarray, np.ndarray]:
    """Forecast the flights of every second day of the held-out month, each with the reports that had come by then."""
    feed, told, came = Feed(archive(where.weather)), [], []
    for day in range(91, 121, 2):
        today = table[table["day"] == _time(day)[:10]].dropna(subset="arr_delay")
        noon = _moment(day + 14 / 24)  # when yesterday's report comes
        afternoon = departure(today) - LEAD >= noon
        for part, until in ((today[~afternoon], day), (today[afternoon], day + 14 / 24)):
            rows, reports = asked(part), table[table["reported_at"] <= _time(until)]
            answer = _ask(
                case,
                model,
                rows,
                reports=reports,
                feed=feed,
                now=noon + pd.Timedelta(days=1),
                session=session,
            )
            told.append(_minutes(answer, rows))
            came.append(_delay(part))
    return np.nan_to_num(np.concatenate(told)), np.concatenate(came)


def _on_the_eve(case: Case, session: Any, model: Any, where: Year, table: pd.DataFrame) -> float:
    """Forecast flights of every fifth day, asked for at eight in the evening (UTC) on the day before."""
    feed, missed = Feed(archive(where.weather)), []
    for day in range(92, 121, 5):
        part = table[table["day"] == _time(day)[:10]].dropna(subset="arr_delay")
        eve, rows = day - 4 / 24, asked(part)
        reports = table[table["reported_at"] <= _time(eve)]
        answer = _ask(case, model, rows, reports=reports, feed=feed, now=_moment(eve), session=session)
        missed.append((_minutes(answer, rows), _delay(part)))
    told, came = (np.concatenate(one) for one in zip(*missed, strict=True))
    return misses(told, came)


def _one_hour_lacking(case: Case, session: Any, model: Any, where: Year) -> float:
    """Forecast forty flights in each of five calls, in which the feed has nothing for one airport and hour."""
    table = flights(400, seed=case.seed + 4, where=where, days=(130, 200)).dropna(subset="arr_delay")
    missed = []
    for first in range(0, 200, 40):
        part = table.sample(frac=1, random_state=1)[first : first + 40]
        rows, gap = asked(part), {min(zip(part["origin"], _hours(part), strict=True))}
        feed = Feed(_gappy(archive(where.weather), gap))
        answer = _ask(case, model, rows, reports=table, feed=feed, session=session)
        missed.append((_minutes(answer, rows), _delay(part)))
    told, came = (np.concatenate(one) for one in zip(*missed, strict=True))
    return misses(told, came)


def _flaky_night(case: Case, session: Any, model: Any, where: Year) -> float:
    """Flights in 100 without a forecast, in twelve calls for ten flights each, where one question in fifty fails."""
    table = flights(200, seed=case.seed + 2, where=where, days=(130, 133)).dropna(subset="arr_delay")[:120]
    rng, look = np.random.default_rng([case.seed, 14]), archive(where.weather)
    keys = sorted(set(zip(table["origin"], _hours(table), strict=True)))
    failing = {key for key, drawn in zip(keys, rng.random(len(keys)), strict=True) if drawn < 0.02} or {
        keys[0]
    }

    def flaky(origin: str, hour: str) -> Any:
        if (origin, hour) in failing:
            raise FAILURES["JFK"]
        return look(origin, hour)

    clock, without = case.double(Clock(END), ["now"]), 0
    for first in range(0, len(table), 10):
        rows = asked(table[first : first + 10])
        feed = case.double(Feed(flaky), ["observation"])
        answer = session.attempt(FORECAST, model, rows, table, feed, clock).value or {"forecasts": []}
        without += int(np.isnan(_minutes(answer, rows)).sum())
    return 100 * without / len(table)


def _week_of_wrong_forecasts(
    case: Case, session: Any, model: Any, where: Year
) -> tuple[list[list[str]], list[float]]:
    """Let all forecasts be seventy minutes too high from a day on; say who is woken, and what each day misses.

    Once somebody is woken, dispatchers go by the timetable.
    """
    first, until = 228, 235  # a Sunday
    table = flights(1400, seed=case.seed + 3, where=where, days=(first - 14, until), told=True)
    table = table.dropna(subset="arr_delay")
    wrong = table["day"] >= _time(first)[:10]
    table = table.assign(forecast=table["forecast"].where(~wrong, table["forecast"] + WRONG))
    rows, feed = asked(table[:5]), Feed(archive(where.weather))
    woken, missed = [], []
    for day in range(first, until):
        now = _moment(day + 0.6)
        reports = table[table["reported_at"] <= f"{now:%Y-%m-%dT%H:%MZ}"]
        answer = _ask(case, model, rows, reports=reports, feed=feed, now=now, session=session)
        woken.append(sorted({alert["kind"] for alert in answer["alerts"]}))
        today = table[table["day"] == _time(day)[:10]]
        told = np.full(len(today), np.nan) if ["error"] in woken else today["forecast"].to_numpy()
        missed.append(misses(told, _delay(today)))
    return woken, missed


# Incidents, for the conversation


def _said(answers: Answers) -> str:
    """Answers in words: how often each status."""
    statuses = [row["status"] for row in answers]
    return ", ".join(f"{statuses.count(one)} {one}" for one in dict.fromkeys(statuses)) or "nothing"


def _woken_said(answer: dict[str, Any]) -> str:
    return ", ".join(sorted({alert["kind"] for alert in answer["alerts"]})) or "nobody"


def _changed(one: np.ndarray, other: np.ndarray) -> int:
    """Forecasts that differ, or that only one of the two has."""
    return int((np.nan_to_num(np.abs(one - other), nan=1e9) > SAME).sum())


@incident("What do the flights from Newark get?", "What do the others get?", "Who is woken?")
def two_airports_fall_silent(case: Case) -> list[str]:
    """On Friday evening the weather feed answers for Newark only: for Kennedy its client gives up after two seconds,
    for La Guardia the connection is reset. 60 flights are asked for, of all three airports."""
    model, world = _usual(case)
    table = _flown(world.late, 60)
    answer = _ask(case, model, asked(table), reports=world.past, feed=Feed(world.look, down=FAILURES))
    up = table["origin"] == "EWR"
    parts = [
        [row for row, here in zip(answer["forecasts"], up, strict=True) if here is at] for at in (True, False)
    ]
    return [*map(_said, parts), _woken_said(answer)]


@incident("For which hours, in UTC, is the feed asked?", "What do the three flights get?")
def the_clocks_go_forward(case: Case) -> list[str]:
    """On Sunday, 9 March 2014, New York's clocks go from two to three in the morning. A week later an auditor asks
    for three flights of that day from Newark: due at 01:30, at 03:30 and at 08:30."""
    model, world = _usual(case)
    table = world.past[:3].assign(day="2014-03-09", origin="EWR", sched_dep=["01:30", "03:30", "08:30"])
    feed = world.feed
    answer = _ask(case, model, asked(table), reports=world.past, feed=feed, now=_moment(74))
    hours = sorted({hour[:16].replace("T", " ") for _, hour in feed.asked})
    return [", ".join(hours) or "none", _said(answer["forecasts"])]


@incident(
    "What do the ten get?", "How many minutes, in the middle?", "How many of the other forecasts change?"
)
def an_airline_that_nobody_has_met(case: Case) -> list[Any]:
    """Since Monday NK flies from La Guardia, and no flight of it has been reported yet. Of 30 flights that are asked
    for ten are its; the day before, the other 20 had been asked for without them."""
    model, world = _usual(case)
    rows = asked(_flown(world.late, 30))
    theirs = [row | {"carrier": "NK", "origin": "LGA"} for row in rows[:10]]
    usual, answer = case.apart(
        lambda part: _ask(case, model, part, reports=world.reports, feed=world.feed),
        (rows[10:], theirs + rows[10:]),
    )
    before = _minutes(usual, rows[10:])
    told = _minutes({"forecasts": answer["forecasts"][:10]}, theirs)
    middle = "none" if np.isnan(told).all() else f"{np.nanmedian(told):.0f}"
    return [_said(answer["forecasts"][:10]), middle, _changed(before, _minutes(answer, rows[10:]))]


@incident("How many of the 30 forecasts differ?", "By how many minutes, at most?")
def the_airlines_reports_are_late(case: Case) -> list[Any]:
    """The airlines' computer has been down: in the evening the newest report is three days old. 30 flights of the next
    morning are forecast; when the reports have come, the same call is replayed with them, the clock set back."""
    model, world = _usual(case)
    table = flights(50, seed=case.seed, where=world.where, days=(201, 201)).dropna(subset="arr_delay")[:30]
    rows, now = asked(table), _moment(200.9)
    known = world.reports[world.reports["reported_at"] <= _time(200.9)]
    without = known[known["reported_at"] <= _time(198)]
    pair = case.apart(
        lambda table: _forecast(case, model, rows, reports=table, feed=world.feed, now=now), (without, known)
    )
    return [_changed(*pair), f"{_apart(*pair):.1f}"]


@incident("On which day is somebody woken for it?", "By how many minutes do dispatchers miss, over the week?")
def forecasts_are_seventy_minutes_too_high(case: Case) -> list[str]:
    """A release of another team adds seventy minutes to every forecast on its way to the dispatchers, from Sunday on.
    About sixty flights a day are reported with the forecasts that they got; once somebody is woken, dispatchers go by
    the timetable."""
    model, world = _usual(case)
    with case.session(seconds=30) as session:
        woken, missed = _week_of_wrong_forecasts(case, session, model, world.where)
    days = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
    first = next((day for day, kinds in zip(days, woken, strict=True) if "error" in kinds), "on none")
    return [first, f"{np.mean(missed):.0f}"]


@incident(
    "How many different hours is the feed asked for, the first time?",
    "And the second time?",
    "How many of the 20 forecasts change?",
)
def asked_for_on_the_eve(case: Case) -> list[Any]:
    """A hotel wants to plan: at eight in the evening, New York time, it asks for 20 flights of the next day. When all
    of them have left it asks again, as of then."""
    model, world = _usual(case)
    table = flights(50, seed=case.seed, where=world.where, days=(201, 201)).dropna(subset="arr_delay")[:20]
    rows = asked(table)

    def ask(now: Any) -> tuple[np.ndarray, int]:
        feed = world.feed
        told = _forecast(case, model, rows, reports=world.reports, feed=feed, now=now)
        return told, len({hour for _, hour in feed.asked})

    told, hours = zip(*case.apart(ask, (_moment(201), _moment(202.3))), strict=True)
    return [*hours, _changed(*told)]


@incident("How many flights are held out, before and after?", "What is the figure, before and after?")
def ten_days_without_a_flight(case: Case) -> list[str]:
    """A blizzard comes: of the 900 flights in the archive those of the last ten days are all cancelled. The notebook
    is run as it was, and with them."""
    table, weather = _archive(case)
    last = table["day"] > _time(70)[:10]
    snow = table.assign(**{name: table[name].mask(last) for name in ("dep_delay", "air_time", "arr_delay")})
    runs = case.apart(lambda one: _run(case, one, weather), (table, snow))
    return [
        " and ".join(str(len(run["held_out"])) for run in runs),
        " and ".join(f"{run['report']['value']:.3f}" for run in runs),
    ]
