"""Triage in one module: a linear model, its evaluation, its service and its watch."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import norm
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

NUMBERS = ("age", "marker", "haemoglobin", "platelets", "symptom_weeks", "weight_change")
LABORATORY = {"marker", "haemoglobin", "platelets"}
PLACE = ("deprivation", "distance_km")
LEVELS = ("former", "current")
WATCHED = (*NUMBERS, "score")
MANY = 400
Row = dict[str, Any]


class Unreadable(Exception):
    """A record holds something else than it should."""


class Triage:
    """A fitted model: coefficients, the values that fill gaps, and deciles of what it saw."""

    def __init__(self, state: Row) -> None:
        self.state = state

    @classmethod
    def fit(cls, rows: list[Row], places: dict[str, Row], outcomes: np.ndarray) -> "Triage":
        raw = np.array([vector(row, places) for row in rows])
        fill = np.nanmedian(raw, axis=0)
        full = np.where(np.isnan(raw), fill, raw)
        centre, scale = full.mean(axis=0), full.std(axis=0) + 1e-9
        linear = LogisticRegression(C=1.0, max_iter=500).fit((full - centre) / scale, outcomes)
        weights = linear.coef_[0] / scale
        bias = float(linear.intercept_[0] - weights @ centre)
        return cls({"fill": fill.tolist(), "weights": weights.tolist(), "bias": bias})

    def risk(self, rows: list[Row], places: dict[str, Row]) -> np.ndarray:
        raw = np.array([vector(row, places) for row in rows])
        full = np.where(np.isnan(raw), self.state["fill"], raw)
        return 1 / (1 + np.exp(-(full @ np.array(self.state["weights"]) + self.state["bias"])))

    def save(self, folder: str | Path) -> None:
        (Path(folder) / "triage.json").write_text(json.dumps(self.state))

    @classmethod
    def load(cls, folder: str | Path) -> "Triage":
        return cls(json.loads((Path(folder) / "triage.json").read_text()))


def register(sites: pd.DataFrame) -> dict[str, Row]:
    """The register by practice; a later line replaces an earlier one."""
    return {row["site_id"]: row for row in sites.to_dict("records")}


def vector(row: Row, places: dict[str, Row]) -> list[float]:
    """What the linear model reads; not-a-number where nothing is known."""
    place = places.get(row["site_id"], {})
    numbers = [row[field] for field in NUMBERS]
    numbers[1] = float(np.log(numbers[1])) if numbers[1] > 0 else numbers[1]
    smoking = [float(row["smoking"] == level) for level in LEVELS]
    return [*numbers, *smoking, *(float(place.get(field, np.nan)) for field in PLACE)]


def read(record: Row) -> Row:
    """Check and clean one record."""
    row: Row = {field: number(record.get(field), field) for field in NUMBERS}
    for field in ("site_id", "smoking"):
        value = record.get(field)
        if value is not None and not isinstance(value, str) and value == value:
            raise Unreadable(field)
        row[field] = value
    return row


def number(value: Any, field: str) -> float:
    if value is None:
        return 0.0 if field == "weight_change" else np.nan
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise Unreadable(field)
    if np.isnan(value):
        return number(None, field)
    return np.nan if field in LABORATORY and value == -999 else float(value)


def train(referrals: pd.DataFrame, sites: pd.DataFrame, folder: str | Path) -> None:
    """Fit on all closed referrals, and describe them for the watch."""
    rows, places = list(map(read, referrals.to_dict("records"))), register(sites)
    model = Triage.fit(rows, places, referrals["cancer"].to_numpy())
    held = third_of(referrals["patient_id"])
    draft = Triage.fit(
        [row for row, out in zip(rows, held) if not out], places, referrals["cancer"].to_numpy()[~held]
    )
    scores = np.where(held, draft.risk(rows, places), np.nan)
    table = pd.DataFrame(rows)[list(NUMBERS)].assign(score=scores)[
        ~referrals["patient_id"].duplicated().to_numpy()
    ]
    model.state["watch"] = {
        field: {
            "n": int(table[field].notna().sum()),
            "rows": int(held.sum()) if field == "score" else len(table),
            "cuts": table[field].quantile([0.1, 0.3, 0.5, 0.7, 0.9]).tolist(),
            "below": [
                float((table[field].dropna() <= cut).mean())
                for cut in table[field].quantile([0.1, 0.3, 0.5, 0.7, 0.9])
            ],
            "empty": 0.0 if field == "score" else float(table[field].isna().mean()),
        }
        for field in WATCHED
    }
    model.save(folder)


def third_of(patients: pd.Series) -> np.ndarray:
    """Hold out a third of the patients, whole, in an order that their ids do not decide."""
    names = pd.Series(patients.unique()).sample(frac=1 / 3, random_state=3)
    return patients.isin(names).to_numpy()


def evaluate(referrals: pd.DataFrame, sites: pd.DataFrame) -> Row:
    """Hold out a third of the patients once."""
    rows, places, held = (
        list(map(read, referrals.to_dict("records"))),
        register(sites),
        third_of(referrals["patient_id"]),
    )
    outcomes = referrals["cancer"].to_numpy()
    model = Triage.fit([row for row, out in zip(rows, held) if not out], places, outcomes[~held])
    scores = model.risk([row for row, out in zip(rows, held) if out], places)
    held_out = [
        {"referral_id": name, "fold": "holdout", "y_true": int(truth), "score": float(score)}
        for name, truth, score in zip(referrals["referral_id"][held], outcomes[held], scores)
    ]
    return {"metric": "roc_auc", "value": float(roc_auc_score(outcomes[held], scores)), "held_out": held_out}


def score(folder: str | Path, records: list[Row], sites: pd.DataFrame) -> Row:
    """Answer a batch, record by record."""
    model, places = Triage.load(folder), register(sites)
    results, rows = [], []
    for record in records:
        try:
            rows.append(read(record))
        except Unreadable:
            results.append({"referral_id": record["referral_id"], "score": None, "status": "held"})
        else:
            risk = float(model.risk(rows[-1:], places)[0])
            rows[-1]["score"] = risk
            results.append({"referral_id": record["referral_id"], "score": risk, "status": "ok"})
    return {"results": results, "alerts": alerts(model.state["watch"], rows)}


def alerts(watch: Row, rows: list[Row]) -> list[Row]:
    """Compare shares below fixed cuts, and of empty values, at a level shared by all tests."""
    if len(rows) < MANY:
        return []
    level = 0.005 / (6 * len(watch))
    kinds: Counter[tuple[str, str]] = Counter()
    for field, known in watch.items():
        values = np.array([row[field] for row in rows])
        there = values[~np.isnan(values)]
        for cut, share in zip(known["cuts"], known["below"]):
            kinds[field, "distribution"] += (
                len(there) and differ(share, known["n"], float((there <= cut).mean()), len(there)) < level
            )
        empty = differ(known["empty"], known["rows"], float(np.isnan(values).mean()), len(values))
        kinds[field, "empty"] += empty < level
    return [
        {"kind": kind, "field": field, "severity": "page"} for (field, kind), count in kinds.items() if count
    ]


def differ(one: float, n: int, other: float, m: int) -> float:
    """Two-sided p-value of the difference of two shares; of no rows at all nothing can be said."""
    if not n or not m:
        return 1.0
    both = (one * n + other * m) / (n + m)
    spread = np.sqrt(both * (1 - both) * (1 / n + 1 / m))
    return 1.0 if spread == 0 else float(2 * norm.sf(abs(one - other) / spread))
