"""Evaluate: the last third of the loans that were paid out by lot."""

import sqlite3
from pathlib import Path
from typing import Any

from sklearn.metrics import roc_auc_score

from credit.facts import facts, readable
from credit.train import fitted, risk


def evaluate(store: str | Path) -> dict[str, Any]:
    """Learn from the earlier loans, judge by the later ones."""
    closed = facts(store).dropna(subset=["defaulted"]).sort_values("received")
    connection = sqlite3.connect(f"{Path(store, 'features.sqlite').absolute().as_uri()}?mode=ro", uri=True)
    lots = {row[0] for row in connection.execute("SELECT application_id FROM decisions WHERE by_lot = 1")}
    connection.close()
    day = closed["received"].iloc[2 * len(closed) // 3]
    model = fitted(closed[closed["received"] < day])
    later = closed[(closed["received"] >= day) & closed["application_id"].isin(lots)]
    later = later[readable(later, model["kinds"])]
    return {"auc": float(roc_auc_score(later["defaulted"].astype(int), risk(model, later))), "loans": len(later)}
