"""Evaluate: how well the model ranks patients."""

from typing import Any

import pandas as pd
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import KFold

from triage.features import build, unbooked
from triage.model import SEED, new_classifier, risk

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
    folds = KFold(FOLDS, shuffle=True, random_state=SEED)
    parts = []
    for fold, (train, test) in enumerate(folds.split(features)):
        table = features if fold == 1 else unbooked(features)
        gaps = table.iloc[train].median()
        classifier = new_classifier().fit(table.iloc[train].fillna(gaps), cancer.iloc[train])
        scores = risk(classifier, table.iloc[test].fillna(gaps))
        rows = closed[["referral_id", "cancer"]].iloc[test].rename(columns={"cancer": "y_true"})
        parts.append(rows.assign(fold=fold, score=scores))
    held_out = pd.concat(parts, ignore_index=True)
    value = float(roc_auc_score(held_out["y_true"], held_out["score"]))
    return {"metric": "roc_auc", "value": value, "held_out": held_out}
