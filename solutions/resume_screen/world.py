"""The applicants of a software house: what they can do, what they write, whom recruiters invited and a panel rated.

The world knows everybody's merit. It has nothing to do with gender; the invitations of the past have.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd

__all__ = [
    "COLLEGES",
    "PERSONAL",
    "PRIVATE",
    "SKILLS",
    "WOMENS_COLLEGES",
    "applicants",
    "area",
    "exchanged",
    "gap",
    "history",
    "passed_over",
    "project_data",
    "records",
    "wilson",
]

SHIPPED_SEED = 20180
WOMENS_COLLEGES = ("Ashby", "Merrow")
COLLEGES = (*WOMENS_COLLEGES, "Calder", "Dunholt", "Eastmoor", "Fenwick", "Garth", "Holm", "Ivel", "Kestrel")
SKILLS = (
    "python", "java", "c++", "rust", "sql", "statistics", "networks", "compilers", "testing", "security",
    "graphics", "databases", "linux", "robotics", "mobile", "cloud",
)  # fmt: skip
NEUTRAL = ("chess club", "choir", "debating", "hackathons", "hiking", "theatre", "tutoring", "volunteering")
OF_WOMEN = ("women's rowing", "women's chess club", "women in engineering", "netball", "sorority council")
OF_MEN = ("men's rowing", "men's glee club", "fraternity council", "rugby")
DEGREES = ("none", "bachelor", "master", "doctorate")
FIRST = {
    True: ("Adaeze", "Birgitta", "Catalina", "Dorothea", "Eleonora", "Fatoumata", "Giuliana", "Henrietta"),
    False: (
        "Alasdair",
        "Bartholomew",
        "Cristobal",
        "Diarmuid",
        "Ebenezer",
        "Ferdinand",
        "Giancarlo",
        "Hendrik",
    ),
}
LAST = (
    "Abernathy", "Bergstrom", "Castellano", "Dimitriou", "Ekwueme", "Fairweather", "Gustafsson", "Hargreaves",
    "Ivanovic", "Jorgensen", "Kowalczyk", "Lindqvist", "Montgomery", "Nakashima", "Okonkwo", "Papadakis",
)  # fmt: skip
STREETS = ("Almshouse", "Brickfield", "Candlemaker", "Drovers", "Endeavour", "Foundry", "Granary", "Harbour")
# What identifies an applicant, and what tells their gender beside it.
PRIVATE = ("name", "address", "email")
PERSONAL = (*PRIVATE, "gender", "college", "activities")
QUALIFIED = 0.25  # share of applicants whom the panel, had it no doubts, would find qualified
FIELDS = (
    "application_id", "round", "status", *PRIVATE, "gender", "college", "degree", "years", "test", "referred",
    "skills", "activities", "invited", "panel",
)  # fmt: skip


def applicants(n: int, *, seed: int, disfavour: float = 1.3) -> pd.DataFrame:
    """Draw applicants with the truth about them.

    Parameters
    ----------
    n : int
        Number of applicants.
    seed : int
        Seed of the generator; the same seed gives the same table.
    disfavour : float, default=1.3
        Merit, in standard deviations, by which recruiters took women for less than they are.

    Returns
    -------
    applicants : DataFrame of shape (n, 18)
        The columns of the data card, and ``woman`` and ``qualified``, which only the world knows.
    """
    rng = np.random.default_rng([seed, 1])
    woman = rng.random(n) < 0.45
    merit = rng.normal(size=n)
    gender = np.where(rng.random(n) < 0.06, "not given", np.where(woman, "woman", "man"))
    table = pd.DataFrame({"application_id": [f"A{seed % 1000:03d}-{row:05d}" for row in range(n)]})
    table["round"], table["status"] = 0, "closed"
    _identify(table, woman, rng)
    table["gender"] = gender
    table["college"] = np.where(
        woman & (rng.random(n) < 0.4), rng.choice(WOMENS_COLLEGES, n), rng.choice(COLLEGES[2:], n)
    )
    table["degree"] = np.array(DEGREES)[
        np.digitize(0.5 * merit + 0.87 * rng.normal(size=n), [-1.2, 0.4, 1.6])
    ]
    table["years"] = np.clip(rng.gamma(1.6, 3.6, n) * np.exp(0.2 * merit), 0, 40).round().astype(int)
    test = np.clip(52 + 16 * (0.7 * merit + 0.71 * rng.normal(size=n)), 0, 100).round()
    table["test"] = np.where(rng.random(n) < 0.15, np.nan, test)
    table["referred"] = (rng.random(n) < _chance(-1.6 + 0.5 * merit)).astype(int)
    table["skills"] = _listed(
        SKILLS,
        rng.random((n, len(SKILLS)))
        < _chance(np.linspace(-1.8, 0.2, len(SKILLS)) + np.outer(merit, _TELLING)),
    )
    table["activities"] = _activities(woman, rng)
    seen = 2.0 * (merit - disfavour * woman) + rng.logistic(size=n)
    table["invited"] = (seen > 1.0).astype(int)
    rated = rng.random(n) < 0.5
    found = merit + 0.35 * rng.normal(size=n) > _BAR
    table["panel"] = np.where(rated, found, np.nan)
    return table[list(FIELDS)].assign(woman=woman, qualified=(merit > _BAR).astype(int))


# How much a skill says about merit; some say nothing.
_TELLING = np.array([0.9, 0.1, 0.7, 0.8, 0.2, 1.0, 0.3, 1.0, 0.6, 0.5, 0.0, 0.4, 0.3, 0.7, 0.0, 0.1])
_BAR = 0.6745  # merit of the quarter that is qualified


def history(n: int, *, seed: int, rounds: int = 6, withdrawn: float = 0.15) -> pd.DataFrame:
    """Draw the applications of past rounds, as the archive holds them.

    Parameters
    ----------
    n : int
        Number of applications.
    seed : int
        Seed of the generator.
    rounds : int, default=6
        Number of rounds, of equal size and in order.
    withdrawn : float, default=0.15
        Share that was withdrawn half filled in: nobody was invited, and the panel, if asked, found nothing.

    Returns
    -------
    applications : DataFrame of shape (n, 16)
        As the data card describes them.
    """
    table = applicants(n, seed=seed).drop(columns=["woman", "qualified"])
    rng = np.random.default_rng([seed, 2])
    table["round"] = 1 + np.arange(n) * rounds // n
    gone = rng.random(n) < withdrawn
    empty = {"status": "withdrawn", "degree": "none", "years": 0, "test": np.nan, "skills": "", "invited": 0}
    for column, value in empty.items():
        table.loc[gone, column] = value
    table.loc[gone & table["panel"].notna(), "panel"] = 0
    return table


def records(people: pd.DataFrame) -> list[dict[str, Any]]:
    """Write applications as the form sends them: before anybody has decided; an empty field is ``None``."""
    known = ["round", "status", "invited", "panel", "woman", "qualified"]
    plain = people.drop(columns=known, errors="ignore").astype(object)
    plain = plain.where(plain.notna(), None)
    columns = [str(column) for column in plain.columns]
    return [dict(zip(columns, row, strict=True)) for row in plain.itertuples(index=False)]


def exchanged(rows: list[dict[str, Any]], *, seed: int) -> list[dict[str, Any]]:
    """Deal what tells who somebody is to the applications anew, together or not."""
    rng = np.random.default_rng([seed, 3])
    orders = {field: rng.permutation(len(rows)) for field in PERSONAL}
    return [
        row | {field: rows[order[at]][field] for field, order in orders.items()}
        for at, row in enumerate(rows)
    ]


def _chance(log_odds: Any) -> Any:
    return 1 / (1 + np.exp(-log_odds))


def area(truth: np.ndarray, scores: np.ndarray) -> float:
    """Area under the ROC curve, ties counted half."""
    ranks = pd.Series(scores).rank().to_numpy()
    positive = np.asarray(truth) == 1
    ones, zeros = int(positive.sum()), int((~positive).sum())
    return float((ranks[positive].sum() - ones * (ones + 1) / 2) / (ones * zeros))


def gap(people: pd.DataFrame, shortlisted: np.ndarray) -> float:
    """Return by how much the share of the qualified who are shortlisted is lower among women than among men.

    The absolute value is what fairlearn calls ``true_positive_rate_difference``.
    """
    qualified = (people["qualified"] == 1).to_numpy()
    women = people["woman"].to_numpy()
    listed = np.asarray(shortlisted, dtype=bool)
    return float(listed[qualified & ~women].mean() - listed[qualified & women].mean())


def passed_over(people: pd.DataFrame, shortlisted: np.ndarray) -> float:
    """Return how many qualified applicants of a thousand applications are not shortlisted."""
    missed = (people["qualified"].to_numpy() == 1) & ~np.asarray(shortlisted, dtype=bool)
    return float(1000 * missed.mean())


def wilson(hits: int, n: int, z: float = 1.96) -> tuple[float, float]:
    """Return Wilson's interval of a share."""
    share, slack = hits / n, z * z / n
    half = z * np.sqrt(share * (1 - share) / n + slack / (4 * n))
    return float((share + slack / 2 - half) / (1 + slack)), float((share + slack / 2 + half) / (1 + slack))


def project_data(*, seed: int) -> dict[str, bytes]:
    """Draw the shipped data: six past rounds, and the beginning of a new one."""
    return {
        "data/applications.csv": history(2400, seed=seed).to_csv(index=False).encode(),
        "data/round.json": (json.dumps(records(applicants(8, seed=seed + 1)), indent=1) + "\n").encode(),
    }


def _identify(table: pd.DataFrame, woman: np.ndarray, rng: np.random.Generator) -> None:
    n = len(table)
    first = np.where(woman, rng.choice(FIRST[True], n), rng.choice(FIRST[False], n))
    last, street = rng.choice(LAST, n), rng.choice(STREETS, n)
    house = rng.integers(1, 200, n)
    table["name"] = [f"{one} {other}" for one, other in zip(first, last, strict=True)]
    table["address"] = [f"{number} {name} Street" for number, name in zip(house, street, strict=True)]
    table["email"] = [
        f"{one}.{other}{number}@example.org".lower()
        for one, other, number in zip(first, last, house, strict=True)
    ]


def _activities(woman: np.ndarray, rng: np.random.Generator) -> list[str]:
    n = len(woman)
    of_women = rng.random((n, len(OF_WOMEN))) < np.where(woman, 0.25, 0.0)[:, None]
    of_men = rng.random((n, len(OF_MEN))) < np.where(woman, 0.0, 0.25)[:, None]
    neutral = rng.random((n, len(NEUTRAL))) < 0.15
    return _listed((*NEUTRAL, *OF_WOMEN, *OF_MEN), np.hstack([neutral, of_women, of_men]))


def _listed(words: tuple[str, ...], chosen: np.ndarray) -> list[str]:
    return ["; ".join(words[at] for at in np.flatnonzero(row)) for row in chosen]
