"""Evaluate: estimate the newest third of the sales from the rest."""

from typing import Any

import numpy as np
import pandas as pd

from offers.valuation import levels, read, solve, value


def evaluate(sales: pd.DataFrame) -> dict[str, Any]:
    """Hold out what closed after one day."""
    known = read(sales)
    level = levels(known, known)
    cut = known["day"].iloc[2 * len(known) // 3]
    old = (known["day"] < cut).to_numpy()
    weights = solve(known[old], level[old])
    fresh = known[~old]
    rows = fresh[["sale_id", "price"]].assign(
        fold="held out", estimate=value(weights, level[~old], fresh, fresh["day"])
    )
    figure = float(np.abs(rows["price"] - rows["estimate"]).mean())
    return {"metric": "mae_usd", "value": figure, "held_out": rows.reset_index(drop=True)}
