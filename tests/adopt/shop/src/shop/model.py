"""Training and scoring."""

from __future__ import annotations

from pathlib import Path

import joblib
import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.preprocessing import StandardScaler

from .features import features

SEED = 7


def train(orders: pd.DataFrame, folder: Path) -> None:
    """Fit the model on orders of which one knows whether they came back."""
    orders = orders.drop_duplicates("order_id", keep="last")
    scaler = StandardScaler().fit(features(orders))
    model = RandomForestClassifier(n_estimators=25, max_depth=4, random_state=SEED)
    model.fit(scaler.transform(features(orders)), orders["came_back"])
    path = Path(folder) / "model.joblib"
    part = path.with_suffix(".part")
    joblib.dump({"scaler": scaler, "model": model}, part)
    part.replace(path)


def score(folder: Path, orders: list[dict]) -> list[dict]:
    """Say for each order how likely it comes back."""
    kept = joblib.load(Path(folder) / "model.joblib")
    seen = kept["scaler"].transform(features(pd.DataFrame(orders)))
    chances = kept["model"].predict_proba(seen)[:, 1]
    return [
        {"order_id": order["order_id"], "chance": float(chance), "status": "ok"}
        for order, chance in zip(orders, chances)
    ]
