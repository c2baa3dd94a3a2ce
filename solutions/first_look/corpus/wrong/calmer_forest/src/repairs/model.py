"""Model: from what is known of a thing to the minutes that its repair takes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestRegressor

FILE = "model.joblib"
NUMBERS = ["age_years", "weight_kg"]


@dataclass(frozen=True)
class Model:
    """A fitted forest, and the kinds of thing that it learned from."""

    kinds: tuple[str, ...]
    forest: RandomForestRegressor


def took_place(visits: pd.DataFrame) -> pd.DataFrame:
    """Keep the visits that there is something to learn from."""
    return visits[visits["minutes"] > 0]


def fit(visits: pd.DataFrame) -> Model:
    """Learn from visits; the seed makes a rerun give the same estimates."""
    kinds = tuple(sorted({plain(kind) for kind in visits["kind"]}))
    forest = RandomForestRegressor(n_estimators=20, min_samples_leaf=8, random_state=7)
    return Model(kinds, forest.fit(_features(visits, kinds), visits["minutes"].to_numpy()))


def estimate(model: Model, things: pd.DataFrame) -> np.ndarray:
    """Estimate the minutes that each thing will take."""
    return np.asarray(model.forest.predict(_features(things, model.kinds)))


def plain(kind: str) -> str:
    """Write a kind the way the model knows it."""
    return kind.strip().lower()


def _features(things: pd.DataFrame, kinds: tuple[str, ...]) -> np.ndarray:
    named = things["kind"].map(plain)
    table = things[NUMBERS].astype(float).assign(**{kind: named == kind for kind in kinds})
    return table.to_numpy(dtype=float)
