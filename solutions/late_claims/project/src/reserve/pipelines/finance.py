"""The file for finance: first reserves of a month, as the general ledger takes them."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from reserve.common import database, days, money
from reserve.common.database import Row, rows
from reserve.registry.files import put

ACCOUNTS = {"collision": "4411", "parking": "4412", "glass": "4413", "hail": "4421", "theft": "4431"}
OTHER = "4499"
COLUMNS = ("account", "claim", "day", "amount", "text")


def lines(answers: list[Row]) -> list[dict[str, str]]:
    """Return a line for each claim with a reserve, by account and claim."""
    found = [
        {
            "account": ACCOUNTS.get(row["peril"], OTHER),
            "claim": row["claim_id"],
            "day": row["night"],
            "amount": f"{money.euros(row['reserve']):.2f}",
            "text": f"first reserve, {row['model']}",
        }
        for row in answers
        if row["reserve"] is not None
    ]
    return sorted(found, key=lambda line: (line["account"], line["claim"]))


def totals(many: list[dict[str, str]]) -> dict[str, float]:
    """Add the lines up, by account."""
    accounts = sorted({line["account"] for line in many})
    return {
        account: money.total(float(line["amount"]) for line in many if line["account"] == account)
        for account in accounts
    }


def run(folder: str, month: str, out: Path) -> dict[str, float]:
    """Write the file of a month, as 2026-05, and return its totals by account."""
    first = f"{month}-01"
    last = days.plus(f"{days.plus(first, 31)[:7]}-01", -1)
    with database.reading(folder) as connection:
        found = lines(rows(connection, "answers", first=first, last=last))
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, delimiter=";", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(found)
    put(out / f"finance-{month}.csv", text.getvalue())
    return totals(found)
