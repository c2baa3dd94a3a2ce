"""Score: rank the applications of a new round."""

import logging
import os
import sys
from pathlib import Path
from typing import Any

import joblib
import pandas as pd

from screen.features import CATEGORIES, LISTS, NUMBERS
from screen.model import FILE, Ranker, shortlist

log = logging.getLogger("screen")

Application = dict[str, Any]


def score(folder: str | Path, applications: list[Application]) -> list[dict[str, Any]]:
    """Answer a whole round.

    Parameters
    ----------
    folder : path
        Where a training run has written.
    applications : list of dict
        The round as the form sends it, not yet checked.

    Returns
    -------
    results : list of dict
        ``application_id``, ``score``, ``shortlisted`` and ``status`` for each, in the order of the round.
    """
    logging.basicConfig(stream=sys.stderr, format="%(levelname)s %(message)s")
    log.setLevel(os.environ.get("SCREEN_LOG", "INFO"))
    ranker: Ranker = joblib.load(Path(folder) / FILE)
    results = [_held(application) for application in applications]
    readable, held = [], 0
    for position, application in enumerate(applications):
        wrong = unreadable(application)
        if wrong:
            held += len(wrong)
            log.warning("held %s: cannot read %s", application["application_id"], ", ".join(wrong))
        else:
            log.debug("read %s", application["application_id"])
            readable.append(position)
    if readable:
        fields = [*NUMBERS, *CATEGORIES, *LISTS]
        scores = ranker.scores(pd.DataFrame([applications[at] for at in readable]).reindex(columns=fields))
        for at, value, listed in zip(readable, scores, shortlist(scores), strict=True):
            results[at] |= {"score": float(value), "shortlisted": bool(listed), "status": "ok"}
    log.info("%d applications, %d held", len(results), held)
    return results


def unreadable(application: Application) -> list[str]:
    """Name the fields that the model needs and cannot read; an empty one can be read."""
    numbers = [field for field in NUMBERS if not _is_number(application.get(field))]
    texts = [*CATEGORIES, *LISTS]
    return numbers + [field for field in texts if not isinstance(application.get(field), str | None)]


def _is_number(value: Any) -> bool:
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool))


def _held(application: Application) -> dict[str, Any]:
    return {
        "application_id": application["application_id"],
        "score": None,
        "shortlisted": False,
        "status": "held",
    }
