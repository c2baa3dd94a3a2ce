"""The number on the board."""

from __future__ import annotations

from typing import Any

import pandas as pd

from sewing.maker import expect, fit, turned_up


def gauge(orders: pd.DataFrame) -> dict[str, Any]:
    """Take the last period, and see by how many min we miss there."""
    ledger = turned_up(orders)
    newest = ledger["period"] == ledger["period"].max()
    maker = fit(ledger[~newest])
    unseen = ledger.loc[newest, ["order_id", "effort"]].assign(expect=expect(maker, ledger[newest]))
    miss = (unseen["expect"] - unseen["effort"]).abs().mean()
    return {"measure_name": "mean_absolute_error", "amount": float(miss), "unseen": unseen}
