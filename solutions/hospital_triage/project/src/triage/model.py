"""Model: what is fitted, and what is kept of it for scoring."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier

SEED = 20
FILE = "model.joblib"


@dataclass(frozen=True)
class Artefact:
    """Everything that scoring needs of a training run.

    Parameters
    ----------
    classifier : HistGradientBoostingClassifier
        Fitted on features without gaps.
    gaps : Series
        What stands in for a missing value, by feature.
    reference : DataFrame
        What the training referrals looked like, for the watch on production.
    """

    classifier: HistGradientBoostingClassifier
    gaps: pd.Series
    reference: pd.DataFrame


def new_classifier() -> HistGradientBoostingClassifier:
    """Return a classifier that has not been fitted; its seed makes a rerun give the same scores."""
    return HistGradientBoostingClassifier(
        max_iter=30, max_leaf_nodes=6, l2_regularization=10.0, early_stopping=False, random_state=SEED
    )


def risk(classifier: HistGradientBoostingClassifier, features: pd.DataFrame) -> np.ndarray:
    """Estimate the probability of cancer for each row of features without gaps."""
    return np.asarray(classifier.predict_proba(features)[:, 1])
