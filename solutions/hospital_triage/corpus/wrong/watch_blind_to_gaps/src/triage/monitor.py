"""Monitor: whether production still looks like what the model was trained on."""

import numpy as np
import pandas as pd
from scipy.stats import ks_2samp
from sklearn.model_selection import GroupKFold, cross_val_predict

from triage.features import measurements
from triage.model import new_classifier

SMALLEST = 400


def describe(closed: pd.DataFrame, features: pd.DataFrame) -> pd.DataFrame:
    """The measured fields of the training referrals, with scores by models that had not met the patient."""
    scores = cross_val_predict(
        new_classifier(),
        features,
        closed["cancer"],
        groups=closed["patient_id"],
        cv=GroupKFold(3),
        method="predict_proba",
    )[:, 1]
    return measurements(closed).assign(score=scores)


def watch(reference: pd.DataFrame, referrals: pd.DataFrame, scores: np.ndarray) -> list[dict[str, str]]:
    """Page for every field whose distribution differs, over all tests at one per cent."""
    if len(referrals) < SMALLEST:
        return []
    batch = measurements(referrals).assign(score=scores)
    return [
        {"kind": "distribution", "field": str(field), "severity": "page"}
        for field in batch
        if ks_2samp(reference[field].dropna(), batch[field].dropna()).pvalue < 0.01 / len(batch.columns)
    ]
