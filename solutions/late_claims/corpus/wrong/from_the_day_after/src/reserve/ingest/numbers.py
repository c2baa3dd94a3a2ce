"""Numbers of claims, as others write them."""

from __future__ import annotations

import re

PARTS = re.compile(r"^C(?P<year>[0-9]{2})(?P<number>[0-9]{1,6})$")


def claim_of(told: str | None) -> str | None:
    """Return the number as the database has it, such as ``C26-002104``; none where it can be no claim of ours.

    Garages write small letters, other signs between the parts or none, and leave noughts out.
    """
    match = PARTS.match(re.sub(r"[^A-Z0-9]", "", (told or "").upper()))
    return None if match is None else f"C{match['year']}-{match['number'].zfill(6)}"
