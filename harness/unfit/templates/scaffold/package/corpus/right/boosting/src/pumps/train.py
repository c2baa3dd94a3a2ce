"""Learn which pumps fail within a week."""

from __future__ import annotations

from pathlib import Path

import joblib
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier

from pumps.features import COLUMNS, settled


def train(history: pd.DataFrame, folder: str) -> None:
    """Fit the model on readings whose outcome is known, and save it in a folder."""
    known = settled(history)
    model = HistGradientBoostingClassifier(max_iter=50).fit(known[COLUMNS], known["failed"])
    joblib.dump(model, Path(folder) / "model.joblib")
