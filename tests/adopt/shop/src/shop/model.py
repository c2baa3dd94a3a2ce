"""Training and scoring."""

from __future__ import annotations

from pathlib import Path

import joblib
import pandas as pd
from sklearn.linear_model import LogisticRegression

from .features import features


def train(orders: pd.DataFrame, folder: Path) -> None:
    """Fit the model on orders of which one knows whether they came back."""
    model = LogisticRegression(max_iter=1000).fit(features(orders), orders["came_back"])
    joblib.dump(model, Path(folder) / "model.joblib")


def score(folder: Path, orders: list[dict]) -> list[dict]:
    """Say for each order how likely it comes back."""
    model = joblib.load(Path(folder) / "model.joblib")
    chance = model.predict_proba(features(pd.DataFrame(orders)))[:, 1]
    return [{"order_id": order["order_id"], "chance": float(one)} for order, one in zip(orders, chance)]
