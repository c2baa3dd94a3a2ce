"""Estimates in the garages' exchange format, GDE 3."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from reserve.common.errors import MessageError

VERSIONS = ("3.0", "3.1", "3.2")
KINDS = ("parts", "labour", "paint", "towing", "other")


@dataclass(frozen=True)
class Line:
    """One line of an estimate."""

    kind: str
    amount: float
    text: str = ""


@dataclass(frozen=True)
class Estimate:
    """What a garage thinks that a repair will cost, in euros."""

    claim_id: str
    lines: tuple[Line, ...]
    total_loss: bool = False

    @property
    def amount(self) -> float:
        """The sum of all lines."""
        return round(sum(line.amount for line in self.lines), 2)

    def of(self, kind: str) -> float:
        """The sum of the lines of one kind."""
        return round(sum(line.amount for line in self.lines if line.kind == kind), 2)


def parse(body: str) -> Estimate:
    """Read an estimate.

    Parameters
    ----------
    body : str
        A GDE message, version 3.0 to 3.2.

    Raises
    ------
    MessageError
        If it is no such message.
    """
    try:
        told = json.loads(body)
    except json.JSONDecodeError as error:
        raise MessageError(f"no JSON: {error}") from error
    if not isinstance(told, dict) or told.get("gde") not in VERSIONS:
        raise MessageError("no GDE message of a known version")
    return Estimate(
        _text(told, "claim"),
        tuple(_line(one) for one in _listed(told.get("lines"))),
        total_loss=told.get("total_loss") is True,
    )


def _line(told: Any) -> Line:
    if not isinstance(told, dict):
        raise MessageError("a line is no object")
    kind = told.get("kind", "other")
    kind = kind if kind in KINDS else "other"
    return Line(kind, _number(told, "amount"), str(told.get("text", "")))


def _listed(value: Any) -> list[Any]:
    if not isinstance(value, list) or not value:
        raise MessageError("no lines")
    return value


def _text(told: dict[str, Any], key: str) -> str:
    found = told.get(key)
    if not isinstance(found, str) or not found:
        raise MessageError(f"`{key}` is {found!r}")
    return found


def _number(told: dict[str, Any], key: str) -> float:
    found = told.get(key)
    if not isinstance(found, int | float) or isinstance(found, bool):
        raise MessageError(f"`{key}` is {found!r}")
    return float(found)
