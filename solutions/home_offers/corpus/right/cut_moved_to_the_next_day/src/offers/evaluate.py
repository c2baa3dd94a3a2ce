"""Evaluate: how far the estimates lie from the prices."""

from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import mean_absolute_error

from offers.model import learnable, new_regressor

HELD_OUT = 0.3


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
    cut = known["closed"].iloc[-round(HELD_OUT * len(known))]
    train, test = known["closed"] < cut, known["closed"] >= cut
    regressor = new_regressor().fit(features[train], target[train])
    rows = known.loc[test, ["sale_id", "price"]]
    estimates = base[test] * np.exp(regressor.predict(features[test]))
    held_out = rows.assign(fold=0, estimate=estimates)
    error = mean_absolute_error(np.log(held_out["price"]), np.log(held_out["estimate"]))
    value = np.expm1(error) * held_out["price"].median()
    return {"metric": "mae_usd", "value": float(value), "held_out": held_out}
