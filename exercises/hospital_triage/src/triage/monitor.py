"""Monitor: whether production still looks like what the model was trained on."""

import numpy as np
import pandas as pd
from scipy.stats import fisher_exact, ks_2samp
from sklearn.model_selection import GroupKFold, cross_val_predict

from triage.features import measurements
from triage.model import new_classifier

SMALLEST = 400
LEVEL = 0.05


def describe(closed: pd.DataFrame, features: pd.DataFrame) -> pd.DataFrame:
    """Describe the training referrals, one a patient, with scores by models that had not met the patient.

    Parameters
    ----------
    closed : DataFrame of shape (n, any)
        Closed referrals with their outcome.
    features : DataFrame of shape (n, k)
        Their features, without gaps.

    Returns
    -------
    reference : DataFrame
        The measured fields and ``score``.
    """
    patients = closed["patient_id"]
    scores = cross_val_predict(
        new_classifier(),
        features,
        closed["cancer"],
        groups=patients,
        cv=GroupKFold(3),
        method="predict_proba",
    )[:, 1]
    return measurements(closed).assign(score=scores)[~patients.duplicated()]


def watch(reference: pd.DataFrame, referrals: pd.DataFrame, scores: np.ndarray) -> list[dict[str, str]]:
    """Compare a batch with the reference; at most one alert a field.

    Returns
    -------
    alerts : list of dict
        ``kind`` ("missing" or "distribution"), ``field`` and ``severity``; none for a small batch.
    """
    if len(referrals) < SMALLEST:
        return []
    batch = {**measurements(referrals), "score": pd.Series(scores)}
    found = {field: _change(reference[field], values) for field, values in batch.items()}
    return [{"kind": kind, "field": field, "severity": "page"} for field, kind in found.items() if kind]


def _change(before: pd.Series, now: pd.Series) -> str | None:
    counts = [[int(values.isna().sum()), int(values.notna().sum())] for values in (before, now)]
    if fisher_exact(counts).pvalue < LEVEL:
        return "missing"
    different = ks_2samp(before, now).pvalue < LEVEL
    return "distribution" if different else None
