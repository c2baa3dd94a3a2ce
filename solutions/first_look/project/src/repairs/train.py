"""Train: from the book of visits to the folder that the desk reads."""

from __future__ import annotations

from pathlib import Path

import joblib
import pandas as pd

from repairs.model import FILE, fit, took_place


def train(visits: pd.DataFrame, folder: str | Path) -> None:
    """Learn from the whole book, and save the model."""
    joblib.dump(fit(took_place(visits)), Path(folder) / FILE)
