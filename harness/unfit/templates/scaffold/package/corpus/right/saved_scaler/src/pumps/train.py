"""Learn which pumps fail within a week."""

from __future__ import annotations

from pathlib import Path

import joblib
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from pumps.features import COLUMNS, settled


def train(history: pd.DataFrame, folder: str) -> None:
    """Fit the scaler and the model on readings whose outcome is known, and save both."""
    known = settled(history)
    scaler = StandardScaler().fit(known[COLUMNS])
    model = LogisticRegression().fit(scaler.transform(known[COLUMNS]), known["failed"])
    joblib.dump(scaler, Path(folder) / "scaler.joblib")
    joblib.dump(model, Path(folder) / "model.joblib")
