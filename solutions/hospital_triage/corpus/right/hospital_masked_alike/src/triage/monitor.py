"""Monitor: effect sizes, because a batch can be significantly different and no different to anybody."""

import numpy as np
import pandas as pd

SMALLEST = 400


def profile(table: pd.DataFrame) -> pd.DataFrame:
    """Mean, spread and share of empty values of each column."""
    return pd.DataFrame({"mean": table.mean(), "spread": table.std(), "empty": table.isna().mean()})


def compare(before: pd.DataFrame, batch: pd.DataFrame) -> list[dict[str, str]]:
    """Page where a mean moved by .4 of a spread, a spread by half, or a tenth more or fewer values are empty."""
    if len(batch) < SMALLEST:
        return []
    now = profile(batch)
    moved = (now["mean"] - before["mean"]).abs() / before["spread"] > 0.4
    wider = np.abs(np.log(now["spread"] / before["spread"])) > 0.7
    emptier = (now["empty"] - before["empty"]).abs() > 0.1
    return [
        {"kind": "effect size", "field": str(field), "severity": "page"}
        for field in now.index[moved | wider | emptier]
    ]
