"""The café that the visits come from: what people bring, and how long each repair really takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

# Typical minutes and kilograms of what the café knows how to mend.
SHIPPED_SEED = 16
KINDS = {
    "lamp": (18, 1.5),
    "toaster": (25, 1.8),
    "kettle": (22, 1.2),
    "radio": (45, 2.5),
    "jacket": (35, 0.9),
    "chair": (55, 6.0),
    "vacuum cleaner": (40, 5.5),
    "mixer": (50, 2.2),
    "bicycle": (70, 14.0),
}
# What nobody has brought before; without sorrow it takes long.
STRANGERS = {
    "harmonium": (130, 28.0),
    "cuckoo clock": (100, 3.0),
    "typewriter": (110, 7.0),
    "slide projector": (75, 4.0),
}
# Ends of the data card's ranges.
RANGES = {"age_years": (0, 120), "weight_kg": (0.01, 60)}
MINUTES = (5, 180)
MONTHS = ("2025-01", "2025-02", "2025-03", "2025-04", "2025-05", "2025-06")
# Minutes that are lost when a visitor gets no quote: a volunteer rings up, asks, and guesses.
PHONE_CALL = 20.0


def visits(n: int, *, seed: int, absent: float = 0.06) -> pd.DataFrame:
    """Draw the café's book of visits over six months.

    Parameters
    ----------
    n : int
        Number of lines; at least 60, so that each month has some.
    seed : int
        Seed of the generator; the same seed gives the same table.
    absent : float, default=0.06
        Share of visitors who never came; they stand in the book at 0 minutes.

    Returns
    -------
    visits : DataFrame of shape (n, 6)
        ``visit_id``, ``month``, ``kind``, ``age_years``, ``weight_kg`` and ``minutes``, in the order of the book.

    Raises
    ------
    ValueError
        If ``n`` is below 60.
    """
    if n < 60:
        raise ValueError(f"n must be at least 60. Got {n} instead.")
    rng = np.random.default_rng([seed, 1])
    table = _things(n, rng, KINDS)
    table["visit_id"] = [f"V{seed % 1000:03d}-{line:04d}" for line in range(n)]
    table["month"] = [MONTHS[len(MONTHS) * line // n] for line in range(n)]
    table.loc[rng.random(n) < absent, "minutes"] = 0
    return table[["visit_id", "month", "kind", "age_years", "weight_kg", "minutes"]]


def project_data(*, seed: int) -> dict[str, pd.DataFrame]:
    """Draw the file that the project comes with; `SHIPPED_SEED` gives the one that it ships."""
    return {"data/visits.csv": visits(240, seed=seed)}


def things(n: int, *, seed: int, kinds: Mapping[str, tuple[float, float]] = KINDS) -> pd.DataFrame:
    """Draw what visitors will bring next, with the minutes that it will take.

    Parameters
    ----------
    n : int
        Number of things.
    seed : int
        Seed of the generator.
    kinds : mapping, default=KINDS
        Typical minutes and kilograms of what they bring.

    Returns
    -------
    things : DataFrame of shape (n, 5)
        ``booking_id``, ``kind``, ``age_years``, ``weight_kg`` and the true ``minutes``.
    """
    table = _things(n, np.random.default_rng([seed, 2]), kinds)
    table["booking_id"] = [f"B{seed % 1000:03d}-{line:04d}" for line in range(n)]
    return table[["booking_id", "kind", "age_years", "weight_kg", "minutes"]]


def bookings(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Write things as the booking form sends them, before anybody knows how long they take."""
    rows: list[dict[str, Any]] = table.drop(columns="minutes").to_dict("records")
    return rows


def ordinary_days(count: int, *, seed: int) -> list[tuple[list[dict[str, Any]], np.ndarray]]:
    """Draw ordinary café days of 25 bookings, with a few strange things and a few slips of the pen.

    Returns
    -------
    days : list of (bookings, minutes)
        The forms of a day, and the minutes that the repairs will really take.
    """
    rng = np.random.default_rng([seed, 3])
    days = []
    for day in range(count):
        table = things(25, seed=1000 * seed + day)
        strange = things(25, seed=1000 * seed + day, kinds=STRANGERS)
        rare = rng.random(25) < 0.06
        table = pd.concat([table[~rare], strange[rare]]).sort_index()
        forms = bookings(table)
        for form in forms:
            _slip(form, rng)
        days.append((forms, table["minutes"].to_numpy(dtype=float)))
    return days


def lost(quotes: Sequence[Mapping[str, Any]], minutes: np.ndarray) -> float:
    """Sum up the minutes that visitors wait or a bench stands idle, over one café day."""
    told = np.array([np.nan if row["minutes"] is None else row["minutes"] for row in quotes], dtype=float)
    return float(np.where(np.isnan(told), PHONE_CALL, np.abs(told - minutes)).sum())


def _things(n: int, rng: np.random.Generator, kinds: Mapping[str, tuple[float, float]]) -> pd.DataFrame:
    """Draw things and what it takes to mend them: old and heavy ones take longer, and nobody knows the rest."""
    kind = rng.choice(list(kinds), n)
    usual, heavy = np.array([kinds[name] for name in kind]).T
    age = np.clip(rng.gamma(1.6, 9.0, n), 1, RANGES["age_years"][1]).round().astype(int)
    weight = np.clip(heavy * np.exp(rng.normal(0, 0.3, n)), *RANGES["weight_kg"]).round(2)
    longer = 0.012 * (age - 14) + 0.3 * np.log(weight / heavy) + rng.normal(0, 0.25, n)
    minutes = np.clip(usual * np.exp(longer), *MINUTES).round().astype(int)
    return pd.DataFrame({"kind": kind, "age_years": age, "weight_kg": weight, "minutes": minutes})


def _slip(form: dict[str, Any], rng: np.random.Generator) -> None:
    """Let one visitor in twenty slip: the year instead of the age, grams instead of kilograms, words."""
    slip = rng.random()
    if slip < 0.03:
        form["age_years"] = 2025 - form["age_years"]
    elif slip < 0.045:
        form["weight_kg"] *= 1000
    elif slip < 0.05:
        form["age_years"] = "about ten"
