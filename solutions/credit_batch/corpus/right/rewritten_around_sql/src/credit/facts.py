"""Facts: everything that is known of applications as of their day, in one query."""

import sqlite3
from pathlib import Path

import pandas as pd

QUERY = """
WITH asked AS (
    SELECT a.*, d.defaulted FROM applications a LEFT JOIN decisions d USING (application_id)
    WHERE d.defaulted IS NOT NULL OR a.received = :day
), dated AS (
    SELECT q.application_id, p.income, p.employment,
           ROW_NUMBER() OVER (PARTITION BY q.application_id ORDER BY p.since DESC) AS age
    FROM asked q JOIN profiles p ON p.customer_id = q.customer_id AND p.since <= q.received
), sums AS (
    SELECT application_id, COUNT(*) AS n, AVG(euros) AS mean, AVG(euros * euros) AS square
    FROM (
        SELECT q.application_id,
               MAX(0.0, s.spent) / CASE WHEN s.day < '2026-01-01' THEN 1.95583 ELSE 1 END AS euros
        FROM asked q JOIN statements s ON s.customer_id = q.customer_id
        WHERE s.day < q.received AND s.day >= DATE(q.received, '-365 days')
    ) GROUP BY application_id
)
SELECT q.application_id, q.received, q.amount, dated.income, dated.employment,
       sums.mean AS spent_mean, sums.square AS square, q.defaulted
FROM asked q
LEFT JOIN dated ON dated.application_id = q.application_id AND dated.age = 1
LEFT JOIN sums ON sums.application_id = q.application_id
"""
FIGURES = ["amount", "income", "employment", "spent_mean", "spent_sd"]
NUMBERS = ["amount", "income", "spent_mean", "spent_sd"]
LOW, HIGH = [100, 200, 0, 0], [30_000, 20_000, 20_000, 20_000]


def facts(store: str | Path, day: str = "") -> pd.DataFrame:
    """Return closed loans, and the applications of a day."""
    path = Path(store, "features.sqlite")
    if not path.is_file():
        raise FileNotFoundError(path)
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    try:
        rows = connection.execute(QUERY, {"day": day}).fetchall()
    finally:
        connection.close()
    names = ["application_id", "received", "amount", "income", "employment", "spent_mean", "square", "defaulted"]
    table = pd.DataFrame(rows, columns=names)
    for name in ("amount", "income", "spent_mean", "square"):
        table[name] = pd.to_numeric(table[name], errors="coerce").astype(float)
    table["spent_sd"] = (table["square"] - table["spent_mean"] ** 2).clip(lower=0) ** 0.5
    return table


def readable(table: pd.DataFrame, kinds: list[str]) -> pd.Series:
    """Say which lines a model may judge."""
    numbers = table[NUMBERS]
    return ((numbers >= LOW) & (numbers <= HIGH)).all(axis=1) & table["employment"].isin(kinds)


def columns(table: pd.DataFrame, kinds: list[str]) -> pd.DataFrame:
    """Turn facts into what the trees split on."""
    income = table["income"]
    return pd.DataFrame(
        {
            "burden": table["amount"] / income,
            "income": income,
            "spending": table["spent_mean"] / income,
            "unsteadiness": table["spent_sd"] / income,
            "kind": table["employment"].map({kind: at for at, kind in enumerate(kinds)}),
        }
    )
