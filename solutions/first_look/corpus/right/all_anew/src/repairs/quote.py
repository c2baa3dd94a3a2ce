"""Quote by the line."""

from __future__ import annotations

from typing import Any

from repairs.line import Line, spelled

LIMITS = (("age_years", 0, 120), ("weight_kg", 0.01, 60))


class Desk:
    """Somebody who answers bookings."""

    def __init__(self, line: Line) -> None:
        self.line = line

    def answer(self, booking: dict[str, Any]) -> dict[str, Any]:
        """Answer one booking."""
        status = self.status(booking)
        minutes = self.line.minutes(booking) if status == "ok" else None
        return {"booking_id": booking["booking_id"], "minutes": minutes, "status": status}

    def status(self, booking: dict[str, Any]) -> str:
        """Say whether a booking can be answered."""
        for field, least, most in LIMITS:
            value = booking.get(field)
            if type(value) not in {int, float} or not least <= value <= most:
                return "check"
        return "ok" if spelled(booking["kind"]) in self.line.offsets else "new"


def quote(folder: str, bookings: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Answer all bookings of a day."""
    return list(map(Desk(Line.load(folder)).answer, bookings))
