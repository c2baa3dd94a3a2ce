"""The calibration job: every other Monday, for the version that answers."""

from __future__ import annotations

from reserve.common import database, days
from reserve.common.settings import settings
from reserve.registry import calibrations, store
from reserve.training.examples import costs_of, examples, features_of


def run(folder: str, registry: str, day: str) -> None:
    """Compare expected costs of the version in force with what claims cost lately, and keep the factors.

    Parameters
    ----------
    folder : str
        The folder of the database.
    registry : str
        The folder of the registry.
    day : str
        The day whose evening it is.
    """
    version = store.in_force(registry)
    model = store.load(registry, version)
    since = days.plus(day, -settings().outcomes.mature_after_days - settings().calibration.window_days)
    with database.reading(folder) as connection:
        lately = [one for one in examples(connection, day) if one.features.notified_on >= since]
    if not lately:
        return
    features = features_of(lately)
    perils = [one.peril for one in features]
    calibrations.keep(registry, calibrations.made(day, version, perils, model.expected(features), costs_of(lately)))
