"""Serve: score referrals as they arrive."""

from pathlib import Path
from typing import Any

import joblib
import pandas as pd

from triage.features import CATEGORIES, NUMBERS, build
from triage.model import FILE, Artefact, risk
from triage.monitor import watch

Record = dict[str, Any]


def score(folder: str | Path, records: list[Record], sites: pd.DataFrame) -> dict[str, Any]:
    """Answer one batch of referrals.

    Parameters
    ----------
    folder : path
        The artefact of a training run.
    records : list of dict
        Referrals as the desk sends them, not yet checked.
    sites : DataFrame
        The register of practices.

    Returns
    -------
    answer : dict
        ``results``, one for each record, and ``alerts`` about the batch.
    """
    artefact: Artefact = joblib.load(Path(folder) / FILE)
    readable: dict[int, Record] = {}
    results: dict[int, Record] = {}
    alerts: list[dict[str, str]] = []
    for position, record in enumerate(records):
        try:
            readable[position] = _read(record)
        except (TypeError, ValueError):
            results[position] = _result(record, None)
    if readable:
        referrals = pd.DataFrame.from_dict(readable, orient="index")
        features = build(referrals, sites)
        scores = risk(artefact.classifier, features.fillna(features.median()))
        for position, value in zip(features.index, scores, strict=True):
            results[position] = _result(records[position], float(value))
        alerts = watch(artefact.reference, referrals, scores)
    return {"results": [results[position] for position in sorted(results)], "alerts": alerts}


def _read(record: Record) -> Record:
    """Pick the fields that the model knows; raise where one of them cannot be read."""
    numbers = {field: record.get(field) for field in NUMBERS}
    texts = {field: record.get(field) for field in ("site_id", *CATEGORIES)}
    if not all(isinstance(text, str | None) for text in texts.values()):
        raise TypeError("expected a text")
    return {field: None if value is None else float(value) for field, value in numbers.items()} | texts


def _result(record: Record, value: float | None) -> Record:
    status = "held" if value is None else "ok"
    return {"referral_id": record["referral_id"], "score": value, "status": status}
