"""The customers of a vegetable-box depot: who they are, what the broker sells about them, and who leaves.

The simulator knows the chance at which each customer leaves; the notebook sees only what the export holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

__all__ = [
    "EDGES",
    "HOUSEHOLD",
    "PLANS",
    "SAVED",
    "VOUCHER",
    "area",
    "customers",
    "customers_and_chance",
    "exported_again",
    "gain",
    "share_at_the_top",
]

HOUSEHOLD = [f"hh_{number:02d}" for number in range(1, 25)]

# The edges of what the data card calls possible; a pushed value stays within them.
EDGES = {
    "tenure_weeks": (0, 520),
    "boxes_8w": (0, 8),
    "skips_8w": (0, 8),
    "days_since_login": (0, 365),
    "complaints_8w": (0, 8),
    "late_deliveries_8w": (0, 8),
    "discount_share": (0.0, 1.0),
    "payment_failures_26w": (0, 6),
}

PLANS = pd.DataFrame(
    {
        "plan": ["S1", "S2", "F1", "F2", "O1"],
        "size": ["small", "small", "family", "family", "office"],
        "every_weeks": [1, 2, 1, 2, 1],
    }
)

SHIPPED_SEED = 20250303
VOUCHER, SAVED = 3.0, 20.0  # euros, as the README states them


def customers_and_chance(
    n: int,
    *,
    seed: int,
    own: float = 1.0,
    household: float = 0.45,
    telling: int | Sequence[str] = 4,
    rate: float = 0.05,
) -> tuple[pd.DataFrame, np.ndarray]:
    """Draw customers as the depot exports them, each once, and how likely each is to leave.

    Parameters
    ----------
    n : int
        Number of customers; two in five are dealt to ``train``, one in five to ``tune``, two in five to ``test``.
    seed : int
        Seed of the generator; the same seed gives the same table.
    own : float, default=1.0
        Strength of what the depot itself knows (standard deviation of that part of the log-odds).
    household : float, default=0.45
        Weight of each telling household score, per standard deviation of it, in the log-odds.
    telling : int or sequence of str, default=4
        Which household scores tell anything, or how many of the 24; then the seed draws them.
    rate : float, default=0.05
        Share of customers expected to leave.

    Returns
    -------
    customers : DataFrame of shape (n, 37)
        ``customer_id``, ``exported_on``, ``split``, ``plan``, the depot's own columns, ``hh_01`` to ``hh_24``
        (0 to 100), ``left`` (0 or 1).
    chance : ndarray of shape (n,)
        How likely each is to leave, as only the world knows.
    """
    rng = np.random.default_rng(seed)
    table = _known_to_the_depot(n, rng)
    scores = rng.normal(size=(n, len(HOUSEHOLD)))
    names = rng.choice(HOUSEHOLD, telling, replace=False) if isinstance(telling, int) else telling
    weights = np.isin(HOUSEHOLD, names) * household * rng.choice([-1, 1], len(HOUSEHOLD))
    log_odds = own * _restlessness(table) + scores @ weights
    chance = _as_likely_as(rate, log_odds)
    table[HOUSEHOLD] = np.clip(np.round(50 + 15 * scores), 0, 100).astype(int)
    table["left"] = (rng.random(n) < chance).astype(int)
    return table, chance


def _as_likely_as(rate: float, log_odds: np.ndarray) -> np.ndarray:
    """Turn log-odds into chances, all shifted alike so that their mean is the rate."""
    low, high = -30.0, 30.0
    for _ in range(60):
        shift = (low + high) / 2
        low, high = (shift, high) if _chance(log_odds + shift).mean() < rate else (low, shift)
    return _chance(log_odds + high)


def _chance(log_odds: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-log_odds))


def customers(n: int, **world: Any) -> pd.DataFrame:
    """Draw customers as the depot exports them; see `customers_and_chance`."""
    return customers_and_chance(n, **world)[0]


def exported_again(table: pd.DataFrame, share: float, *, seed: int) -> pd.DataFrame:
    """Put an earlier export of some customers before their rows, as the move to another system left them.

    Parameters
    ----------
    table : DataFrame
        Customers, each once; their rows are the later ones.
    share : float
        Share of the customers who were exported before.
    seed : int
        Seed of the generator.

    Returns
    -------
    table : DataFrame
        The earlier rows (same id and label, counters of a fortnight before, a part dealt anew), then ``table``.
    """
    rng = np.random.default_rng(seed)
    early = table.sample(frac=share, random_state=rng.integers(2**31)).copy()
    early["exported_on"] = "2025-02-17"
    early["split"] = rng.permutation(early["split"].to_numpy())
    early["tenure_weeks"] = (early["tenure_weeks"] - 2).clip(lower=0)
    early["days_since_login"] = np.where(
        early["days_since_login"] < 0, -1, (early["days_since_login"] - 14).clip(lower=0)
    )
    early["boxes_8w"] = np.clip(early["boxes_8w"] + rng.integers(-1, 2, len(early)), 0, 8)
    return pd.concat([early, table], ignore_index=True)


def project_data(*, seed: int) -> dict[str, pd.DataFrame]:
    """Draw the files that the project comes with; `SHIPPED_SEED` gives those that it ships."""
    table = customers(5000, seed=seed, own=1.4, household=0.3, telling=3)
    again = exported_again(table, 0.12, seed=abs(seed - SHIPPED_SEED) + 1)
    return {"data/customers.csv": again, "data/plans.csv": PLANS}


def gain(left: np.ndarray, mailed: np.ndarray) -> float:
    """Return the euros that vouchers to the ``mailed`` customers earn, costs taken off."""
    return float(SAVED * np.sum(left[mailed]) - VOUCHER * np.sum(mailed))


def area(left: np.ndarray, score: np.ndarray) -> float:
    """Area under the ROC curve, ties counted half."""
    ranks = pd.Series(np.asarray(score)).rank().to_numpy()
    leaver = np.asarray(left) == 1
    ones, zeros = leaver.sum(), (~leaver).sum()
    return float((ranks[leaver].sum() - ones * (ones + 1) / 2) / (ones * zeros))


def share_at_the_top(left: np.ndarray, score: np.ndarray, calls: int) -> tuple[float, float]:
    """Return the least and the greatest share of leavers among the ``calls`` highest scores, however ties break."""
    edge = np.sort(score)[-calls]
    sure = left[score > edge]
    tied = np.sort(left[score == edge])
    places = calls - len(sure)
    return (
        float(sure.sum() + tied[:places].sum()) / calls,
        float(sure.sum() + tied[len(tied) - places :].sum()) / calls,
    )


def _known_to_the_depot(n: int, rng: np.random.Generator) -> pd.DataFrame:
    plan = rng.choice(PLANS["plan"].to_numpy(), n, p=[0.3, 0.2, 0.28, 0.16, 0.06])
    due = np.where(np.char.endswith(plan.astype(str), "2"), 4, 8)
    skips = rng.binomial(due, rng.beta(1.2, 6, n))
    return pd.DataFrame(
        {
            "customer_id": [f"C{number:06d}" for number in rng.choice(900_000, n, replace=False) + 100_000],
            "exported_on": "2025-03-03",
            "split": rng.permutation(np.repeat(["train", "tune", "test"], _dealt(n))),
            "plan": plan,
            "tenure_weeks": np.clip(rng.gamma(1.3, 55, n).astype(int), 0, 520),
            "boxes_8w": due - skips,
            "skips_8w": skips,
            "days_since_login": np.where(
                rng.random(n) < 0.07, -1, np.clip(rng.exponential(24, n).astype(int), 0, 365)
            ),
            "complaints_8w": np.clip(rng.poisson(0.25, n), 0, 8),
            "late_deliveries_8w": rng.binomial(due - skips, 0.07),
            "discount_share": np.round(np.where(rng.random(n) < 0.6, 0, rng.beta(2, 4, n)), 2),
            "payment_failures_26w": np.clip(rng.poisson(0.15, n), 0, 6),
        }
    )


def _dealt(n: int) -> list[int]:
    train, tune = round(0.4 * n), round(0.2 * n)
    return [train, tune, n - train - tune]


def _restlessness(table: pd.DataFrame) -> np.ndarray:
    login = table["days_since_login"].replace(-1, 365)
    due = table["boxes_8w"] + table["skips_8w"]
    raw = (
        3.0 * table["skips_8w"] / due
        + 0.35 * np.log1p(login)
        + 0.6 * table["complaints_8w"]
        + 0.4 * table["late_deliveries_8w"]
        + 1.2 * table["discount_share"]
        + 0.7 * table["payment_failures_26w"]
        - 0.35 * np.log1p(table["tenure_weeks"])
        + 0.4 * table["plan"].str.endswith("2")
    ).to_numpy()
    return (raw - raw.mean()) / raw.std()
