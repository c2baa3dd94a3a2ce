"""Claim forms of the portal and of the telephone desk."""

from __future__ import annotations

import json
import re
import sqlite3
from dataclasses import astuple, dataclass
from typing import Any

from reserve.common import days
from reserve.common.errors import MessageError, ReserveError

PERILS = ("collision", "glass", "hail", "theft", "parking")
REGIONS = ("coast", "city", "hills", "border")
CLAIM = re.compile(r"^C\d{2}-\d{6}$")


@dataclass(frozen=True)
class Form:
    """A notification."""

    claim_id: str
    policy_id: str
    customer_no: str
    notified_on: str
    plate: str | None
    peril: str
    region: str


def parse(body: str) -> Form:
    """Read a claim form.

    Raises
    ------
    MessageError
        If a field is missing, or is not what the data card says.
    """
    try:
        told = json.loads(body)
    except json.JSONDecodeError as error:
        raise MessageError(f"no JSON: {error}") from error
    if not isinstance(told, dict):
        raise MessageError("no form")
    return Form(
        claim_id=_matching(told, "claim_id", CLAIM),
        policy_id=_text(told, "policy_id"),
        customer_no=_text(told, "customer_no"),
        notified_on=_day(told, "notified_on"),
        plate=told.get("plate") or None,
        peril=_one_of(told, "peril", PERILS),
        region=_one_of(told, "region", REGIONS),
    )


def store(connection: sqlite3.Connection, form: Form) -> None:
    """Write a claim and its first event; a claim that is known stays as it is."""
    known = connection.execute("SELECT 1 FROM claims WHERE claim_id = ?", (form.claim_id,)).fetchone()
    if known:
        return
    connection.execute("INSERT INTO claims VALUES (?, ?, ?, ?, ?, ?, ?)", astuple(form))
    connection.execute(
        "INSERT INTO claim_events (claim_id, happened_on, event) VALUES (?, ?, 'opened')",
        (form.claim_id, form.notified_on),
    )


def _text(told: dict[str, Any], key: str) -> str:
    found = told.get(key)
    if not isinstance(found, str) or not found.strip():
        raise MessageError(f"`{key}` is {found!r}")
    return found.strip()


def _matching(told: dict[str, Any], key: str, form: re.Pattern[str]) -> str:
    found = _text(told, key)
    if not form.match(found):
        raise MessageError(f"`{key}` is {found!r}")
    return found


def _one_of(told: dict[str, Any], key: str, known: tuple[str, ...]) -> str:
    found = _text(told, key).lower()
    if found not in known:
        raise MessageError(f"`{key}` is {found!r}, none of {', '.join(known)}")
    return found


def _day(told: dict[str, Any], key: str) -> str:
    try:
        return days.text(days.parse(_text(told, key)))
    except ReserveError as error:
        raise MessageError(str(error)) from error
