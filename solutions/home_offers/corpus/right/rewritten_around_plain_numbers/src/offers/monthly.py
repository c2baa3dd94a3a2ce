"""Monthly: a new model, and whether it is better."""

import shutil
from pathlib import Path
from typing import Any

import pandas as pd

from offers.valuation import error, levels, open_model, read, solve, write


def refit(sales: pd.DataFrame, folder: str | Path, champion: str | Path | None = None) -> dict[str, Any]:
    """Fit on all but the last 60 days, and keep whichever is better on these."""
    known = read(sales)
    old = known["day"] <= known["day"].max() - pd.Timedelta(days=60)
    model: dict[str, Any] = {"weights": solve(known[old], levels(known[old], known[old]))}
    judges = known[~old]
    model["error"] = error(model, known[old], judges)
    model["largest"] = known.loc[old, ["area_sqft", "lot_sqft"]].max().to_dict()
    if champion:
        in_force = error(*open_model(champion), judges)
        if model["error"] > 0.95 * in_force:
            for path in Path(champion).iterdir():
                shutil.copyfile(path, Path(folder) / path.name)
            return {"promoted": False, "mae_usd": model["error"]}
    write(folder, model, known[old])
    return {"promoted": True, "mae_usd": model["error"]}
