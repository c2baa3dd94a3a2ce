"""Season: a new reckoner stands against the old one."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from bids.ledger import put_in_order
from bids.reckoner import fit, load, mean_miss, save

WEIGHED = pd.Timedelta(days=60)
FINER = 0.95
"""A newcomer must come down to this share of the old miss."""


def renew(transfers: pd.DataFrame, shelf: str | Path, incumbent: str | Path | None = None) -> dict[str, Any]:
    """Fit, compare, and leave the winner on a shelf.

    Parameters
    ----------
    transfers : DataFrame of shape (n, any)
        All that has changed hands so far.
    shelf : path
        It receives whichever reckoner is in force from here on.
    incumbent : path, optional
        Where the old one lies, unless there is none.

    Returns
    -------
    decision : dict
        Whether the newcomer was ``installed``, and by how many pounds each of the two was off.
    """
    proper = put_in_order(transfers)
    late = proper["handover"] > proper["handover"].max() - WEIGHED
    taught = fit(proper[~late])
    newcomer = replace(taught, miss=mean_miss(taught, proper[late]))
    active = load(incumbent) if incumbent else newcomer
    before = mean_miss(active, proper[late]) if incumbent else None
    installed = before is None or newcomer.miss <= FINER * before
    save(newcomer if installed else active, shelf)
    return {"installed": installed, "mean_miss_gbp": newcomer.miss, "before_gbp": before}
