"""Score readings with a saved model."""

from __future__ import annotations

from pathlib import Path

import joblib
import pandas as pd
from sklearn.preprocessing import StandardScaler

from pumps.features import COLUMNS


def score(folder: str, readings: pd.DataFrame) -> pd.DataFrame:
    """Say for each reading how likely the pump is to fail within a week."""
    model = joblib.load(Path(folder) / "model.joblib")
    risk = []
    for reading in readings[COLUMNS].to_numpy():
        scaled = StandardScaler().fit_transform([reading])
        risk.append(model.predict_proba(scaled)[0, 1])
    return pd.DataFrame({"reading_id": readings["reading_id"].to_numpy(), "risk": risk})
