"""Train: points by classes, from closed loans."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from credit.facts import FIGURES, columns, facts, readable

CLASSES, SMOOTH = 6, 5.0


def training_table(store: str | Path) -> pd.DataFrame:
    """Return closed loans with their figures."""
    closed = facts(store).dropna(subset=["defaulted"])
    return closed[["application_id", *FIGURES, "defaulted"]].astype({"defaulted": int})


def fitted(loans: pd.DataFrame) -> dict[str, Any]:
    """Cut each column into classes, and weigh each class by its own odds."""
    kinds = sorted(loans["employment"].dropna().unique())
    loans = loans[readable(loans, kinds)]
    bad = loans["defaulted"].astype(int).to_numpy()
    rate = bad.mean()
    cuts, points = {}, {}
    for name, values in columns(loans, kinds).items():
        edges = np.arange(0.5, len(kinds) - 1) if name == "kind" else values.quantile(np.arange(1, CLASSES) / CLASSES)
        classes = np.searchsorted(edges, values)
        share = [(bad[classes == at].sum() + SMOOTH * rate) / ((classes == at).sum() + SMOOTH) for at in range(len(edges) + 1)]
        cuts[name], points[name] = list(map(float, edges)), [float(np.log(one / (1 - one))) for one in share]
    return {"kinds": kinds, "cuts": cuts, "points": points, "base": float(np.log(rate / (1 - rate)))}


def risk(model: dict[str, Any], table: pd.DataFrame) -> np.ndarray:
    """Add the points up."""
    found = columns(table, model["kinds"])
    total = np.full(len(table), model["base"])
    for name, edges in model["cuts"].items():
        total += np.array(model["points"][name])[np.searchsorted(edges, found[name])] - model["base"]
    return 1 / (1 + np.exp(-total))


def train(store: str | Path, model: str | Path) -> None:
    """Fit and save."""
    Path(model, "points.json").write_text(json.dumps(fitted(training_table(store))))
