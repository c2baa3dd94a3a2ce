"""Examine: the cashier's number, and how it comes about."""

from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import mean_absolute_error
from sklearn.model_selection import TimeSeriesSplit

from bids.reckoner import apt, new_booster

LAPS = 3


def examine(transfers: pd.DataFrame) -> dict[str, Any]:
    """Forecast transfers by reckoners that have not met them.

    Parameters
    ----------
    transfers : DataFrame of shape (n, any)
        What changed hands; see the card.

    Returns
    -------
    examined : dict
        Name and ``amount`` of the ``gauge``, in pounds, with the ``unseen`` transfers that it is the mean of.
    """
    proper, facts, anchor = apt(transfers)
    target = np.log(proper["payment"] / anchor)
    handover = proper["handover"]
    dates = handover.unique()
    pieces = []
    for lap, (behind, held) in enumerate(TimeSeriesSplit(LAPS).split(dates)):
        older, test = handover.isin(dates[behind]), handover.isin(dates[held])
        booster = new_booster().fit(facts[older], target[older])
        rows = proper.loc[test, ["transfer_id", "payment"]]
        forecasts = anchor[test] * np.exp(booster.predict(facts[test]))
        pieces.append(rows.assign(lap=lap, forecast=forecasts))
    unseen = pd.concat(pieces, ignore_index=True)
    amount = mean_absolute_error(unseen["payment"], unseen["forecast"])
    return {"gauge": "mean_miss_gbp", "amount": float(amount), "unseen": unseen}
