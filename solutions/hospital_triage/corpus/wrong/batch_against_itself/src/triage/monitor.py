"""Monitor: whether a batch is still what it was."""

import numpy as np
import pandas as pd
from scipy.stats import ks_2samp

from triage.features import measurements


def watch(referrals: pd.DataFrame, scores: np.ndarray) -> list[dict[str, str]]:
    """Page for every field whose distribution differs between the halves of a large batch."""
    batch = measurements(referrals).assign(score=scores)
    half = len(batch) // 2
    if half < 250:
        return []
    return [
        {"kind": "drift", "field": str(field), "severity": "page"}
        for field in batch
        if ks_2samp(batch[field][:half], batch[field][half:], nan_policy="omit").pvalue < 0.001
    ]
