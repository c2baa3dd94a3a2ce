"""Evaluate: how far the estimates lie from the prices."""

from typing import Any

import numpy as np
import pandas as pd

from offers.model import learnable, new_regressor


def evaluate(sales: pd.DataFrame) -> dict[str, Any]:
    """Hold sales out and estimate them.

    Parameters
    ----------
    sales : DataFrame of shape (n, any)
        Recorded sales, as in the data card.

    Returns
    -------
    evaluation : dict
        ``metric``, ``value`` in dollars over all held-out sales, and ``held_out``, the sales themselves.
    """
    known, features, base = learnable(sales)
    target = np.log(known["price"] / base)
    month = known["closed"].dt.to_period("M")
    parts = []
    for fold, now in enumerate(month.drop_duplicates().iloc[-8:]):
        train, test = (month < now).to_numpy(), (month == now).to_numpy()
        regressor = new_regressor().fit(features[train], target[train])
        rows = known.loc[test, ["sale_id", "price"]]
        estimates = base[test] * np.exp(regressor.predict(features[test]))
        parts.append(rows.assign(fold=fold, estimate=estimates))
    held_out = pd.concat(parts, ignore_index=True)
    value = (held_out["price"] - held_out["estimate"]).abs().mean()
    return {"metric": "mae_usd", "value": float(value), "held_out": held_out}
