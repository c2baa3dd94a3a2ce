"""Model: a forest over what was known three hours before departure."""

from pathlib import Path

import joblib
import numpy as np
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.ensemble import RandomForestRegressor
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder

from delays.features import COLUMNS, LEAD, Knowledge, departures


def pipeline() -> Pipeline:
    """Return a model that has not been fitted."""
    inputs = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore"), ["carrier", "origin"]),
        (SimpleImputer(strategy="median"), COLUMNS[2:]),
    )
    return make_pipeline(inputs, RandomForestRegressor(40, min_samples_leaf=4, max_features=0.5, random_state=0))


def learnable(flights: pd.DataFrame, weather: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame, np.ndarray]:
    """Flights that arrived, in the order of departure, with inputs and delays."""
    arrived = flights[flights["arr_delay"].notna()].reset_index(drop=True)
    arrived = arrived.assign(departs=departures(arrived)).sort_values("departs", ignore_index=True)
    inputs = Knowledge(flights, weather).describe(arrived, pd.DatetimeIndex(arrived["departs"]) - LEAD)
    return arrived, inputs, np.minimum(arrived["arr_delay"].to_numpy(dtype=float), 240.0)


def train(flights: pd.DataFrame, weather: pd.DataFrame, folder: str | Path) -> None:
    """Fit the model; what is left out of the first fit says which error is typical."""
    _, inputs, delay = learnable(flights, weather)
    cut = int(len(inputs) * 0.75)
    told = pipeline().fit(inputs[:cut], delay[:cut]).predict(inputs[cut:])
    typical = float(np.mean(np.abs(told - delay[cut:])))
    joblib.dump({"model": pipeline().fit(inputs, delay), "typical": typical}, Path(folder) / "forest.joblib")


def load(folder: str | Path) -> dict:
    """Read what training wrote."""
    return joblib.load(Path(folder) / "forest.joblib")
