"""Monitor: whether the loads, the scores and the outcomes are still what the model was made for."""

from pathlib import Path
from typing import Any

import joblib
import pandas as pd
from scipy.stats import binomtest, chi2_contingency, fisher_exact, ks_2samp

from souring.model import FILE, Artefact

PROMISED = 0.8
OLDEST = pd.Timedelta(days=60)
LEVEL = 0.05


def watch(folder: str | Path, log: pd.DataFrame) -> list[dict[str, Any]]:
    """Go through the log day by day, each with what was known by its evening.

    The log holds loads as received, with ``model``, ``score``, ``soured`` and ``known``.
    A page has the ``day``, the ``field`` and the ``kind`` of what has clearly changed.
    """
    artefact: Artefact = joblib.load(Path(folder) / FILE)
    pages: list[dict[str, Any]] = []
    for day, loads in log.groupby("day"):
        found = {field: _change(before, loads[field]) for field, before in artefact.reference.items()}
        found |= _service(loads)
        found["soured"] = _outcomes(log[log["known"] == day])
        pages += [
            {"day": day, "field": field, "kind": kind, "load_id": load}
            for field, kind in found.items()
            for load in loads["load_id"]
            if kind
        ]
    return pages


def _change(before: pd.Series, now: pd.Series) -> str | None:
    empty = [[values.isna().sum(), values.notna().sum()] for values in (before, now)]
    if fisher_exact(empty).pvalue < LEVEL:
        return "empty"
    before, now = before.dropna(), now.dropna()
    numeric = pd.api.types.is_numeric_dtype(before)
    p = _p_of_numbers(before, now) if numeric else _p_of_shares(before, now)
    return "distribution" if p < LEVEL else None


def _p_of_numbers(before: pd.Series, now: pd.Series) -> float:
    return float(ks_2samp(before, now, alternative="greater", method="asymp").pvalue)


def _p_of_shares(before: pd.Series, now: pd.Series) -> float:
    counts = pd.concat([before.value_counts(), now.value_counts()], axis=1).fillna(0)
    return float(chi2_contingency(counts).pvalue)


def _service(loads: pd.DataFrame) -> dict[str, str | None]:
    """Look at the age of the models, and for one score given to most loads."""
    old = pd.Timestamp(loads["day"].iloc[0]) - pd.Timestamp(loads["model"].min()) > OLDEST
    commonest = loads["score"].value_counts(normalize=True).max()
    return {"model": "age" if old else None, "score": "constant" if commonest > 0.5 else None}


def _outcomes(known: pd.DataFrame) -> str | None:
    """Hold the outcomes that came back on a day against what the creamery was promised."""
    if known.empty:
        return None
    right = (known["score"] >= 0.5) == (known["soured"] == 1)
    low = binomtest(int(right.sum()), len(right), PROMISED, alternative="less").pvalue < LEVEL
    return "accuracy" if low else None
