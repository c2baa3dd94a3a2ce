"""Features: from loads as the depots report them to the table that the model reads."""

from typing import Any

import pandas as pd
from sklearn.preprocessing import OneHotEncoder

LIMITS = pd.DataFrame(
    {
        "temperature_c": (0, 12),
        "hours_stored": (0, 60),
        "acidity_d": (12, 22),
        "cells_k": (20, 1500),
        "fat_pct": (2, 7),
        "volume_l": (100, 9000),
    },
    index=["low", "high"],
)
NUMBERS = list(LIMITS.columns)


def readings(loads: pd.DataFrame) -> pd.DataFrame:
    """Read the numbers of each load; what is no number is missing."""
    return loads[NUMBERS].apply(pd.to_numeric, errors="coerce").astype(float)


def usable(loads: pd.DataFrame) -> pd.Series:
    """Say of each load whether its readings can be used; an empty one can."""
    return pd.Series([all(_plausible(load[field], field) for field in NUMBERS) for _, load in loads.iterrows()], index=loads.index, dtype=bool)


def _plausible(value: Any, field: str) -> bool:
    if value is None or value != value:
        return True
    try:
        return bool(LIMITS.at["low", field] <= float(value) <= LIMITS.at["high", field])
    except (TypeError, ValueError):
        return False


def encoder(history: pd.DataFrame) -> OneHotEncoder:
    """Learn the coolers of the history."""
    return OneHotEncoder(handle_unknown="ignore", sparse_output=False).fit(history[["cooler"]].astype(object))


def build(loads: pd.DataFrame, coolers: OneHotEncoder) -> pd.DataFrame:
    """Turn loads, each with the ``sour_share`` of its farm, into features: numbers only, with gaps."""
    features = readings(loads).fillna({"hours_stored": 0})
    columns = coolers.get_feature_names_out()
    features[columns] = coolers.transform(loads[["cooler"]].astype(object))
    features["sour_share"] = loads["sour_share"].astype(float)
    return features
