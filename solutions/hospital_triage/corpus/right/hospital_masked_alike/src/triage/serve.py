"""Serve: score referrals as they arrive."""

from pathlib import Path
from typing import Any

import joblib
import pandas as pd

from triage.features import NUMBERS, build, measured
from triage.model import FILE, Artefact, risk
from triage.monitor import compare


def readable(record: dict[str, Any]) -> bool:
    """Whether every field that the model uses is empty, a number or a text, as it should be."""
    numbers = [record.get(field) for field in NUMBERS]
    texts = [record.get("site_id"), record.get("smoking")]
    return all(value is None or isinstance(value, int | float) for value in numbers) and all(
        text is None or isinstance(text, str) for text in texts
    )


def score(folder: str | Path, records: list[dict[str, Any]], sites: pd.DataFrame) -> dict[str, Any]:
    """Answer one batch: a result for each record, in order, and alerts about the batch."""
    artefact: Artefact = joblib.load(Path(folder) / FILE)
    good = [record for record in records if readable(record)]
    found: dict[int, float] = {}
    alerts: list[dict[str, str]] = []
    if good:
        referrals = pd.DataFrame(good, index=[at for at, record in enumerate(records) if readable(record)])
        referrals = referrals.reindex(columns=[*NUMBERS, "site_id", "smoking"])
        scores = risk(artefact.classifier, build(referrals, sites))
        found = dict(zip(referrals.index, scores.tolist(), strict=True))
        alerts = compare(artefact.profile, measured(referrals).assign(score=scores))
    results = [
        {
            "referral_id": record["referral_id"],
            "score": found.get(at),
            "status": "ok" if at in found else "held",
        }
        for at, record in enumerate(records)
    ]
    return {"results": results, "alerts": alerts}
