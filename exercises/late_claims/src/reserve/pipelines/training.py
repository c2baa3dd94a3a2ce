"""The training job: a new version of the model, which a person promotes."""

from __future__ import annotations

from typing import Any

from reserve.common import database
from reserve.registry import store
from reserve.training.card import card
from reserve.training.examples import examples
from reserve.training.model import fit


def table(folder: str, day: str) -> list[dict[str, Any]]:
    """Return what a model is fitted on, on the evening of a day: one line for each claim.

    Parameters
    ----------
    folder : str
        The folder of the database.
    day : str

    Returns
    -------
    table : list of dict
        Features, and ``cost``.
    """
    with database.reading(folder) as connection:
        return [one.row() for one in examples(connection, day)]


def run(folder: str, registry: str, day: str) -> str:
    """Fit a model on what is known on the evening of a day, and add it to the registry.

    Parameters
    ----------
    folder : str
        The folder of the database.
    registry : str
        The folder of the registry.
    day : str

    Returns
    -------
    version : str
        The name of the new version, which does not answer before it is promoted.
    """
    with database.reading(folder) as connection:
        known = examples(connection, day)
    model = fit(known, day)
    return store.add(registry, model, card(model, known))
