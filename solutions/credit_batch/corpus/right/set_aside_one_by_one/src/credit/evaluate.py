"""Evaluate: how well a scorecard tells applicants apart who came after those it was fitted on."""

from pathlib import Path
from typing import Any

from sklearn.metrics import roc_auc_score

from credit.figures import FIGURES
from credit.scorecard import fit, scorable, score
from credit.store import read
from credit.train import loans

HELD_OUT = 0.4


def evaluate(store: str | Path) -> dict[str, Any]:
    """Fit a scorecard on the earlier loans, and judge it by the later ones.

    Parameters
    ----------
    store : path
        The folder of the store.

    Returns
    -------
    evaluation : dict
        ``auc``, for applicants as they come; ``loans``, the number that it rests on.
    """
    dated = loans(read(store)).sort_values("received", kind="stable")
    cut = dated["received"].quantile(1 - HELD_OUT)
    card = fit(dated.loc[dated["received"] <= cut, [*FIGURES, "defaulted"]])
    # Only a loan that was paid out by lot stands for those who would have been refused.
    judges = dated[(dated["received"] > cut) & (dated["by_lot"] == 1)]
    judges = judges[scorable(judges) & judges["employment"].isin(list(card.employment))].dropna(subset=FIGURES)
    return {"auc": float(roc_auc_score(judges["defaulted"], score(card, judges))), "loans": len(judges)}
