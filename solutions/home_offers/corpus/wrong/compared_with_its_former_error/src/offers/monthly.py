"""Monthly: fit the model anew, and decide what goes live."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from offers.history import tidy
from offers.model import fit, load, mean_error, save

JUDGED = pd.Timedelta(days=60)


def refit(sales: pd.DataFrame, folder: str | Path, champion: str | Path | None = None) -> dict[str, Any]:
    """Fit a model on recorded sales and write the one that shall be in force.

    Parameters
    ----------
    sales : DataFrame of shape (n, any)
        Recorded sales up to today, as in the data card.
    folder : path
        Where to write the model that is in force from now on.
    champion : path, optional
        The folder of the model that has been in force; none in the first month.

    Returns
    -------
    outcome : dict
        ``promoted``, whether the new model goes live; its error in dollars, and that of the model before it.
    """
    known = tidy(sales)
    recent = known["closed"] > known["closed"].max() - JUDGED
    fitted = fit(known[~recent])
    challenger = replace(fitted, error=mean_error(fitted, known[recent]))
    before = None
    if champion:
        live = load(champion)
        before = live.error
        if challenger.error > 0.95 * before:
            save(live, folder)
            return {"promoted": False, "mae_usd": challenger.error, "before_usd": before}
    save(challenger, folder)
    return {"promoted": True, "mae_usd": challenger.error, "before_usd": before}
