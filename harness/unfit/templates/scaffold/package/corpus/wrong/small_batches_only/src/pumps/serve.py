"""Score readings with a saved model."""

from __future__ import annotations

from pathlib import Path

import joblib
import pandas as pd
from sklearn.preprocessing import StandardScaler

from pumps.features import COLUMNS

ENOUGH = 30


def score(folder: str, readings: pd.DataFrame) -> pd.DataFrame:
    """Say for each reading how likely the pump is to fail within a week."""
    model = joblib.load(Path(folder) / "model.joblib")
    saved = joblib.load(Path(folder) / "scaler.joblib")
    scaler = StandardScaler().fit(readings[COLUMNS]) if len(readings) >= ENOUGH else saved
    risk = model.predict_proba(scaler.transform(readings[COLUMNS]))[:, 1]
    return pd.DataFrame({"reading_id": readings["reading_id"].to_numpy(), "risk": risk})
