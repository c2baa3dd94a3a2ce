"""The city that the homes stand in: what each is worth on any day, what sellers do, and what it costs us.

The simulator knows every home's worth; the service sees recorded prices, which miss it by what two people agreed on.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

SHIPPED_SEED = 7
NEIGHBOURHOODS = (
    "Alder Creek", "Brickyard", "Cannery Row", "Dovecote", "Eastgate", "Foundry Hill", "Glasshouse", "Harbour View",
)  # fmt: skip
HOME = ("area_sqft", "lot_sqft", "bedrooms", "bathrooms", "built", "condition")
FIRST_DAY = pd.Timestamp("2022-01-01")
TODAY = 720  # days after the first: the newest sale of an ordinary history
ACRE = 43_560
FEE = 0.06
# What a price misses the worth by, on a log scale: two people agreed on it.
AGREED = 0.05
# How far a seller's own idea of the worth may be off, and what being rid of the home at once is worth to them.
SELLER = 0.03
HASTE = 0.02
# Edges of the data card: what lies between them is plausible.
RANGES: dict[str, tuple[float, float]] = {
    "area_sqft": (500.0, 6_000.0),
    "lot_sqft": (1_500.0, 80_000.0),
    "bedrooms": (1.0, 7.0),
    "bathrooms": (1.0, 5.0),
    "built": (1890.0, 2026.0),
    "condition": (1.0, 5.0),
}


@dataclass(frozen=True)
class City:
    """A market: the logarithm of the price per square foot, by day (row) and neighbourhood (column).

    Parameters
    ----------
    levels : ndarray of shape (days, neighbourhoods)
    """

    levels: np.ndarray


def city(*, seed: int, falls: float = 0.0, from_day: int = TODAY, swing: float = 0.004) -> City:
    """Draw a market of four years that mostly rises.

    Parameters
    ----------
    seed : int
        Seed of the generator; the same seed gives the same market up to where it falls.
    falls : float, default=0.0
        Share of their price that all homes lose within the thirty days from `from_day` on.
    from_day : int, default=720
    swing : float, default=.004
        Standard deviation of what the whole market rises by in a month, on a log scale.

    Returns
    -------
    city : City
    """
    rng = np.random.default_rng([seed, 1])
    months = np.arange(50) * 30.0
    places = len(NEIGHBOURHOODS)
    base = np.log(rng.permutation(np.linspace(170, 380, places)))
    steps = rng.normal(0.004, swing, (len(months), 1)) + rng.normal(0, 0.004, (len(months), places))
    monthly = base + np.cumsum(steps, axis=0)
    days = np.arange(months[-1] + 1)
    levels = np.column_stack([np.interp(days, months, monthly[:, place]) for place in range(places)])
    levels += np.log1p(-falls) * np.clip((days - from_day) / 30, 0, 1)[:, None]
    return City(levels)


def homes(n: int, *, seed: int) -> pd.DataFrame:
    """Draw homes as the data card describes them, without day or price.

    Parameters
    ----------
    n : int
    seed : int
        Seed of the generator; the same seed gives the same homes.

    Returns
    -------
    homes : DataFrame of shape (n, 7)
        ``neighbourhood`` and the fields of `HOME`.
    """
    rng = np.random.default_rng([seed, 2])
    area = np.exp(rng.normal(7.5, 0.32, n))
    bedrooms = np.round(area / 650 + rng.normal(0.4, 0.6, n))
    built = np.round(2024 - rng.gamma(1.6, 22, n))
    table = pd.DataFrame(
        {
            "neighbourhood": rng.choice(NEIGHBOURHOODS, n),
            "area_sqft": area.round(),
            "lot_sqft": np.exp(rng.normal(8.9, 0.45, n)).round(),
            "bedrooms": bedrooms,
            "bathrooms": np.round(bedrooms * 0.55 + rng.normal(0.3, 0.45, n)),
            "built": built,
            "condition": rng.choice([1, 2, 3, 4, 5], n, p=[0.06, 0.18, 0.42, 0.24, 0.1]),
        }
    )
    for column, (low, high) in RANGES.items():
        table[column] = table[column].clip(low, high).astype(int)
    return table


def worth(where: City, table: pd.DataFrame, days: np.ndarray) -> np.ndarray:
    """Know what homes are worth on given days, in dollars.

    Parameters
    ----------
    where : City
    table : DataFrame of shape (n, any)
        Homes, as `homes` draws them; lots in square feet.
    days : array of shape (n,)
        Days after the first.
    """
    place = table["neighbourhood"].map({name: at for at, name in enumerate(NEIGHBOURHOODS)}).to_numpy()
    area, lot = (table[column].to_numpy(dtype=float) for column in ("area_sqft", "lot_sqft"))
    year = FIRST_DAY.year + np.asarray(days) / 365.25
    age = np.clip(year - table["built"].to_numpy(dtype=float), 0, 90)
    level = where.levels[np.asarray(days, dtype=int), place]
    logarithm = (
        level
        + np.log(area)
        - 0.18 * np.log(area / 1800)
        + 0.07 * np.log(lot / 7300)
        - 0.0025 * age
        + 0.08 * (table["condition"].to_numpy(dtype=float) - 3)
        + 0.03 * (table["bathrooms"].to_numpy(dtype=float) - 2)
    )
    return np.asarray(np.exp(logarithm))


def history(
    n: int,
    *,
    seed: int,
    where: City,
    days: tuple[int, int] = (0, TODAY),
    agreed: float = AGREED,
    corrected: float = 0.0,
    acres: float = 0.0,
    last_day: int = 1,
) -> pd.DataFrame:
    """Draw recorded sales, oldest first.

    Parameters
    ----------
    n : int
        Number of sales; at least 50.
    seed : int
        Seed of the generator; the same seed gives the same table.
    where : City
    days : tuple of int, default=(0, 720)
        First and last day on which sales close.
    agreed : float, default=.05
        Standard deviation of what a price misses the worth by, on a log scale.
    corrected : float, default=0.0
        Share of sales that the recorder entered wrongly at first: each has an earlier line with another price.
    acres : float, default=0.0
        Share of lots that the recorder wrote in acres.
    last_day : int, default=1
        Number of sales on the last day, no two of them in one neighbourhood (at most eight).

    Returns
    -------
    sales : DataFrame of shape (n + corrected lines, 10)
        As the data card describes it.

    Raises
    ------
    ValueError
        If ``n`` is below 50.
    """
    if n < 50:
        raise ValueError(f"n must be at least 50. Got {n} instead.")
    rng = np.random.default_rng([seed, 3, days[0]])
    table = homes(n, seed=seed + 7_919 * (1 + days[0]))
    day = np.sort(rng.integers(days[0], days[1], n))
    day[-last_day:] = days[1]
    table.loc[n - last_day :, "neighbourhood"] = rng.permutation(NEIGHBOURHOODS)[:last_day]
    price = worth(where, table, day) * np.exp(rng.normal(0, agreed, n))
    table["price"] = price.round(-2).astype(int)
    table["sale_id"] = [f"S{seed % 1000:03d}-{days[0]:04d}-{row:04d}" for row in range(n)]
    table["closed"] = _dates(day)
    table["lot_sqft"] = table["lot_sqft"].astype(float)
    in_acres = rng.random(n) < acres
    table.loc[in_acres, "lot_sqft"] = (table.loc[in_acres, "lot_sqft"] / ACRE).round(3)
    wrong = table[rng.random(n) < corrected]
    wrong = wrong.assign(price=wrong["price"] * 10)
    table = pd.concat([wrong, table]).sort_index(kind="stable", ignore_index=True)
    return table[["sale_id", "closed", "neighbourhood", *HOME, "price"]]


def asked(table: pd.DataFrame, *, day: int = TODAY + 10) -> list[dict[str, Any]]:
    """Write homes as the sellers' form sends them on one day."""
    columns = [name for name in ("neighbourhood", *HOME) if name in table]
    rows = table[columns].astype(object).to_dict("records")
    date = _dates(np.array([day]))[0]
    return [{"request_id": f"Q{at:05d}", "day": date, **row} for at, row in enumerate(rows)]


def asked_as_sold(market: pd.DataFrame) -> list[dict[str, Any]]:
    """Write homes as forms sent on the day on which each was sold."""
    return [row | {"day": date} for row, date in zip(asked(market), market["closed"], strict=True)]


def priced(
    n: int, *, seed: int, where: City, days: tuple[int, int] = (TODAY + 1, TODAY + 40), agreed: float = AGREED
) -> pd.DataFrame:
    """Draw homes that asked for an offer and whose price has become known since, whoever bought them.

    Returns
    -------
    priced : DataFrame of shape (n, 10)
        ``closed``, ``neighbourhood``, the fields of `HOME`, ``price`` and ``bought`` (by us; three in ten).
    """
    rng = np.random.default_rng([seed, 4])
    table = homes(n, seed=seed + 104_729)
    day = np.sort(rng.integers(days[0], days[1], n))
    # Prices scatter both ways alike in dollars, so that errors with their signs cancel out.
    price = worth(where, table, day) * np.exp(rng.normal(-(agreed**2) / 2, agreed, n))
    table["price"] = price.round(-2).astype(int)
    table["closed"] = _dates(day)
    table["bought"] = rng.permutation(np.arange(n) < 0.3 * n)
    return table[["closed", "neighbourhood", *HOME, "price", "bought"]]


def sold_to_us(offers: np.ndarray, value: np.ndarray, *, seed: int) -> np.ndarray:
    """Let the sellers answer: who is offered what the home is worth to them, or more, sells.

    Parameters
    ----------
    offers : array of shape (n,)
        Dollars; missing where there is no offer.
    value : array of shape (n,)
        What the homes are worth.
    seed : int

    Returns
    -------
    sold : array of shape (n,) of bool
    """
    own = np.random.default_rng([seed, 5]).normal(-HASTE, SELLER, len(value))
    return np.nan_to_num(offers, nan=0.0) >= value * np.exp(own)


def dollars_bought(answers: list[dict[str, Any]], value: np.ndarray, *, seed: int) -> float:
    """Sum up what we pay for the homes whose sellers accept."""
    offers = offered(answers)
    return float(np.nansum(offers[sold_to_us(offers, value, seed=seed)]))


def dollars_lost(answers: list[dict[str, Any]], value: np.ndarray, *, seed: int) -> float:
    """Sum up what we pay above the worth of the homes that we buy, less the fee; a gain is negative."""
    offers = offered(answers)
    sold = sold_to_us(offers, value, seed=seed)
    return float(np.sum(offers[sold] - value[sold]))


def offered(answers: list[dict[str, Any]], field: str = "offer") -> np.ndarray:
    """Offers (or estimates) in the order of the answers, missing where there is none."""
    return np.array([row[field] for row in answers], dtype=float)


def mistaken(table: pd.DataFrame, *, seed: int, garbled: float = 0.0) -> pd.DataFrame:
    """Give every sale the price of another one, as a feed does whose lines slipped, and garble it besides."""
    rng = np.random.default_rng([seed, 6])
    prices = rng.permutation(table["price"].to_numpy()) * np.exp(rng.normal(0, garbled, len(table)))
    return table.assign(price=prices.round(-2).astype(int))


Refit = Callable[..., Any]
Answer = Callable[[Any, list[dict[str, Any]], pd.DataFrame], list[dict[str, Any]]]
Evaluate = Callable[[pd.DataFrame], Mapping[str, Any]]


def harm(refit: Refit, answer: Answer, evaluate: Evaluate, *, seed: int) -> dict[str, float]:
    """Measure what a version of the project costs.

    Parameters
    ----------
    refit : callable
        Takes sales and, perhaps, the handle of the folder in force; returns the handle of a new folder.
    answer : callable
        Takes a handle, requests and the homes priced lately; returns the answers.
    evaluate : callable
        Takes sales; returns the evaluation.
    seed : int
        Seed of the world.

    Returns
    -------
    harm : dict
        Losses by name. A thousand sellers ask on one day; what is lost is what we pay above the worth.
    """
    calm, turned = city(seed=seed), city(seed=seed, falls=0.25)
    sales = history(700, seed=seed, where=calm)
    first = refit(sales)
    many, day = homes(1000, seed=seed + 1), TODAY + 45
    at = np.full(len(many), day)
    rows = asked(many, day=day)
    known = priced(160, seed=seed, where=calm)
    lower = priced(160, seed=seed, where=turned, days=(TODAY + 20, TODAY + 40))
    others_fall = known.assign(price=(known["price"] * np.where(known["bought"], 1.0, 0.6)).round(-2))
    order = [dict(reversed(row.items())) for row in rows]

    def lost(handle: Any, requests: list[dict[str, Any]], seen: pd.DataFrame, where: City) -> float:
        return dollars_lost(answer(handle, requests, seen), worth(where, many, at), seed=seed) / len(many)

    later = history(60, seed=seed, where=calm, days=(TODAY + 1, TODAY + 45))
    slipped = pd.concat([mistaken(sales, seed=seed), later], ignore_index=True)
    rough = history(60, seed=seed, where=calm, days=(TODAY + 1, TODAY + 45), agreed=0.25)
    kept = refit(pd.concat([sales, rough], ignore_index=True), first)
    uneasy = city(seed=seed, swing=0.02)
    past = history(700, seed=seed, where=uneasy)
    quarter = history(300, seed=seed + 1, where=uneasy, days=(TODAY + 1, TODAY + 90))
    actual = np.abs(_by_request(answer, refit(past), quarter) - quarter["price"].to_numpy())
    return {
        "dollars per request lost in an ordinary market": lost(first, rows, known, calm),
        "dollars per request lost after the market turned": lost(first, rows, lower, turned),
        "dollars per request lost while others' homes fall": lost(first, rows, others_fall, turned),
        "dollars per request lost after a refit on slipped prices": lost(
            refit(slipped, first), rows, known, calm
        ),
        "dollars per request lost after a rough month, then a turn": lost(kept, rows, lower, turned),
        "dollars per request lost with fields in another order": lost(first, order, known, calm),
        "dollars by which the figure falls short of the next quarter": float(np.mean(actual))
        - float(evaluate(past)["value"]),
    }


def _by_request(answer: Answer, handle: Any, market: pd.DataFrame) -> np.ndarray:
    return offered(answer(handle, asked_as_sold(market), market.assign(bought=False)[:20]), "estimate")


def project_data(*, seed: int) -> dict[str, bytes]:
    """Draw the files that the project ships with: in the last eight weeks of its sales, the market turns.

    Parameters
    ----------
    seed : int
        Seed of the generator; the same seed gives the same files.

    Returns
    -------
    files : dict of str to bytes
        Content by path.
    """
    where = city(seed=seed, falls=0.15, from_day=TODAY - 55)
    sales = history(700, seed=seed, where=where, corrected=0.02, acres=0.06)
    lately = priced(120, seed=seed, where=where)
    requests = asked(homes(6, seed=seed + 1), day=TODAY + 45)
    return {
        "data/sales.csv": sales.to_csv(index=False, lineterminator="\n").encode(),
        "data/priced.csv": lately.to_csv(index=False, lineterminator="\n").encode(),
        "data/requests.json": (json.dumps(requests, indent=2) + "\n").encode(),
    }


def _dates(days: np.ndarray) -> np.ndarray:
    return np.asarray((FIRST_DAY + pd.to_timedelta(days, unit="D")).strftime("%Y-%m-%d"))
