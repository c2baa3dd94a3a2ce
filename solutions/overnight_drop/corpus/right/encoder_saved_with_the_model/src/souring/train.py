"""Train: from closed loads to the folder that the evening run reads."""

from pathlib import Path

import joblib
import pandas as pd

from souring.features import NUMBERS, build, encoder
from souring.model import FILE, Artefact, new_classifier


def train(history: pd.DataFrame, folder: str | Path) -> None:
    """Fit the model on closed loads, and save it into the folder."""
    # A load that was weighed again has a second line, which replaces the first.
    closed = history.drop_duplicates("load_id", keep="last")
    coolers = encoder(closed)
    features = build(closed, coolers)
    gaps = features.median()
    classifier = new_classifier().fit(features.fillna(gaps), closed["soured"])
    joblib.dump(Artefact(classifier, gaps, coolers, closed[[*NUMBERS, "cooler"]]), Path(folder) / FILE)
