"""Model: a pipeline from the columns of a booking to minutes."""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.compose import TransformedTargetRegressor, make_column_transformer
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder

FILE = "model.joblib"
NUMBERS = ["age_years", "weight_kg"]


def took_place(visits: pd.DataFrame) -> pd.DataFrame:
    """Leave out visitors who never came."""
    return visits.query("minutes > 0")


def clean(things: pd.DataFrame) -> pd.DataFrame:
    """Write kinds alike, and numbers as numbers; what is none becomes missing."""
    table = things.reindex(columns=["kind", *NUMBERS])
    table["kind"] = table["kind"].astype(str).str.strip().str.lower()
    table[NUMBERS] = table[NUMBERS].apply(pd.to_numeric, errors="coerce").astype(float)
    return table


def fit(visits: pd.DataFrame) -> Pipeline:
    """Fit the pipeline on visits that took place."""
    columns = make_column_transformer((OneHotEncoder(handle_unknown="ignore"), ["kind"]), remainder="passthrough")
    boosting = GradientBoostingRegressor(n_estimators=60, random_state=1)
    logged = TransformedTargetRegressor(boosting, func=np.log, inverse_func=np.exp)
    return make_pipeline(columns, logged).fit(clean(visits), visits["minutes"])


def kinds(model: Pipeline) -> set[str]:
    """Name the kinds that the pipeline was fitted on."""
    return set(model[0].named_transformers_["onehotencoder"].categories_[0])
