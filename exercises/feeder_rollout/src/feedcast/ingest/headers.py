"""What a head-end says of a delivery, before the readings begin."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from feedcast.common import hours
from feedcast.common.errors import DeliveryError

CADENCES = (15, 30, 60)


@dataclass(frozen=True)
class Header:
    """The head of a delivery.

    Parameters
    ----------
    cadence : int
        Minutes of each reading.
    scale : float
        Kilowatt-hours of one unit.
    ahead : int
        Minutes by which stamps lie behind the beginning of what they stamp.
    """

    cadence: int
    scale: float
    ahead: int = 0

    def begin(self, stamp: str) -> str:
        """Return the moment at which the interval of a stamp begins."""
        return hours.plus(stamp, -self.ahead) if self.ahead else stamp


def parsed(text: str) -> Header:
    """Read a header.

    Raises
    ------
    DeliveryError
        If it is no header, or says what cannot be.
    """
    try:
        told = json.loads(text)
    except json.JSONDecodeError as error:
        raise DeliveryError(f"a header is no JSON: {error}") from error
    if not isinstance(told, dict):
        raise DeliveryError("a header is no object")
    if told.get("zone", "UTC") != "UTC":
        raise DeliveryError(f"the zone is {told['zone']!r}")
    cadence = _cadence(told)
    return Header(cadence, _scale(told), cadence if told.get("stamps") == "end" else 0)


def _cadence(told: dict[str, Any]) -> int:
    cadence = told.get("cadence", 60)
    if cadence not in CADENCES:
        raise DeliveryError(f"the cadence is {cadence!r}")
    return int(cadence)


def _scale(told: dict[str, Any]) -> float:
    scale = told.get("scale", 1)
    if not isinstance(scale, int | float) or isinstance(scale, bool) or scale <= 0:
        raise DeliveryError(f"the scale is {scale!r}")
    return float(scale)
