"""Evaluate: the last two weeks against the weeks before."""

import numpy as np
import pandas as pd

from matinee.train import fit, rank, ready, tidy


def evaluate(log):
    """Hold two weeks out."""
    plays = tidy(log)
    days = pd.to_datetime(plays["day"])
    later = days > days.max() - pd.Timedelta(days=14)
    model = ready(fit(plays[~later]))
    begun = plays[later].groupby("viewer")["film"].apply(set)
    held_out = []
    for viewer, own in plays[~later].groupby("viewer"):
        if viewer not in begun:
            continue
        row = rank(model, {model["places"][film]: share for film, share in zip(own["film"], own["share"])})[:10]
        held_out.append({"viewer": viewer, "films": row, "hit": bool(begun[viewer] & set(row))})
    value = float(np.mean([line["hit"] for line in held_out]))
    return {"metric": "hit_rate_at_10", "value": value, "held_out": held_out}
