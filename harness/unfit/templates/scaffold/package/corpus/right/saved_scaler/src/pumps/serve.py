"""Score readings with a saved model."""

from __future__ import annotations

from pathlib import Path

import joblib
import pandas as pd

from pumps.features import COLUMNS


def score(folder: str, readings: pd.DataFrame) -> pd.DataFrame:
    """Say for each reading how likely the pump is to fail within a week."""
    scaler = joblib.load(Path(folder) / "scaler.joblib")
    model = joblib.load(Path(folder) / "model.joblib")
    risk = model.predict_proba(scaler.transform(readings[COLUMNS]))[:, 1]
    return pd.DataFrame({"reading_id": readings["reading_id"].to_numpy(), "risk": risk})
