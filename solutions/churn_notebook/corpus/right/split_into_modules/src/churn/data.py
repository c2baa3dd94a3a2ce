"""Customers as exported, with what the model reads."""

from pathlib import Path

import pandas as pd

OWN = [
    "tenure_weeks",
    "boxes_8w",
    "skips_8w",
    "days_since_login",
    "complaints_8w",
    "late_deliveries_8w",
    "discount_share",
    "payment_failures_26w",
]
HOUSEHOLD = [f"hh_{number:02d}" for number in range(1, 25)]
COLUMNS = [*OWN, *HOUSEHOLD, "size", "every_weeks"]
SIZES = ["small", "family", "office"]


def read(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read the customers, each once, and the plans."""
    customers = pd.read_csv(folder / "customers.csv")
    last = customers.sort_values("exported_on", kind="stable").groupby("customer_id").tail(1)
    return last, pd.read_csv(folder / "plans.csv").set_index("plan")


def with_features(rows: pd.DataFrame, plans: pd.DataFrame) -> pd.DataFrame:
    """Add what the model reads, in the order of the rows."""
    rows = rows.reset_index(drop=True)
    rows["size"] = rows["plan"].map(plans["size"]).map(SIZES.index)
    rows["every_weeks"] = rows["plan"].map(plans["every_weeks"])
    rows["days_since_login"] = rows["days_since_login"].replace(-1, 365)
    return rows
