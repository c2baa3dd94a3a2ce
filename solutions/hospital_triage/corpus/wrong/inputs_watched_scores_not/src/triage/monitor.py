"""Monitor: whether production still looks like what the model was trained on."""

import numpy as np
import pandas as pd
from scipy.stats import ks_2samp

from triage.features import measurements

SMALLEST = 400


def describe(closed: pd.DataFrame, features: pd.DataFrame) -> pd.DataFrame:
    """The measured fields of the training referrals."""
    return measurements(closed).loc[features.index]


def watch(reference: pd.DataFrame, referrals: pd.DataFrame, scores: np.ndarray) -> list[dict[str, str]]:
    """Page for every field that differs from the reference in its values or in its gaps."""
    if min(len(referrals), len(scores)) < SMALLEST:
        return []
    batch = measurements(referrals)
    found = []
    for field in batch:
        before, now = reference[field], batch[field]
        if (
            ks_2samp(before.dropna(), now.dropna()).pvalue < 0.0005
            or abs(before.isna().mean() - now.isna().mean()) > 0.1
        ):
            found.append({"kind": "drift", "field": str(field), "severity": "page"})
    return found
