"""The lender's world: applicants, what is known of them, who pays back, and what a night earns.

The simulator knows each applicant's risk; the service sees a store that goes on changing after an application.
"""

from __future__ import annotations

import csv
import io
import sqlite3
import struct
from contextlib import closing
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

import numpy as np
import pandas as pd

SHIPPED_SEED = 5
TABLES = {
    "applications": "application_id TEXT PRIMARY KEY, customer_id TEXT, received TEXT, amount REAL",
    "decisions": "application_id TEXT PRIMARY KEY, by_lot INTEGER, paid_out INTEGER, defaulted INTEGER",
    "profiles": "customer_id TEXT, since TEXT, income REAL, employment TEXT",
    "statements": "customer_id TEXT, day TEXT, spent REAL",
}
FILE = "features.sqlite"
FIGURES = ("amount", "income", "employment", "spent_mean", "spent_sd")
KINDS = ("salaried", "self_employed", "pensioner", "student", "unemployed")
SHARES = (0.55, 0.17, 0.14, 0.08, 0.06)
EURO_DAY, LEV_PER_EURO = pd.Timestamp("2026-01-01"), 1.95583
FIRST_LOAN, LAST_LOAN = pd.Timestamp("2025-03-01"), pd.Timestamp("2026-02-27")
NIGHT = pd.Timestamp("2026-03-31")
TODAY = NIGHT + pd.Timedelta(days=300)
# What the desk pays out at once, and what a loan earns or loses of its amount.
AT_ONCE = 0.16
EARNED, LOST = 0.12, 0.6


@dataclass(frozen=True)
class Store:
    """The tables of a store.

    Parameters
    ----------
    applications, decisions, profiles, statements : DataFrame
        As the data card describes them.
    """

    applications: pd.DataFrame
    decisions: pd.DataFrame
    profiles: pd.DataFrame
    statements: pd.DataFrame

    @cached_property
    def content(self) -> bytes:
        """What the file of the store holds."""
        return written(self)

    def files(self) -> dict[str, bytes]:
        """Return the folder of the store."""
        return {FILE: self.content}

    def joined(self, other: Store) -> Store:
        """Return both stores in one."""
        pairs = {
            name: pd.concat([getattr(self, name), getattr(other, name)], ignore_index=True) for name in TABLES
        }
        return Store(**pairs)


def written(store: Store) -> bytes:
    """Write a store as SQLite does; the version of the library is left out, so that equal stores are equal bytes."""
    with closing(sqlite3.connect(":memory:")) as connection:
        for name, columns in TABLES.items():
            table = getattr(store, name).astype(object)
            table = table.where(table.notna(), None)
            connection.execute(f"CREATE TABLE {name} ({columns})")
            marks = ", ".join("?" * table.shape[1])
            connection.executemany(f"INSERT INTO {name} VALUES ({marks})", table.to_numpy().tolist())  # noqa: S608
        connection.commit()
        content = bytearray(connection.serialize())
    content[96:100] = struct.pack(">I", 3_040_000)
    return bytes(content)


def risk(applicants: pd.DataFrame) -> np.ndarray:
    """Know how likely each applicant is not to pay back.

    Parameters
    ----------
    applicants : DataFrame of shape (n, any)
        With the figures of the day of the application, and ``luck``, which nobody sees.
    """
    kinds = dict(zip(KINDS, (-0.35, 0.35, -0.6, 0.5, 1.0), strict=True))
    income = applicants["income"].astype(float)
    logit = (
        -6.0
        + 1.4 * np.log(applicants["amount"].astype(float) / income)
        + 5.0 * applicants["level"] / income
        + 8.0 * applicants["spread"] / income
        + applicants["employment"].map(kinds)
        + applicants["luck"]
    )
    return np.asarray(1 / (1 + np.exp(-logit)))


def applicants(n: int, *, seed: int, received: pd.DatetimeIndex | pd.Timestamp = NIGHT) -> pd.DataFrame:
    """Draw applicants with all that can be known about them.

    Parameters
    ----------
    n : int
        Number of applicants; at least 5, so that each kind of employment occurs.
    seed : int
        Seed of the generator; the same seed gives the same table.
    received : timestamp or index of n of them, default=NIGHT
        Day of each application.

    Returns
    -------
    applicants : DataFrame of shape (n, 13)
        ``application_id``, ``customer_id``, ``received``, ``amount``, ``income``, ``employment``, ``level`` and
        ``spread`` (of spending, in euros), ``count`` (of statements in a year), ``luck``, ``risk``, ``defaults``,
        ``by_lot`` (paid out whatever the clerk said) and ``paid_out``.

    Raises
    ------
    ValueError
        If ``n`` is below 5.
    """
    if n < len(KINDS):
        raise ValueError(f"n must be at least {len(KINDS)}. Got {n} instead.")
    rng = np.random.default_rng([seed, 1])
    kinds = rng.choice(KINDS, n, p=SHARES)
    kinds[: len(KINDS)] = KINDS
    base = dict(zip(KINDS, (1400, 1500, 620, 560, 480), strict=True))
    income = pd.Series(kinds).map(base).to_numpy() * np.exp(rng.normal(0, 0.35, n))
    level = income * rng.beta(5, 7, n)
    table = pd.DataFrame(
        {
            "application_id": [f"A{seed % 10_000:04d}{at:05d}" for at in range(n)],
            "customer_id": [f"C{seed % 10_000:04d}{at:05d}" for at in range(n)],
            "received": received,
            "amount": np.clip(income * np.exp(rng.normal(0.9, 0.6, n)), 200, 25_000).round(-1),
            "income": income.round().clip(250, 15_000),
            "employment": kinds,
            "level": level,
            "spread": level * rng.gamma(3, 0.11, n),
            "count": 2 + rng.poisson(9, n),
            "luck": rng.normal(0, 0.3, n),
        }
    )
    table["risk"] = risk(table)
    table["defaults"] = (rng.random(n) < table["risk"]).astype(int)
    table["by_lot"] = (rng.random(n) < 0.15).astype(int)
    table.loc[: len(KINDS) - 1, "by_lot"] = 1  # so that each kind of employment has outcomes
    # The clerks refused whom the figures spoke against, and saw a little of the luck.
    seen = np.log(table["risk"] / (1 - table["risk"])) + rng.normal(0, 0.7, n)
    table["paid_out"] = ((seen < np.quantile(seen, 0.8)) | (table["by_lot"] == 1)).astype(int)
    return table


def store_of(people: pd.DataFrame, *, seed: int, decided: bool, lived: bool = True) -> Store:
    """Write down what the branches, the bank and the desk know about applicants, by now.

    Parameters
    ----------
    people : DataFrame
        As `applicants` draws them.
    seed : int
    decided : bool
        Whether their applications have been decided and their loans have run their time.
    lived : bool, default=True
        Whether time has gone on after the application: profiles and statements of later days are there, too.
        Those who do not pay back have mostly lost their work by then.

    Returns
    -------
    store : Store
    """
    rng = np.random.default_rng([seed, 2])
    n = len(people)
    day = pd.to_datetime(people["received"]).reset_index(drop=True)
    facts = people.reset_index(drop=True)
    young = facts.assign(
        since=day - pd.to_timedelta(rng.integers(400, 900, n), unit="D"),
        income=(facts["income"] * np.exp(rng.normal(-0.2, 0.25, n))).round().clip(250, 15_000),
        employment=np.where(rng.random(n) < 0.25, rng.choice(KINDS, n, p=SHARES), facts["employment"]),
    )[rng.random(n) < 0.6]
    of_the_day = facts.assign(since=day - pd.to_timedelta(rng.integers(1, 380, n), unit="D"))
    fallen = (facts["defaults"] == 1) & (rng.random(n) < 0.7)
    changed = fallen | (rng.random(n) < 0.35)
    older = facts.assign(
        since=day + pd.to_timedelta(rng.integers(1, 240, n), unit="D"),
        income=(facts["income"] * np.where(fallen, 0.5, 1.08) * np.exp(rng.normal(0, 0.1, n)))
        .round()
        .clip(250, 15_000),
        employment=np.where(fallen & (rng.random(n) < 0.7), "unemployed", facts["employment"]),
    )[changed & lived]
    profiles = pd.concat([young, of_the_day, older])[["customer_id", "since", "income", "employment"]]
    return Store(
        applications=_dated(people, "received")[["application_id", "customer_id", "received", "amount"]],
        decisions=_decisions(people if decided else people[:0]),
        profiles=_shuffled(_dated(profiles, "since"), rng),
        statements=_shuffled(_dated(_statements(facts, day, rng, lived=lived), "day"), rng),
    )


def _decisions(people: pd.DataFrame) -> pd.DataFrame:
    outcome = people["defaults"].astype(object).where(people["paid_out"] == 1, None)
    return people[["application_id", "by_lot", "paid_out"]].assign(defaulted=outcome)


def _statements(
    facts: pd.DataFrame, day: pd.Series, rng: np.random.Generator, *, lived: bool
) -> pd.DataFrame:
    """Draw statements: some older than a year, one a day at most, `count` in the year, some after the application."""
    spans = [np.arange(1, 366), np.arange(366, 600), -np.arange(240)]
    owners, ages = [], []
    for at, count in enumerate(facts["count"]):
        for span, size in zip(spans, (count, rng.integers(0, 4), rng.integers(0, 6) * lived), strict=True):
            ages.append(rng.choice(span, size, replace=False))
            owners.append(np.full(size, at))
    owner = np.concatenate([*owners, np.arange(0)]).astype(int)
    age = pd.to_timedelta(np.concatenate([*ages, np.arange(0)]), unit="D")
    level, spread = (facts[name].to_numpy()[owner] for name in ("level", "spread"))
    euros = rng.normal(level, spread).clip(0, 19_000)
    table = pd.DataFrame(
        {
            "customer_id": facts["customer_id"].to_numpy()[owner],
            "day": day.to_numpy()[owner] - age,
            "euros": euros,
        }
    )
    spent = as_booked(table["euros"], table["day"])
    return table.assign(spent=spent.round(2))[["customer_id", "day", "spent"]]


def as_booked(euros: pd.Series, day: pd.Series) -> pd.Series:
    """Return amounts in the currency of their day."""
    return euros.where(day >= EURO_DAY, euros * LEV_PER_EURO)


def _dated(table: pd.DataFrame, column: str) -> pd.DataFrame:
    return table.assign(**{column: pd.to_datetime(table[column]).dt.strftime("%Y-%m-%d")})


def _shuffled(table: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    return table.iloc[rng.permutation(len(table))].reset_index(drop=True)


@lru_cache(maxsize=16)
def past(n: int, *, seed: int) -> Store:
    """Draw a store of decided applications, spread over the year of the loans; not to be changed."""
    rng = np.random.default_rng([seed, 3])
    days = FIRST_LOAN + pd.to_timedelta(rng.integers(0, (LAST_LOAN - FIRST_LOAN).days, n), unit="D")
    return store_of(applicants(n, seed=seed, received=days), seed=seed, decided=True)


def open_people(n: int, *, seed: int, night: pd.Timestamp = NIGHT) -> pd.DataFrame:
    """Draw the applicants of one day."""
    return applicants(n, seed=seed + 5_000, received=night)


def of_a_night(people: pd.DataFrame, *, seed: int) -> Store:
    """Write the store of a night: what is known of the applicants on the evening of their day, and no decision."""
    return store_of(people, seed=seed + 5_000, decided=False, lived=False)


def text(night: pd.Timestamp = NIGHT) -> str:
    """Write a day as the job takes it."""
    return f"{night:%Y-%m-%d}"


def lines_of(content: bytes) -> list[dict[str, str]]:
    """Read a night's file, whatever is in it; a torn or doubled one shows in its lines."""
    told = content.decode(errors="replace").replace("\0", "")
    return [
        {str(key): str(value) for key, value in row.items()}
        for row in csv.DictReader(io.StringIO(told, newline=""))
    ]


def number(told: str | None) -> float:
    """Read a number; anything else is missing."""
    try:
        return float(told or "nan")
    except ValueError:
        return float("nan")


def samples(told: bytes) -> dict[str, float]:
    """Read metrics in Prometheus' text format: values by name and labels, as ``name{label="value"}``."""
    found = {}
    for line in told.decode(errors="replace").splitlines():
        if line.strip() and not line.startswith("#"):
            name, _, rest = line.strip().rpartition("}") if "}" in line else line.strip().partition(" ")
            name = name + "}" if "}" in line else name
            value = rest.split()
            labels = name.replace(" ", "").replace(",}", "}")
            found[labels] = number(value[0] if value else None)
    return found


def earned(lines: list[dict[str, str]], people: pd.DataFrame) -> float:
    """Say what a night's file earns in euros: the desk pays out at once what is ok and below the limit.

    It reads an empty score as zero. Whoever is not in the file, or needs a person, is worth nothing here.
    """
    chosen = {
        row.get("application_id")
        for row in lines
        if row.get("status") == "ok" and np.nan_to_num(number(row.get("score"))) < AT_ONCE
    }
    paid = people[people["application_id"].isin(chosen)]
    return float((paid["amount"] * (EARNED - (EARNED + LOST) * paid["risk"])).sum())


def project_data(*, seed: int) -> dict[str, bytes]:
    """Draw the file that the project ships with: a year of loans, and the applications of three days.

    Parameters
    ----------
    seed : int
        Seed of the generator; the same seed gives the same file.

    Returns
    -------
    files : dict of str to bytes
        Content by path.
    """
    store = past(900, seed=seed)
    for at, size in enumerate((55, 50, 60)):
        night = NIGHT - pd.Timedelta(days=2 - at)
        people = open_people(size, seed=seed + 1 + at, night=night)
        evening = of_a_night(people, seed=seed + 1 + at)
        if night == NIGHT:  # one branch has left an income out
            profiles = evening.profiles
            nobody = profiles["customer_id"] == people["customer_id"][7]
            evening = replace(evening, profiles=profiles.assign(income=profiles["income"].mask(nobody, 0.0)))
        store = store.joined(evening)
    return {f"data/store/{FILE}": written(store)}
