"""The forecasting job: on the evening of a day, the loads of the next."""

from __future__ import annotations

from typing import Any

from feedcast.common import database, hours
from feedcast.features.build import hour, known
from feedcast.registry import store


def run(folder: str, registry: str, version: str, day: str) -> list[dict[str, Any]]:
    """Forecast the day after a day, with a version of the registry.

    Parameters
    ----------
    folder : str
        The folder of the database.
    registry : str
        The folder of the registry.
    version : str
    day : str

    Returns
    -------
    forecasts : list of dict
        One for each feeder and hour: ``feeder_id``, ``hour``, ``version`` and ``load``, in kilowatts. The load of a
        feeder that is not known to the version is empty.
    """
    model = store.model_of(registry, version)
    with database.reading(folder) as connection:
        facts = known(connection, day)
        feeders = [row["feeder_id"] for row in database.asked(connection, "feeders")]
    return [
        {
            "feeder_id": feeder,
            "hour": moment,
            "version": version,
            "load": model.load(hour(facts, feeder, moment)),
        }
        for feeder in feeders
        for moment in hours.hours_of(hours.shifted(day, 1))
    ]


def keep(folder: str, forecasts: list[dict[str, Any]]) -> None:
    """Keep forecasts in the database; those of the same hours are replaced."""
    with database.writing(folder) as connection:
        connection.executemany(
            "INSERT OR REPLACE INTO forecasts VALUES (:feeder_id, :hour, :version, :load)", forecasts
        )
