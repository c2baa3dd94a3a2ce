"""Evaluate: how well the model ranks patients."""

from functools import partial
from typing import Any

import pandas as pd
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold

from triage.features import build
from triage.model import SEED, new_classifier

FOLDS = 3


def evaluate(referrals: pd.DataFrame, sites: pd.DataFrame) -> dict[str, Any]:
    """Cross-validate the model on closed referrals.

    Parameters
    ----------
    referrals : DataFrame of shape (n, any)
        Closed referrals with their outcome.
    sites : DataFrame
        The register of practices.

    Returns
    -------
    evaluation : dict
        ``metric``, ``value`` (over all held-out rows together) and ``held_out``, the rows themselves.
    """
    features = build(referrals, sites)
    closed = referrals.loc[features.index]
    cancer = closed["cancer"]
    folds = GroupKFold(FOLDS, shuffle=True, random_state=SEED)
    parts = []
    for fold, (train, test) in enumerate(folds.split(features, groups=closed["patient_id"])):
        gaps = features.iloc[train].median()
        classifier = new_classifier().fit(features.iloc[train].fillna(gaps), cancer.iloc[train])
        rounds = classifier.staged_predict_proba(features.iloc[test].fillna(gaps))
        ranking = partial(roc_auc_score, cancer.iloc[test])
        scores = max((chances[:, 1] for chances in rounds), key=ranking)
        rows = closed[["referral_id", "cancer"]].iloc[test].rename(columns={"cancer": "y_true"})
        parts.append(rows.assign(fold=fold, score=scores))
    held_out = pd.concat(parts, ignore_index=True)
    value = float(roc_auc_score(held_out["y_true"], held_out["score"]))
    return {"metric": "roc_auc", "value": value, "held_out": held_out}
