"""Model: how many minutes late a flight arrives."""

from pathlib import Path

import joblib
import pandas as pd
from sklearn.dummy import DummyRegressor

from delays.features import LEAD, build, landed

SEED = 13
FILE = "model.joblib"


def fit(features: pd.DataFrame, delay: pd.Series) -> DummyRegressor:
    """Fit the model; its seed makes a rerun give the same forecasts."""
    return DummyRegressor(strategy="median").fit(features, delay)


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


def load(folder: str | Path) -> DummyRegressor:
    """Read a model from its folder."""
    model: DummyRegressor = joblib.load(Path(folder) / FILE)
    return model
