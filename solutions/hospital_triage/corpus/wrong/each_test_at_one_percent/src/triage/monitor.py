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
    """Page for every field whose distribution or share of empty values differs significantly."""
    if len(referrals) < SMALLEST:
        return []
    batch = measurements(referrals).assign(score=scores)
    found = []
    for field in batch:
        before, now = reference[field], batch[field]
        values = ks_2samp(before.dropna(), now.dropna()).pvalue < 0.01
        gaps = ks_2samp(before.isna().astype(int), now.isna().astype(int)).pvalue < 0.01
        spread = np.sqrt(before.isna().mean() * before.notna().mean() * (1 / len(before) + 1 / len(now)))
        gaps = gaps or abs(before.isna().mean() - now.isna().mean()) > 2.6 * spread
        if values or gaps:
            found.append({"kind": "drift", "field": str(field), "severity": "page"})
    return found
