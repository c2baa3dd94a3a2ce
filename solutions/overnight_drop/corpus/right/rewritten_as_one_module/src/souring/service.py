"""Everything that the evening needs: a linear model in numpy, kept as JSON, and a watch by stability index."""

import csv
import io
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

BOUNDS = {
    "temperature_c": (0, 12),
    "hours_stored": (0, 60),
    "acidity_d": (12, 22),
    "cells_k": (20, 1500),
    "fat_pct": (2, 7),
    "volume_l": (100, 9000),
}
COOLERS = ("bulk", "can", "ice", "plate")


class Unreadable(ValueError):
    """A reading that cannot be true."""


def _row(record: dict[str, Any]) -> list[float]:
    row = []
    for field, (low, high) in BOUNDS.items():
        value = record.get(field)
        if value is None or (isinstance(value, float) and math.isnan(value)):
            row.append(0.0 if field == "hours_stored" else math.nan)
            continue
        try:
            number = float(value)
        except (TypeError, ValueError):
            raise Unreadable(field) from None
        if not low <= number <= high:
            raise Unreadable(field)
        row.append(math.log(number) if field in {"cells_k", "volume_l"} else number)
    return row + [float(record.get("cooler") == cooler) for cooler in COOLERS]


def train(history: pd.DataFrame, folder: str | Path) -> None:
    """Fit a logistic regression by Newton's method."""
    latest = {row["load_id"]: row for row in history.astype(object).where(history.notna(), None).to_dict("records")}
    rows = np.array([[*_row(row), row["sour_share"]] for row in latest.values()])
    soured = np.array([float(row["soured"]) for row in latest.values()])
    middle = np.nanmedian(rows, axis=0)
    rows = np.where(np.isnan(rows), middle, rows)
    mean, spread = rows.mean(axis=0), rows.std(axis=0) + 1e-9
    design = np.column_stack([(rows - mean) / spread, np.ones(len(rows))])
    weights = np.zeros(design.shape[1])
    for _ in range(25):
        risk = 1 / (1 + np.exp(-design @ weights))
        slope = design.T @ (soured - risk) - weights
        weights = weights + np.linalg.solve((design.T * (risk * (1 - risk))) @ design + np.eye(len(weights)), slope)
    reference = {field: _shares(field, _column(history[field]), None) for field in (*BOUNDS, "cooler")}
    kept = {name: value.tolist() for name, value in (("middle", middle), ("mean", mean), ("spread", spread), ("weights", weights))}
    (Path(folder) / "souring.json").write_text(json.dumps(kept | {"reference": reference}))


def score(folder: str | Path, records: list[dict[str, Any]], farms: dict[str, str]) -> dict[str, Any]:
    """Score record by record."""
    kept = json.loads((Path(folder) / "souring.json").read_text())
    middle, mean, spread, weights = (np.array(kept[name]) for name in ("middle", "mean", "spread", "weights"))
    day, shares = _farms(farms)
    results = []
    for record in records:
        try:
            row = np.array([*_row(record), shares.get(record.get("farm"), math.nan)])
        except Unreadable:
            results.append({"load_id": record["load_id"], "score": None, "status": "held"})
            continue
        z = ((np.where(np.isnan(row), middle, row) - mean) / spread) @ weights[:-1] + weights[-1]
        results.append({"load_id": record["load_id"], "score": float(1 / (1 + np.exp(-z))), "status": "ok"})
    return {"farms": day, "results": results}


def _farms(files: dict[str, str]) -> tuple[str | None, dict[str, float]]:
    used: tuple[str | None, dict[str, float]] = (None, {})
    for day in sorted(files):
        try:
            shares = {line["farm"]: float(line["sour_share"]) for line in csv.DictReader(io.StringIO(files[day]))}
        except (KeyError, TypeError, ValueError):
            continue
        if shares and len(shares) >= len(used[1]) / 2 and all(0 <= share <= 1 for share in shares.values()):
            used = day, shares
    return used


def watch(folder: str | Path, log: pd.DataFrame) -> list[dict[str, Any]]:
    """Replay a log: a stability index for every field, plain counts for the rest."""
    reference = json.loads((Path(folder) / "souring.json").read_text())["reference"]
    outcomes: dict[str, list[bool]] = {}
    for known, value, soured in zip(log["known"], log["score"], log["soured"], strict=True):
        if isinstance(known, str) and soured == soured and value == value:
            outcomes.setdefault(known, []).append((value >= 0.5) == (soured == 1))
    pages = []
    for day, loads in log.groupby("day"):
        # By chance alone the index is some ten loads' worth, so a small day needs a larger one.
        large = 0.25 + 15 / len(loads)
        named = {field for field, before in reference.items() if _index(field, before, _column(loads[field])) > large}
        if any((pd.Timestamp(day) - pd.Timestamp(trained)).days > 60 for trained in loads["model"].unique()):
            named.add("model")
        values = loads["score"].dropna()
        if len(values) and values.groupby(values).size().max() > len(values) / 2:
            named.add("score")
        right = outcomes.get(str(day), [])
        if len(right) >= 30 and np.mean(right) < 0.8 - 3.5 * math.sqrt(0.16 / len(right)):
            named.add("soured")
        pages += [{"day": day, "field": field, "kind": "changed"} for field in sorted(named)]
    return pages


def _column(values: pd.Series) -> list[Any]:
    return [None if value != value else value for value in values.tolist()]


def _shares(field: str, values: list[Any], edges: list[float] | None) -> dict[str, Any]:
    """Shares of the deciles, or of the coolers, with the empty ones as a group of their own."""
    full = [value for value in values if value is not None]
    if field == "cooler":
        groups = [*COOLERS, "other"]
        labels = [value if value in COOLERS else "other" for value in full]
        counts = [labels.count(group) for group in groups]
    else:
        edges = edges or np.quantile(full, np.linspace(0.1, 0.9, 9)).tolist()
        counts = np.bincount(np.searchsorted(edges, full), minlength=len(edges) + 1).tolist()
    counts.append(len(values) - len(full))
    return {"edges": edges, "shares": [max(count, 0.5) / len(values) for count in counts]}


def _index(field: str, before: dict[str, Any], values: list[Any]) -> float:
    now = np.array(_shares(field, values, before["edges"])["shares"])
    then = np.array(before["shares"])
    return float(((now - then) * np.log(now / then)).sum())
