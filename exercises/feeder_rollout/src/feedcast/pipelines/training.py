"""The training job: a new version in the registry, which goes out when somebody says so."""

from __future__ import annotations

from typing import Any

from feedcast.common import database, hours
from feedcast.common.errors import TooLittleError
from feedcast.common.settings import settings
from feedcast.features.build import Example, examples, known
from feedcast.registry import store
from feedcast.training.backtest import Backtest, backtest
from feedcast.training.card import card
from feedcast.training.model import fit


def table(folder: str, day: str) -> list[dict[str, Any]]:
    """Return what a model is fitted on, on the evening of a day: one row for each feeder and hour.

    Parameters
    ----------
    folder : str
        The folder of the database.
    day : str

    Returns
    -------
    table : list of dict
    """
    return [one.row() for one in _examples(folder, day)]


def run(folder: str, registry: str, day: str) -> str:
    """Fit a model on what is known on the evening of a day, and add it to the registry.

    Returns
    -------
    version : str
    """
    learnt = _examples(folder, day)
    version = store.following(registry)
    model = fit(learnt)
    store.add(registry, version, model, card(version, day, learnt, _judged(learnt)))
    return version


def _examples(folder: str, day: str) -> list[Example]:
    with database.reading(folder) as connection:
        facts = known(connection, day)
    return examples(facts, hours.shifted(day, -settings().learning.days))


def _judged(learnt: list[Example]) -> Backtest | None:
    try:
        return backtest(learnt, settings().learning.folds)
    except TooLittleError:
        return None
