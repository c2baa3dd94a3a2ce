"""Night: score the applications of a day."""

import logging
from pathlib import Path

import numpy as np
import pandas as pd

from credit import metrics
from credit.figures import FIGURES, figures
from credit.publish import publish
from credit.scorecard import Scorecard, load, scorable, score
from credit.store import Store, read

COLUMNS = ["application_id", "status", "score", *FIGURES]
log = logging.getLogger(__name__)


def run(store: str | Path, model: str | Path, out: str | Path, night: str) -> int:
    """Score the applications that were received on a day, and publish ``scores-NIGHT.csv``.

    Parameters
    ----------
    store, model : path
        The folders of the store and of the scorecard.
    out : path
        The folder that the desk reads.
    night : str
        The day, as ``2026-09-30``.

    Returns
    -------
    code : int
        The exit code of the job; 0 if the file was published.
    """
    metrics.write(Path(out), {}, published=False)  # until there is something to tell
    try:
        lines = score_day(read(store), load(model), pd.Timestamp(night))
        counts = lines["status"].value_counts().to_dict()
        metrics.write(Path(out), counts, published=True)
        publish(lines, Path(out) / f"scores-{night}.csv")
    except Exception:  # whatever it was, somebody has to be called
        log.exception("nothing was published for %s", night)
        return 1
    log.info("published %s: %s", night, counts)
    return 0


def score_day(store: Store, card: Scorecard, day: pd.Timestamp) -> pd.DataFrame:
    """Write a line for each application that was received on a day."""
    received = store.applications[store.applications["received"] == day]
    known = figures(store, received)
    usable = scorable(card, known)
    status = np.where(usable, "ok", "manual")
    return known.assign(status=status, score=score(card, known[usable]))[COLUMNS]
