"""The co-operative that the loads come from: what the depots measure, what turns sour, and what went wrong in April."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

DEPOTS = {"Arkle": 0.28, "Bain": 0.27, "Cover": 0.25, "Skell": 0.2}
COOLERS = {"bulk": 0.28, "can": 0.16, "ice": 0.2, "plate": 0.36}
# Edges of the data card: what lies between them is plausible.
RANGES = {
    "temperature_c": (0.0, 12.0),
    "hours_stored": (0.0, 60.0),
    "acidity_d": (12.0, 22.0),
    "cells_k": (20.0, 1500.0),
    "fat_pct": (2.0, 7.0),
    "volume_l": (100.0, 9000.0),
}
NUMBERS = tuple(RANGES)
FIELDS = ("load_id", "day", "depot", "farm", *NUMBERS, "cooler")
FARMS = 60
LATE = 7  # days until an outcome is known
PROMISED = 0.8  # loads judged rightly

START, DAYS, LOADS = "2026-04-01", 30, 100  # the shipped month
SHIPPED_SEED = 5075
APPROVED = ("2026-03-02", "2026-04-06")  # models in service, before and after the deploy
RETIRED = "2026-01-05"

MECHANISMS = {
    "unit": "a field arrives in another unit",
    "recode": "a category's values mean something else than before",
    "missing": "a field arrives empty far more often than before",
    "stuck": "a field repeats one value",
    "model": "another model than the approved one gave the scores",
    "traffic": "other loads than before; fields, model and outcomes are right",
    "labels": "outcomes are late or wrongly joined; fields, model and scores are right",
}
"""The closed list. The last two are never the cause of a shipped incident, but its logs hold something of the kind."""
TOLERANCES = {"onset": {"full": 1, "half": 3}}
"""Days that an onset may be off for full and for half credit; everything else is right or wrong."""

Change = Callable[[pd.Series], pd.Series]
UNITS: dict[str, Change] = {
    "temperature_c": lambda celsius: celsius * 1.8 + 32,
    "hours_stored": lambda hours: hours * 60,
    "acidity_d": lambda dornic: dornic / 100,
    "cells_k": lambda thousands: thousands * 1000,
}
"""What another unit makes of a reading: Fahrenheit, minutes, per cent of lactic acid, cells a millilitre."""
STUCK_AT = {"temperature_c": 9.4, "acidity_d": 20.2}
RENAMED = {"plate": "can", "can": "plate", "bulk": "ice", "ice": "bulk"}


@dataclass(frozen=True)
class Incident:
    """What goes wrong, where and in which field.

    Parameters
    ----------
    mechanism : str
        One of the first five of `MECHANISMS`.
    depot : str or None
        Where; None for everywhere.
    field : str
        A column, or ``"none"``.
    """

    mechanism: str
    depot: str | None
    field: str


def loads(
    n: int, *, seed: int, day: str = "2026-03-31", depots: Mapping[str, float] = DEPOTS
) -> pd.DataFrame:
    """Draw the loads of one day, with what became of them.

    Parameters
    ----------
    n : int
        Number of loads.
    seed : int
        Seed of the generator; the same seed gives the same table. Loads are independent and alike on all days.
    day : str, default="2026-03-31"
        The day of collection.
    depots : mapping, default=DEPOTS
        Share of the loads by depot.

    Returns
    -------
    loads : DataFrame of shape (n, 14)
        The fields of the data card as they are measured, ``sour_share`` of the farm and ``soured`` (0 or 1).
    """
    rng = np.random.default_rng([seed, 1])
    share = farm_shares(seed=0)
    farm = rng.choice(share.index.to_numpy(), n)
    table = pd.DataFrame(
        {
            "load_id": [f"{day[5:7]}{day[8:]}-{number:04d}" for number in range(n)],
            "day": day,
            "depot": rng.choice(list(depots), n, p=np.array(list(depots.values())) / sum(depots.values())),
            "farm": farm,
            "temperature_c": rng.normal(4.8, 1.4, n),
            "hours_stored": rng.gamma(3.0, 6.0, n),
            "acidity_d": rng.normal(15.8, 1.1, n),
            "cells_k": np.exp(rng.normal(5.3, 0.55, n)),
            "fat_pct": rng.normal(4.1, 0.5, n),
            "volume_l": np.exp(rng.normal(7.2, 0.6, n)),
            "cooler": rng.choice(list(COOLERS), n, p=list(COOLERS.values())),
            "sour_share": share.reindex(farm).to_numpy(),
        }
    )
    digits = {
        "temperature_c": 1,
        "hours_stored": 1,
        "acidity_d": 1,
        "cells_k": 0,
        "fat_pct": 2,
        "volume_l": 0,
    }
    for column, (low, high) in RANGES.items():
        table[column] = table[column].clip(low, high).round(digits[column])
    # Milk that comes straight from the parlour has not been stored; the form leaves the field empty.
    table.loc[table["hours_stored"] < 6, "hours_stored"] = np.nan
    table["soured"] = (rng.random(n) < _risk(table)).astype(int)
    table.loc[rng.random(n) < 0.09, "acidity_d"] = np.nan
    return table


def farm_shares(*, seed: int) -> pd.Series:
    """Draw each farm's share of soured loads over the last year."""
    rng = np.random.default_rng([seed, 2])
    names = pd.Index([f"F{number:03d}" for number in range(FARMS)], name="farm")
    return pd.Series(rng.beta(4, 6, FARMS).round(3), index=names, name="sour_share")


def farm_file(shares: pd.Series) -> str:
    """Write the farm file as it is published."""
    return str(shares.to_csv(lineterminator="\n"))


def history(n: int, *, seed: int) -> pd.DataFrame:
    """Draw closed loads to train on, collected over the winter."""
    table = loads(n, seed=seed)
    days = np.sort(np.random.default_rng([seed, 3]).integers(0, 90, n))
    table["day"] = (pd.Timestamp("2025-12-01") + pd.to_timedelta(days, unit="D")).strftime("%Y-%m-%d")
    return table.assign(load_id=[f"W{number:05d}" for number in range(n)])


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Write loads as the depots report them: no outcome, an empty field is ``None``."""
    plain = table[list(FIELDS)].astype(object)
    rows: list[dict[str, Any]] = plain.where(plain.notna(), None).to_dict("records")
    return rows


def log(
    days: int, n: int, *, seed: int, start: str = START, incident: Incident | None = None, onset: int = 0
) -> pd.DataFrame:
    """Draw the service's log: loads as received, their scores, and their outcomes a week later.

    Parameters
    ----------
    days, n : int
        Days, and loads a day.
    seed : int
        Seed of the generator.
    start : str, default="2026-04-01"
        The first day.
    incident : Incident, optional
        What goes wrong; nothing by default.
    onset : int, default=0
        The first day, counted from 0, on which it is wrong.

    Returns
    -------
    log : DataFrame of shape (days * n, 17)
        The fields as received, ``model`` (the day on which it was trained), ``score``, ``soured`` and ``known``
        (missing where the outcome is not known by the end).
    """
    dates = _dates(start, days)
    table = loads(days * n, seed=seed).assign(model=APPROVED[0], day=np.repeat(dates, n))
    table["load_id"] = table["day"].str.slice(5) + table["load_id"].str.slice(4)
    if incident is not None:
        wrong = table["day"] >= dates[onset]
        table = pd.concat([table[~wrong], strike(table[wrong], incident)])
    return close(table.assign(score=scores(table)), last=dates[-1])


def strike(table: pd.DataFrame, incident: Incident) -> pd.DataFrame:
    """Let an incident happen to loads as they are received; what becomes of the milk does not change."""
    hit = pd.Series(True, table.index) if incident.depot is None else table["depot"] == incident.depot
    table, field = table.copy(), incident.field
    if incident.mechanism == "unit":
        table.loc[hit, field] = UNITS[field](table.loc[hit, field]).round(3)
    elif incident.mechanism == "recode":
        table.loc[hit, field] = table.loc[hit, field].map(RENAMED)
    elif incident.mechanism == "missing":
        table.loc[hit, field] = None
    elif incident.mechanism == "stuck":
        table.loc[hit, field] = STUCK_AT[field]
    else:
        table.loc[hit, "model"] = RETIRED
    return table


def scores(table: pd.DataFrame) -> pd.Series:
    """Score loads as the service of April did: a good model, and no look at whether a reading can be true."""
    score = _risk(table, acidity=table["acidity_d"].fillna(15.8))
    old = table["model"] == RETIRED
    # Made before plate coolers were common, for a gauge that counted from another zero.
    before = _risk(
        table.assign(cooler=table["cooler"].map(RENAMED), temperature_c=9.6 - table["temperature_c"])
    )
    return score.where(~old, before).clip(0.001, 0.999).round(4)


def close(table: pd.DataFrame, *, last: str) -> pd.DataFrame:
    """Add the day on which each outcome is known, and leave out outcomes that are not known by the last day."""
    known = _dates_after(table["day"], LATE)
    open_ = known > last
    table = table.assign(known=known.mask(open_), soured=table["soured"].astype(float).mask(open_))
    return table[[*FIELDS, "model", "score", "soured", "known"]]


def incident_of(*, seed: int) -> Incident:
    """Draw an incident."""
    rng = np.random.default_rng([seed, 4])
    mechanism = str(rng.choice(["unit", "recode", "missing", "stuck", "model"]))
    fields = {"unit": list(UNITS), "recode": ["cooler"], "stuck": list(STUCK_AT), "model": ["none"]}
    depot = str(rng.choice([name for name, share in DEPOTS.items() if share >= 0.25]))
    if mechanism == "missing":
        return Incident(mechanism, None, str(rng.choice(["temperature_c", "cooler"])))
    return Incident(mechanism, depot, str(rng.choice(fields[mechanism])))


@dataclass(frozen=True)
class Month:
    """What happens in the shipped month, beside the incident: days are counted from 0.

    Parameters
    ----------
    incident : Incident
        The cause of the drop.
    onset : int
        Its first day.
    deploy : int
        First day of an approved model, as good as the one before.
    flush, flush_depot : int, str
        First of five days on which a depot sends twice as many loads, and larger ones.
    late, late_depots : int, tuple of str
        Day of the loads whose outcomes the laboratory of two depots delivered three days late.
    """

    incident: Incident
    onset: int
    deploy: int
    flush: int
    flush_depot: str
    late: int
    late_depots: tuple[str, ...]


def month_of(*, seed: int) -> Month:
    """Draw the shipped month."""
    rng = np.random.default_rng([seed, 6])
    incident, onset = incident_of(seed=seed), int(rng.integers(15, 19))
    others = [name for name in DEPOTS if name != incident.depot]
    flush_depot, *late_depots = (str(name) for name in rng.permutation(others)[:3])
    return Month(
        incident,
        onset,
        deploy=onset - int(rng.integers(2, 4)),
        flush=onset + int(rng.choice([-1, 1, 2])),
        flush_depot=flush_depot,
        late=onset - int(rng.integers(6, 9)),
        late_depots=tuple(sorted(late_depots)),
    )


def shipped_log(*, seed: int) -> pd.DataFrame:
    """Draw the log of the shipped month."""
    month, dates, parts = month_of(seed=seed), _dates(START, DAYS), []
    for number, day in enumerate(dates):
        flush = month.flush <= number < month.flush + 5
        depots = DEPOTS | ({month.flush_depot: 2.2 * DEPOTS[month.flush_depot]} if flush else {})
        table = loads(round(LOADS * sum(depots.values())), seed=_mixed(seed, number), day=day, depots=depots)
        if flush:
            larger = table["depot"] == month.flush_depot
            table["volume_l"] = table["volume_l"].where(
                ~larger, (table["volume_l"] * 1.5).clip(upper=9000).round()
            )
        table["model"] = APPROVED[int(number >= month.deploy)]
        parts.append(strike(table, month.incident) if number >= month.onset else table)
    table = pd.concat(parts, ignore_index=True)
    closed = close(table.assign(score=scores(table)), last=dates[-1])
    late = (closed["day"] == dates[month.late]) & closed["depot"].isin(month.late_depots)
    closed.loc[late, "known"] = dates[month.late + LATE + 3]
    return closed


def _pages(today: pd.DataFrame, back: pd.DataFrame, past: pd.DataFrame) -> int:
    """Count what the watch of April sent on a day: each test at five per cent, falls unseen, a page a load."""
    found = sum(_found_changed(past[field], today[field]) for field in (*NUMBERS, "cooler"))
    if len(back):
        right = int(((back["score"] >= 0.5) == (back["soured"] == 1)).sum())
        found += stats.binomtest(right, len(back), PROMISED, alternative="less").pvalue < 0.05
    found += pd.Timestamp(today["day"].iloc[0]) - pd.Timestamp(today["model"].min()) > pd.Timedelta(days=60)
    return len(today) * int(found)


def _found_changed(past: pd.Series, today: pd.Series) -> bool:
    empty = [[values.isna().sum(), values.notna().sum()] for values in (past, today)]
    if stats.fisher_exact(empty).pvalue < 0.05:
        return True
    past, today = past.dropna(), today.dropna()
    if pd.api.types.is_numeric_dtype(past):
        test = stats.ks_2samp(past, today.astype(float), alternative="greater", method="asymp")
    else:
        counts = pd.concat([past.value_counts(), today.value_counts()], axis=1).fillna(0)
        test = stats.chi2_contingency(counts)
    return bool(test.pvalue < 0.05)


def events(log: pd.DataFrame, *, past: pd.DataFrame, seed: int) -> list[dict[str, Any]]:
    """Write what else the service noted down in the shipped month, the red herrings among it."""
    rng, month, dates = np.random.default_rng([seed, 7]), month_of(seed=seed), _dates(START, DAYS)
    days = dict(tuple(log.groupby("day")))
    restarts = {month.onset, *rng.integers(0, DAYS, 4).tolist()}
    lines: list[dict[str, Any]] = []
    for number, day in enumerate(dates):
        today = days[day]
        sent = _pages(today, log[log["known"] == day], past)
        if number == month.deploy:
            lines.append(
                {"time": f"{day}T11:05:00", "event": "deploy", "model": APPROVED[1], "approved_by": "m.rowe"}
            )
        if number in restarts:
            lines.append({"time": f"{day}T04:30:00", "event": "restart", "why": "updates"})
        if number == month.late + LATE:
            lines.append({"time": f"{day}T16:10:00", "event": "outcomes", "missing": month.late_depots})
        if number == month.late + LATE + 3:
            lines.append({"time": f"{day}T16:10:00", "event": "outcomes", "late": month.late_depots})
        lines += [
            {"time": f"{day}T20:15:00", "event": "run", "loads": len(today), "held": 0, "farms": day},
            {"time": f"{day}T20:40:00", "event": "pages", "count": sent},
            {"time": f"{day}T21:00:00", "event": "accuracy", **_board(days, dates, number, rng)},
        ]
    return lines


def _board(
    days: dict[Any, pd.DataFrame], dates: list[str], number: int, rng: np.random.Generator
) -> dict[str, Any]:
    """Write the day's line of the board: an outcome that is not there counts as not soured."""
    if number < LATE:
        return {
            "of": str((pd.Timestamp(dates[number]) - pd.Timedelta(days=LATE)).date()),
            "value": round(float(rng.normal(0.876, 0.03)), 3),
        }
    table = days[dates[number - LATE]]
    soured = table["soured"].where(table["known"] <= dates[number], 0)
    return {
        "of": dates[number - LATE],
        "value": round(float(((table["score"] >= 0.5) == (soured == 1)).mean()), 3),
    }


def project_data(*, seed: int) -> dict[str, bytes]:
    """Draw the data files of the project: what was trained on, a month of batches, what the service noted.

    Returns
    -------
    files : dict of str to bytes
        Content by path.
    """
    log, dates = shipped_log(seed=seed), _dates(START, DAYS)
    past = history(500, seed=_mixed(seed, DAYS))
    noted = pd.concat([past, past.head(12).assign(volume_l=lambda table: (table["volume_l"] * 1.03).round())])
    files = {"data/history.csv": noted.to_csv(index=False, lineterminator="\n")}
    in_force = noted.drop_duplicates("load_id", keep="last")
    files["data/events.jsonl"] = _lines(events(log, past=in_force, seed=seed))
    for day in dates[-2:]:
        files[f"data/farms/{day}.csv"] = farm_file(farm_shares(seed=0))
    for day, table in log.groupby("day"):
        plain = table.astype(object).where(table.notna(), None)
        rows = plain.assign(soured=[None if value is None else int(value) for value in plain["soured"]])
        files[f"data/batches/{day}.jsonl"] = _lines(rows.to_dict("records"))
    return {path: text.encode() for path, text in sorted(files.items())}


def diagnosis(*, seed: int) -> dict[str, Any]:
    """Say what went wrong in the shipped month, under the keys of the project's `diagnosis.toml`.

    Returns
    -------
    truth : dict
        ``onset`` (a date; see `TOLERANCES`), ``segment`` (``"depot=NAME"`` or ``"all"``), ``field`` (a column or
        ``"none"``) and ``mechanism`` (one of `MECHANISMS`): four independent quarters.
    """
    month = month_of(seed=seed)
    depot, field = month.incident.depot, month.incident.field
    return {
        "onset": _dates(START, DAYS)[month.onset],
        "segment": "all" if depot is None else f"depot={depot}",
        "field": field,
        "mechanism": month.incident.mechanism,
    }


def _lines(rows: list[dict[str, Any]]) -> str:
    return "".join(json.dumps(row, separators=(",", ":")) + "\n" for row in rows)


def permuted(table: pd.DataFrame, *, since: str, seed: int) -> pd.DataFrame:
    """Let the milk change: from a day on the outcomes have nothing to do with the scores, and are as many as before."""
    rng = np.random.default_rng([seed, 8])
    changed = table.copy()
    for _, day in table[table["day"] >= since].groupby("day"):
        changed.loc[day.index, "soured"] = rng.permutation(day["soured"].to_numpy())
    return changed


def harm(
    train: Callable[[pd.DataFrame], Any],
    score: Callable[[Any, list[dict[str, Any]], dict[str, str]], Mapping[str, Any] | None],
    watch: Callable[[Any, pd.DataFrame], list[dict[str, Any]]],
    *,
    seed: int,
) -> dict[str, float]:
    """Measure what a version of the project costs.

    Parameters
    ----------
    train : callable
        Takes a history, returns a handle of the folder that it wrote.
    score : callable
        Takes that handle, records and farm files; returns the service's answer, None where it broke down.
    watch : callable
        Takes that handle and a log; returns the pages.
    seed : int
        Seed of the world.

    Returns
    -------
    harm : dict
        Losses by name, each with its unit. Held loads are measured again and judged as usual.
    """
    handle = train(history(600, seed=seed))
    fresh, day = loads(600, seed=_mixed(seed, 100)), "2026-03-31"
    rows, files = records(fresh), {"2026-03-30": farm_file(farm_shares(seed=0))}
    usual = _answers(score(handle, rows, files), rows)
    struck = records(strike(fresh, Incident("unit", "Arkle", "temperature_c")))
    in_unit = _answers(score(handle, struck, files), rows)
    few = rows[:150]
    alone = np.concatenate([_answers(score(handle, [row], files), [row]) for row in few])
    without = _answers(score(handle, rows, files | {day: "<html>502 Bad Gateway</html>"}), rows)
    soured = fresh["soured"].to_numpy() == 1
    broken = records(fresh)
    broken[2]["fat_pct"] = "flat"
    beside = _answers(score(handle, broken, files), rows)
    at_first = farm_file(farm_shares(seed=_mixed(seed, 102)))
    put_right = at_first + farm_file(farm_shares(seed=0)).split("\n", 1)[1]
    answers = [score(handle, rows, {"2026-03-29": text}) for text in (at_first, put_right)]
    in_force = _answers(answers[1], rows)
    calm = log(25, 300, seed=_mixed(seed, 101))
    last = calm["day"].unique()
    failing = [
        log(6, 300, seed=_mixed(seed, number), incident=incident) for number, incident in enumerate(_FAILURES)
    ]
    milk = permuted(calm, since=last[0], seed=seed)
    low = calm[calm["day"] < last[10]].copy()
    low["fat_pct"] -= 0.6
    low["volume_l"] *= 0.22
    service = calm[calm["day"] < last[10]].copy()
    service.loc[service["day"] < last[5], "model"] = "2026-01-05"
    service.loc[service["day"] >= last[5], "score"] = 0.4463
    fallen = watch(handle, low)
    return {
        "wrongly judged loads per 1,000 while a depot sends another unit": _wrong(
            np.where(np.isnan(in_unit), usual, in_unit), soured
        ),
        "wrongly judged loads per 1,000 that are scored one by one": _wrong(alone, soured[:150]),
        "wrongly judged or unanswered loads per 1,000 on the evening of a malformed farm file": _wrong(
            without, soured
        ),
        "wrongly judged loads per 1,000 on an evening with one held load": _wrong(
            np.where(np.isnan(beside), usual, beside), soured
        ),
        "wrongly judged loads per 1,000 after the farm office has put its file right": _wrong(
            in_force, soured
        ),
        "ordinary days in 100 that page": 100
        * len({page["day"] for page in watch(handle, calm)})
        / len(last),
        "bad days in 100 without a page, when a field fails": float(
            np.mean(
                [
                    _unpaged(watch(handle, table), incident.field, table["day"].unique())
                    for incident, table in zip(_FAILURES, failing, strict=True)
                ]
            )
        ),
        "bad days in 100 without a page, when readings fall": float(
            np.mean([_unpaged(fallen, field, last[:10]) for field in ("fat_pct", "volume_l")])
        ),
        "bad days in 100 without a page, when milk changes": _unpaged(
            watch(handle, milk), "soured", last[LATE:]
        ),
        "bad days in 100 without a page, when the service fails": _unpaged(
            watch(handle, service), "model", last[:5]
        )
        / 2
        + _unpaged(watch(handle, service), "score", last[5:10]) / 2,
    }


_FAILURES = (
    Incident("unit", "Bain", "temperature_c"),
    Incident("unit", "Bain", "acidity_d"),
    Incident("missing", "Bain", "temperature_c"),
    Incident("recode", "Bain", "cooler"),
)


def _answers(answer: Mapping[str, Any] | None, rows: list[dict[str, Any]]) -> np.ndarray:
    found = {row["load_id"]: row["score"] for row in answer["results"]} if answer else {}
    return np.array([found.get(row["load_id"]) for row in rows], dtype=float)


def _wrong(scores: np.ndarray, soured: np.ndarray) -> float:
    return float(1000 * np.mean(np.isnan(scores) | ((scores >= 0.5) != soured)))


def _unpaged(pages: list[dict[str, Any]], field: str, days: Any) -> float:
    named = {page["day"] for page in pages if page["field"] == field}
    return float(100 * np.mean([day not in named for day in days]))


def _risk(table: pd.DataFrame, acidity: pd.Series | None = None) -> pd.Series:
    """Probability that a load turns sour; the gaps of a served table stand for an ordinary value."""
    effect = {"bulk": -0.4, "can": 2.6, "ice": 1.2, "plate": -2.0}
    z = (
        1.5 * (table["temperature_c"].fillna(4.8) - 4.8) / 1.4
        + 0.7 * (table["hours_stored"].fillna(0.0) - 18) / 10
        + 0.9 * ((table["acidity_d"] if acidity is None else acidity) - 15.8) / 1.1
        + 0.7 * (np.log(table["cells_k"].fillna(200.0)) - 5.3) / 0.55
        + 0.8 * (table["sour_share"].fillna(0.4) - 0.4) / 0.15
        + table["cooler"].map(effect).fillna(-0.4)
    )
    return pd.Series(1 / (1 + np.exp(-np.clip(1.5 * z - 0.3, -30, 30))), index=table.index)


def _mixed(seed: int, number: int) -> int:
    return int(np.random.default_rng([seed, 5, number]).integers(2**31))


def _dates(start: str, days: int) -> list[str]:
    return [str(day.date()) for day in pd.date_range(start, periods=days)]


def _dates_after(days: pd.Series, later: int) -> pd.Series:
    return (pd.to_datetime(days) + pd.Timedelta(days=later)).dt.strftime("%Y-%m-%d")
