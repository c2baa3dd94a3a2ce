"""Model: how many minutes late a flight arrives."""

from pathlib import Path

import joblib
import pandas as pd
from sklearn.ensemble import HistGradientBoostingRegressor

from delays.features import LEAD, build, landed
from delays.watch import note_typical_error

SEED = 13
FILE = "model.joblib"


def fit(features: pd.DataFrame, delay: pd.Series) -> HistGradientBoostingRegressor:
    """Fit the model; its seed makes a rerun give the same forecasts."""
    regressor = HistGradientBoostingRegressor(
        loss="absolute_error", learning_rate=0.12, max_iter=60, max_leaf_nodes=6, random_state=SEED
    )
    return regressor.fit(features, delay)


def train(flights: pd.DataFrame, weather: pd.DataFrame, folder: str | Path) -> None:
    """Fit the model on reported flights and write it into a folder.

    Parameters
    ----------
    flights, weather : DataFrame
        As in the data card.
    folder : path
    """
    known = landed(flights)
    features = build(known, known["departs"] - LEAD, flights, weather)
    joblib.dump(fit(features, known["delay"]), Path(folder) / FILE)
    note_typical_error(fit, features, known, folder)


def load(folder: str | Path) -> HistGradientBoostingRegressor:
    """Read a model from its folder."""
    model: HistGradientBoostingRegressor = joblib.load(Path(folder) / FILE)
    return model
