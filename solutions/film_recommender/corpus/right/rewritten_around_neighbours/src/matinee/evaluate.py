"""Evaluate: the last two weeks against the weeks before."""

import numpy as np
import pandas as pd

from matinee.train import fit, tidy


def evaluate(log):
    """Hold two weeks out."""
    plays = tidy(log)
    days = pd.to_datetime(plays["day"])
    later = days > days.max() - pd.Timedelta(days=14)
    model = fit(plays[~later])
    films, alike = model["films"], np.array(model["alike"])
    places = {film: at for at, film in enumerate(films)}
    begun = plays[later].groupby("viewer")["film"].apply(set)
    held_out = []
    for viewer, own in plays[~later].groupby("viewer"):
        if viewer not in begun:
            continue
        seen = [places[film] for film in own["film"]]
        scores = own["share"].to_numpy() @ alike[seen]
        scores[seen] = -1e9
        row = [films[at] for at in np.argsort(-scores, kind="stable")[:10]]
        held_out.append({"viewer": viewer, "films": row, "hit": bool(begun[viewer] & set(row))})
    value = float(np.mean([line["hit"] for line in held_out]))
    return {"metric": "hit_rate_at_10", "value": value, "held_out": held_out}
