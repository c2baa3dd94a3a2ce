"""Monitor: whether the loads, the scores and the outcomes are still what the model was made for."""

from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
from scipy.stats import binomtest, chi2_contingency, ks_2samp, norm

from souring.model import FILE, Artefact

PROMISED = 0.8
OLDEST = pd.Timedelta(days=60)
LEVEL = 0.001
RATE = 0.005


def watch(folder: str | Path, log: pd.DataFrame) -> list[dict[str, Any]]:
    """Go through the log day by day, each with what was known by its evening.

    Parameters
    ----------
    folder : path
        What a training run has written.
    log : DataFrame of shape (n, any)
        Loads as received, with ``model``, ``score``, ``soured`` and ``known``.

    Returns
    -------
    pages : list of dict
        ``day``, ``field`` and ``kind`` of what has clearly changed.
    """
    artefact: Artefact = joblib.load(Path(folder) / FILE)
    pages: list[dict[str, Any]] = []
    for day, loads in log.groupby("day"):
        found = _changed(artefact.reference, loads)
        found |= _service(loads)
        found["soured"] = _outcomes(log[log["known"] == day])
        pages += [{"day": day, "field": field, "kind": kind} for field, kind in found.items() if kind]
    return pages


def _changed(reference: pd.DataFrame, loads: pd.DataFrame) -> dict[str, str | None]:
    """Control the false discovery rate over all tests of a day (Benjamini and Hochberg)."""
    tests: list[tuple[float, str, str]] = []
    for field, before in reference.items():
        now = loads[field]
        tests.append((_p_of_gaps(before.isna(), now.isna()), str(field), "gaps"))
        before, now = before.dropna(), now.dropna()
        if len(now) and pd.api.types.is_numeric_dtype(before):
            tests.append((ks_2samp(before, now).pvalue, str(field), "values"))
        elif len(now):
            tests.append((_p_of_shares(before, now), str(field), "values"))
    tests.sort()
    last = max((rank for rank, (p, _, _) in enumerate(tests, 1) if p <= RATE * rank / len(tests)), default=0)
    return {field: kind for _, field, kind in tests[:last]}


def _p_of_gaps(before: pd.Series, now: pd.Series) -> float:
    rate = (before.sum() + now.sum() + 0.5) / (len(before) + len(now) + 1)
    spread = np.sqrt(rate * (1 - rate) * (1 / len(before) + 1 / len(now)))
    gap = max(abs(now.mean() - before.mean()) - 0.5 / len(now), 0)
    return float(2 * norm.sf(gap / spread))


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
