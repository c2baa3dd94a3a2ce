"""The evaluation: how far reserves would have been from costs, fold by fold."""

from __future__ import annotations

from typing import Any

from reserve.common import database
from reserve.common.errors import TooFewError
from reserve.common.settings import settings
from reserve.training.examples import costs_of, examples, features_of
from reserve.training.figures import figures
from reserve.training.folds import split
from reserve.training.model import fit


def run(folder: str, day: str) -> dict[str, Any]:
    """Judge models on claims that they were not fitted on.

    Parameters
    ----------
    folder : str
        The folder of the database.
    day : str
        The day whose evening it is.

    Returns
    -------
    evaluation : dict
        ``mean_error`` in euros, ``adequacy`` (reserves as a share of costs) and ``rows``: the held-out claims with
        ``claim_id``, ``fold``, ``cost`` and ``reserve``.

    Raises
    ------
    TooFewError
        If there are too few claims to learn from.
    """
    rows: list[dict[str, Any]] = []
    with database.reading(folder) as connection:
        known = examples(connection, day)
        for fold, rest, held in split(connection, known, settings().model.folds):
            expected = fit(rest, day).expected(features_of(held))
            rows += [
                {"claim_id": one.features.claim_id, "fold": fold, "cost": cost, "reserve": float(reserve)}
                for one, cost, reserve in zip(held, costs_of(held).tolist(), expected, strict=True)
            ]
    if not rows:
        raise TooFewError("there is nothing to judge on")
    found = figures([row["cost"] for row in rows], [row["reserve"] for row in rows])
    return {"mean_error": found.mean_error, "adequacy": found.adequacy, "rows": rows}
