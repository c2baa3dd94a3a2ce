"""Score: the evening run over the loads of a day."""

from pathlib import Path
from typing import Any

import joblib
import pandas as pd

from souring.farms import shares_in_force
from souring.features import NUMBERS, build, usable
from souring.model import FILE, Artefact

FIELDS = ["load_id", "farm", *NUMBERS, "cooler"]


def score(folder: str | Path, records: list[dict[str, Any]], farms: dict[str, str]) -> dict[str, Any]:
    """Score the loads of a batch, as the depots report them, with the newest whole farm file.

    The answer has ``farms``, the day of that file, and ``results``, one for each record.
    """
    artefact: Artefact = joblib.load(Path(folder) / FILE)
    day, shares = shares_in_force(farms)
    loads = pd.DataFrame(records, columns=FIELDS)
    known = loads[usable(loads)]
    risk = pd.Series(dtype=float)
    if len(known):
        features = build(known.assign(sour_share=known["farm"].map(shares))).fillna(artefact.gaps)
        risk = pd.Series(artefact.classifier.predict_proba(features)[:, 1])
    results = [_result(load, risk.get(row)) for row, load in loads["load_id"].items()]
    return {"farms": day, "results": results}


def _result(load: str, risk: float | None) -> dict[str, Any]:
    return {"load_id": load, "score": risk, "status": "held" if risk is None else "ok"}
