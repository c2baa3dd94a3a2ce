"""What the model sees of an order."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

KINDS = pd.read_csv(Path(__file__).parent / "kinds.csv")
NUMBERS = ["price", "items"]


def features(orders: pd.DataFrame) -> np.ndarray:
    """Return one row of numbers an order: what it is, and for how many days its kind can be sent back."""
    named = orders.assign(kind=orders["kind"].str.strip().str.lower())
    known = named.merge(KINDS, on="kind", how="left")
    numbers = known[NUMBERS].to_numpy(dtype=float)
    return np.column_stack([numbers, known["days"].fillna(0)])
