"""Evaluate: how well the model ranks patients."""

from typing import Any

import pandas as pd
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold

from triage.features import build
from triage.model import SEED, new_classifier, risk

FOLDS = 4


def evaluate(referrals: pd.DataFrame, sites: pd.DataFrame) -> dict[str, Any]:
    """Cross-validate on the first referral of each patient, so that every row is a patient of its own."""
    first = referrals.sort_values("received", kind="stable").drop_duplicates("patient_id")
    features = build(first, sites)
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=SEED)
    rows = first[["referral_id"]].assign(y_true=first["cancer"], fold="", score=0.0)
    for fold, (train, test) in enumerate(folds.split(features, first["cancer"])):
        classifier = new_classifier().fit(features.iloc[train], first["cancer"].iloc[train])
        rows.iloc[test, 2] = f"fold {fold}"
        rows.iloc[test, 3] = risk(classifier, features.iloc[test])
    return {
        "metric": "roc_auc",
        "value": float(roc_auc_score(rows["y_true"], rows["score"])),
        "held_out": rows,
    }
