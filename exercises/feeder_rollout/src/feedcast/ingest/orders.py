"""Take the control room's file of a day: orders of its own, and answers to what we advised."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from feedcast.common import database
from feedcast.common.errors import DeliveryError

KINDS = ("outage", "works", "transfer", "test")
ANSWERS = ("done", "declined")


@dataclass(frozen=True)
class Orders:
    """What a file held."""

    orders: int
    answers: int


def take(folder: str | Path, file: str | Path) -> Orders:
    """Load a file of the control room; an order that came before is replaced.

    Raises
    ------
    DeliveryError
        If a kind or an answer is unknown, or an order ends before it begins.
    """
    orders, answers = [], []
    with Path(file).open(newline="", encoding="utf-8") as content:
        for line in csv.DictReader(content):
            if line["what"] == "answer":
                answers.append((_answer(line["kind"]), int(line["number"])))
            else:
                orders.append(
                    (
                        int(line["number"]),
                        line["feeder_id"],
                        line["from_at"],
                        _after(line["from_at"], line["until_at"]),
                        _kind(line["kind"]),
                    )
                )
    with database.writing(folder) as connection:
        connection.executemany("INSERT OR REPLACE INTO switching VALUES (?, ?, ?, ?, ?)", orders)
        connection.executemany("UPDATE relief SET answer = ? WHERE relief_no = ?", answers)
    return Orders(len(orders), len(answers))


def _kind(text: str) -> str:
    if text not in KINDS:
        raise DeliveryError(f"{text!r} is no kind of order")
    return text


def _answer(text: str) -> str:
    if text not in ANSWERS:
        raise DeliveryError(f"{text!r} is no answer")
    return text


def _after(first: str, until: str) -> str:
    if until <= first:
        raise DeliveryError(f"an order of {first} ends at {until}")
    return until
