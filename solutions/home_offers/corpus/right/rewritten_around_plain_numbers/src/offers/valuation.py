"""Valuation: a linear model in logarithms, kept as plain numbers."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

ORDER = ("area_sqft", "lot_sqft", "bedrooms", "bathrooms", "built", "condition")
HALF_LIFE = 120.0


def read(sales: pd.DataFrame) -> pd.DataFrame:
    """Read recorded sales: the last line of each, oldest first."""
    table = sales.drop_duplicates("sale_id", keep="last").copy()
    table["day"] = pd.to_datetime(table["closed"])
    table["lot_sqft"] = feet(table["lot_sqft"])
    table["rate"] = table["price"] / table["area_sqft"]
    return table.sort_values("day", kind="stable").reset_index(drop=True)


def feet(lots: pd.Series) -> pd.Series:
    """Read lots, written in square feet or in acres."""
    return lots.astype(float).map(lambda lot: lot * 43_560 if lot < 50 else lot)


def levels(known: pd.DataFrame, asked: pd.DataFrame) -> np.ndarray:
    """Average earlier rates of the place, the newer the more weight; of the city where the place has none."""
    found = []
    sold = known["day"].to_numpy()
    rates, places = known["rate"].to_numpy(), known["neighbourhood"].to_numpy()
    for day, place in zip(pd.to_datetime(asked["day"]).to_numpy(), asked["neighbourhood"], strict=True):
        before = sold < day
        own = before & (places == place)
        chosen = own if own.any() else before
        age = (day - sold[chosen]) / np.timedelta64(1, "D")
        found.append(np.average(rates[chosen], weights=0.5 ** (age / HALF_LIFE)) if chosen.any() else np.nan)
    return np.array(found)


def columns(homes: pd.DataFrame, day: pd.Series) -> np.ndarray:
    """Write homes as a matrix, its columns in a fixed order."""
    numbers = {field: homes[field].astype(float).to_numpy() for field in ORDER}
    year = pd.to_datetime(day).dt.year.to_numpy()
    return np.column_stack(
        [
            np.ones(len(homes)),
            np.log(numbers["area_sqft"] / 1800),
            np.log(feet(homes["lot_sqft"]).to_numpy() / 7000),
            np.maximum(year - numbers["built"], 0) / 50,
            numbers["condition"] - 3,
            numbers["bathrooms"] - 2,
            numbers["bedrooms"] - 3,
        ]
    )


def solve(known: pd.DataFrame, level: np.ndarray) -> np.ndarray:
    """Fit the weights by least squares with a light penalty."""
    usable = np.isfinite(level)
    matrix = columns(known, known["day"])[usable]
    target = np.log(known["rate"].to_numpy() / level)[usable]
    return np.linalg.solve(matrix.T @ matrix + 0.5 * np.eye(matrix.shape[1]), matrix.T @ target)


def value(weights: np.ndarray, level: np.ndarray, homes: pd.DataFrame, day: pd.Series) -> np.ndarray:
    """Estimate homes in dollars."""
    return level * homes["area_sqft"].astype(float).to_numpy() * np.exp(columns(homes, day) @ weights)


def write(folder: str | Path, model: dict[str, Any], known: pd.DataFrame) -> None:
    """Write a model, with the sales that its levels come from."""
    text = json.dumps({**model, "weights": list(model["weights"])})
    (Path(folder) / "model.json").write_text(text)
    known.drop(columns="day").to_csv(Path(folder) / "known.csv", index=False)


def open_model(folder: str | Path) -> tuple[dict[str, Any], pd.DataFrame]:
    """Read a model, with the sales that its levels come from."""
    model = json.loads((Path(folder) / "model.json").read_text())
    known = pd.read_csv(Path(folder) / "known.csv")
    return model, known.assign(day=pd.to_datetime(known["closed"]))


def estimate(model: dict[str, Any], known: pd.DataFrame, homes: pd.DataFrame, day: pd.Series) -> np.ndarray:
    """Estimate homes on a day with a model that was written."""
    level = levels(known, homes.assign(day=day))
    return value(np.array(model["weights"]), level, homes, day)


def error(model: dict[str, Any], known: pd.DataFrame, sales: pd.DataFrame) -> float:
    """Return the mean absolute error on sales, in dollars."""
    found = estimate(model, known, sales, pd.to_datetime(sales["closed"]))
    return float(np.mean(np.abs(found - sales["price"].to_numpy())))
