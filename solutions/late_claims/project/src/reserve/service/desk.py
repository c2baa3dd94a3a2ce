"""One claim at a time, for the claims desk."""

from __future__ import annotations

from typing import Any

from reserve.common import database, money
from reserve.common.database import one
from reserve.common.errors import ReserveError
from reserve.common.settings import settings
from reserve.features.build import Features, build
from reserve.service.scoring import OK, Answer, Scorer, scorer


class UnknownClaimError(ReserveError):
    """There is no such claim."""


def answer(folder: str, registry: str, claim_id: str) -> dict[str, Any]:
    """Answer for one claim, as the night of its notification does.

    Parameters
    ----------
    folder : str
        The folder of the database.
    registry : str
        The folder of the registry.
    claim_id : str

    Returns
    -------
    answer : dict
        As `reserve.pipelines.nightly.run` returns for each claim.

    Raises
    ------
    UnknownClaimError
        If there is no such claim.
    """
    features, scoring = _asked(folder, registry, claim_id)
    return scoring.answers([features])[0].row()


def explained(folder: str, registry: str, claim_id: str) -> dict[str, Any]:
    """Answer for one claim, and say what the answer is made of."""
    features, scoring = _asked(folder, registry, claim_id)
    found = scoring.answers([features])[0]
    parts = scoring.model.contributions(features)
    return {
        "answer": found.row(),
        "shown": _shown(found),
        "known": features.row(),
        "parts": {name: round(value, 3) for name, value in parts.items() if abs(value) > 5e-4},
        "factor": scoring.calibration.factor(features.peril),
    }


def _asked(folder: str, registry: str, claim_id: str) -> tuple[Features, Scorer]:
    with database.reading(folder) as connection:
        day = one(connection, "SELECT notified_on FROM claims WHERE claim_id = ?", claim_id)
        if day is None:
            raise UnknownClaimError(f"there is no claim {claim_id}")
        found = [features for features in build(connection, day, day) if features.claim_id == claim_id]
    if not found:
        raise UnknownClaimError(f"nothing is known of claim {claim_id}")
    return found[0], scorer(registry, day)


def _shown(found: Answer) -> str:
    """Write an answer as the desk's screen does, in steps."""
    if found.status != OK or found.reserve is None:
        return f"by hand ({found.why})"
    return money.shown(money.reserve(found.reserve, settings().service.step))
