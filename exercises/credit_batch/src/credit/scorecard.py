"""Scorecard: how likely a loan is not to be paid back."""

from dataclasses import dataclass
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

FILE = "scorecard.joblib"
RANGES = pd.DataFrame(
    {
        "amount": (100, 30_000),
        "income": (200, 20_000),
        "spent_mean": (0, 20_000),
        "spent_sd": (0, 20_000),
    },
    index=["low", "high"],
)


@dataclass(frozen=True)
class Scorecard:
    """Points, which add up to the logarithm of the odds.

    Parameters
    ----------
    base : float
        Points of everybody.
    weights : dict of str to float
        Points for each unit of a predictor.
    employment : dict of str to float
        Points for each kind of employment that training has met.
    """

    base: float
    weights: dict[str, float]
    employment: dict[str, float]


def fit(examples: pd.DataFrame) -> Scorecard:
    """Fit a scorecard on loans whose outcome is known; a loan with a missing figure is left out."""
    whole = examples.dropna()
    whole = whole[(whole["income"] > 0) & (whole["amount"] > 0)]  # both are under a logarithm
    kinds = pd.get_dummies(whole["employment"], dtype=float)
    numbers = predictors(whole)
    model = LogisticRegression(C=30, max_iter=1000).fit(numbers.join(kinds), whole["defaulted"].astype(int))
    points = dict(zip([*numbers, *kinds], map(float, model.coef_[0]), strict=True))
    employment = {kind: points.pop(kind) for kind in kinds}
    return Scorecard(float(model.intercept_[0]), points, employment)


def predictors(known: pd.DataFrame) -> pd.DataFrame:
    """Turn figures into what the scorecard weighs."""
    income = known["income"]
    return pd.DataFrame(
        {
            "burden": np.log(known["amount"] / income),
            "means": np.log(income),
            "spending": known["spent_mean"] / income,
            "unsteadiness": known["spent_sd"] / income,
        }
    )


def scorable(card: Scorecard, known: pd.DataFrame) -> pd.Series:
    """Say which applications can be scored: figures in their ranges, employment of a kind that was met."""
    numbers = known[RANGES.columns]
    outside = (numbers < RANGES.loc["low"]) | (numbers > RANGES.loc["high"])
    met = known["employment"].isin(list(card.employment))
    return ~outside.any(axis=1) & met


def score(card: Scorecard, known: pd.DataFrame) -> pd.Series:
    """Score applications that can be scored; 1 is a loan that will surely be lost."""
    numbers = predictors(known) @ pd.Series(card.weights)
    kinds = known["employment"].map(card.employment).astype(float)
    return expit(card.base + numbers + kinds)


def save(card: Scorecard, folder: str | Path) -> None:
    """Write a scorecard into a folder."""
    joblib.dump(card, Path(folder) / FILE)


def load(folder: str | Path) -> Scorecard:
    """Read a scorecard from its folder."""
    card: Scorecard = joblib.load(Path(folder) / FILE)
    return card
