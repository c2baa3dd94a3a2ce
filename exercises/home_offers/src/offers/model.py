"""Model: how far a home's price lies from what its neighbourhood would suggest."""

from dataclasses import dataclass
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
from sklearn.ensemble import GradientBoostingRegressor

from offers.features import build, price_level
from offers.history import tidy

SEED = 11
FILE = "valuer.joblib"


@dataclass(frozen=True)
class Valuer:
    """A fitted model, and what it needs to answer.

    Parameters
    ----------
    regressor : GradientBoostingRegressor
        Predicts the logarithm of price over base.
    sales : DataFrame
        The sales that it was fitted on.
    error : float
        Mean absolute error in dollars on the sales that it was judged by.
    """

    regressor: GradientBoostingRegressor
    sales: pd.DataFrame
    error: float = float("nan")


def describe(homes: pd.DataFrame, day: pd.Series, sales: pd.DataFrame) -> tuple[np.ndarray, pd.Series]:
    """Describe homes by their features, and by the base: the price at the level of the neighbourhood."""
    level = price_level(sales, homes.assign(day=day))["dollars_per_sqft"]
    return build(homes, day, level), level * homes["area_sqft"]


def learnable(sales: pd.DataFrame) -> tuple[pd.DataFrame, np.ndarray, pd.Series]:
    """Read sales, oldest first, with features and base, from the first on that others came before."""
    known = tidy(sales)
    features, base = describe(known, known["closed"], known)
    usable = base.notna()
    return known[usable], features[usable], base[usable]


def new_regressor() -> GradientBoostingRegressor:
    """Return a model that has not been fitted; its seed makes a rerun give the same estimates."""
    return GradientBoostingRegressor(n_estimators=30, learning_rate=0.25, max_depth=4, random_state=SEED)


def fit(sales: pd.DataFrame) -> Valuer:
    """Fit the model on recorded sales."""
    known, features, base = learnable(sales)
    return Valuer(new_regressor().fit(features, np.log(known["price"] / base)), known)


def estimate(valuer: Valuer, homes: pd.DataFrame, day: pd.Series) -> pd.Series:
    """Estimate in dollars what homes are worth on a day; missing where nothing had been sold by then."""
    features, base = describe(homes, day, valuer.sales)
    return base * np.exp(valuer.regressor.predict(np.nan_to_num(features)))


def mean_error(valuer: Valuer, sales: pd.DataFrame) -> float:
    """Return the mean absolute error in dollars on sales."""
    estimates = estimate(valuer, sales, pd.to_datetime(sales["closed"]))
    return float((estimates - sales["price"]).abs().mean())


def save(valuer: Valuer, folder: str | Path) -> None:
    """Write a model into a folder."""
    joblib.dump(valuer, Path(folder) / FILE)


def load(folder: str | Path) -> Valuer:
    """Read a model from its folder."""
    valuer: Valuer = joblib.load(Path(folder) / FILE)
    return valuer
