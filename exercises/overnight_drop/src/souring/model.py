"""Model: what is fitted, and what is kept of a training run."""

from dataclasses import dataclass

import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier

SEED = 11
FILE = "model.joblib"


@dataclass(frozen=True)
class Artefact:
    """Everything that scoring and watching need: what was fitted, and the loads as they were reported."""

    classifier: HistGradientBoostingClassifier
    gaps: pd.Series
    reference: pd.DataFrame


def new_classifier() -> HistGradientBoostingClassifier:
    """Return a classifier that has not been fitted; its seed makes a rerun give the same scores."""
    return HistGradientBoostingClassifier(
        max_iter=40, max_leaf_nodes=6, learning_rate=0.15, random_state=SEED
    )
