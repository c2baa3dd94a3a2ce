"""Night: score the applications of a day."""

import logging
from pathlib import Path

import numpy as np
import pandas as pd

from credit.figures import FIGURES, YEAR, profile
from credit.publish import publish
from credit.scorecard import Scorecard, load, scorable, score
from credit.store import Store, read

COLUMNS = ["application_id", "status", "score", *FIGURES]


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
        The exit code of the job.
    """
    try:
        lines = score_day(read(store), load(model), pd.Timestamp(night))
    except Exception:
        logging.exception("night of %s: nothing could be scored", night)
        _metrics(Path(out), {}, published=False)
        return 1
    _metrics(Path(out), lines["status"].value_counts().to_dict(), published=True)
    publish(lines, Path(out) / f"scores-{night}.csv")
    return 0


def _metrics(out: Path, counts: dict[str, int], *, published: bool) -> None:
    told = [f'credit_lines{{status="{status}"}} {counts.get(status, 0)}' for status in ("ok", "manual")]
    (out / "metrics.prom").write_text("\n".join([*told, f"credit_published {int(published)}", ""]))


def score_day(store: Store, card: Scorecard, day: pd.Timestamp) -> pd.DataFrame:
    """Write a line for each application that was received on a day."""
    received = store.applications[store.applications["received"] == day]
    pairs = zip(received["customer_id"], received["received"], strict=True)
    rows = [_spending(store.statements, *pair) for pair in pairs]
    spent = pd.DataFrame(rows, received.index, ["spent_mean", "spent_sd"], dtype=float)
    known = received.join(profile(store.profiles, received)).join(spent)
    usable = scorable(known)
    status = np.where(usable, "ok", "manual")
    return known.assign(status=status, score=score(card, known[usable]))[COLUMNS]


def _spending(table: pd.DataFrame, customer: str, day: pd.Timestamp) -> list[float]:
    """Sum up the statements of the year before one application."""
    own = table[table["customer_id"] == customer]
    age = day - own["day"]
    known = own[(age > pd.Timedelta(0)) & (age <= YEAR)]
    spent = known["spent"].clip(lower=0)
    return [spent.mean(), np.std(spent)]
