"""Watch: population stability of a batch against the training referrals."""

import numpy as np
import pandas as pd
from sklearn.model_selection import GroupKFold, cross_val_predict

from triage.features import NUMBERS, measurements
from triage.model import new_classifier

PAGE_ABOVE = 0.25


def reference(referrals: pd.DataFrame, features: pd.DataFrame) -> dict[str, tuple[list[float], list[float]]]:
    """Bin edges and shares of every measured field and of the score; the last share is that of empty values."""
    scores = cross_val_predict(
        new_classifier(),
        features,
        referrals["cancer"],
        groups=referrals["patient_id"],
        cv=GroupKFold(4),
        method="predict_proba",
    )[:, 1]
    table = measurements(referrals).assign(score=scores)
    found = {}
    for field in (*NUMBERS, "score"):
        values = table[field].to_numpy()
        edges = np.unique(np.nanquantile(values, np.linspace(0.1, 0.9, 9))).tolist()
        found[field] = edges, shares(values, edges).tolist()
    return found


def shares(values: np.ndarray, edges: list[float]) -> np.ndarray:
    missing = np.isnan(values)
    counts = np.bincount(np.searchsorted(edges, values[~missing]), minlength=len(edges) + 1)
    return (np.append(counts, missing.sum()) + 0.5) / (len(values) + 0.5 * (len(counts) + 1))


def alerts(kept: dict, referrals: pd.DataFrame, scores: np.ndarray) -> list[dict[str, str]]:
    """One alert for each field whose index is above the usual limit; batches below 400 are too noisy."""
    if len(referrals) < 400:
        return []
    table = measurements(referrals).assign(score=scores)
    found = []
    for field, (edges, before) in kept.items():
        now, then = shares(table[field].to_numpy(), edges), np.array(before)
        if ((now - then) * np.log(now / then)).sum() > PAGE_ABOVE:
            found.append({"kind": "stability", "field": field, "severity": "page"})
    return found
