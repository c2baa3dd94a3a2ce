"""The simulator: a county's water pumps, and which of them failed within a week of a reading."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import expit

__all__ = ["SHIPPED_SEED", "project_data", "readings"]

SHIPPED_SEED = 2024


def readings(n: int, *, seed: int, wear: float = 0.0, worn: float = 1.0) -> pd.DataFrame:
    """Draw readings of different pumps, with the outcome known a week later.

    Parameters
    ----------
    n : int
        Number of readings.
    seed : int
        Seed of the generator; the same seed gives the same table.
    wear : float, default=0.0
        How worn these pumps are on average; 0 is the county's average.
    worn : float, default=1.0
        Standard deviation of their wear.

    Returns
    -------
    readings : DataFrame of shape (n, 6)
        ``reading_id``, ``week`` (1 to 52), ``vibration`` (mm/s), ``temperature`` (°C), ``hours`` since the last
        service, ``failed`` (0 or 1).
    """
    rng = np.random.default_rng(seed)
    state = rng.normal(wear, worn, size=n)
    hours = rng.uniform(0, 4000, size=n)
    chance = expit(-2.2 + 2.2 * state + 0.5 * (hours / 1000 - 2))
    return pd.DataFrame(
        {
            "reading_id": [f"{seed % 997:03d}-{number:05d}" for number in range(n)],
            "week": rng.integers(1, 53, size=n),
            "vibration": np.clip(4 + 1.2 * state + rng.normal(0, 0.5, size=n), 0.5, 12).round(2),
            "temperature": np.clip(60 + 5 * state + rng.normal(0, 4, size=n), 20, 110).round(1),
            "hours": hours.round().astype(int),
            "failed": (rng.random(n) < chance).astype(int),
        }
    )


def project_data(*, seed: int) -> dict[str, pd.DataFrame]:
    """Draw the data that candidates get: a year of readings, six of which were wrong at first and sent again."""
    sent = readings(240, seed=seed).sort_values("week", ignore_index=True)
    again = sent.sample(6, random_state=seed).sort_index()
    sent.loc[again.index, "vibration"] = (12.5 - again["vibration"]).round(2)
    return {"data/readings.csv": pd.concat([sent, again])}
