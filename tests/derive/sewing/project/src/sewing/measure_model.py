"""The number on the board."""

from __future__ import annotations

from typing import Any

import pandas as pd

from sewing.maker import guess, fit, attended


def measure_model(orders: pd.DataFrame) -> dict[str, Any]:
    """Take the last period, and see by how many min we miss there."""
    ledger = attended(orders)
    newest = ledger["period"] == ledger["period"].max()
    maker = fit(ledger[~newest])
    unseen = ledger.loc[newest, ["order_id", "effort"]].assign(guess=guess(maker, ledger[newest]))
    miss = (unseen["guess"] - unseen["effort"]).abs().mean()
    return {"measure_name": "mean_absolute_error", "amount": float(miss), "unseen": unseen}
