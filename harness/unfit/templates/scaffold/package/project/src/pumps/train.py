"""Learn which pumps fail within a week."""

from __future__ import annotations

from pathlib import Path

import joblib
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from pumps.features import COLUMNS, settled


def train(history: pd.DataFrame, folder: str) -> None:
    """Fit the model on readings whose outcome is known, and save it in a folder."""
    known = settled(history)
    model = make_pipeline(StandardScaler(), LogisticRegression())
    model.fit(known[COLUMNS], known["failed"])
    joblib.dump(model, Path(folder) / "model.joblib")
