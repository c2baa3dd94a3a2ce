"""Overview: who has which exercise since when, and whether it was handed in."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from unfit.export import entries
from unfit.records import Record
from unfit.register import HandIn, read_register

__all__ = ["HandedOut", "handed_out"]


class HandedOut(Record):
    """One export, and what became of it."""

    candidate: str
    exercise: str
    form: str
    receipt: str
    """Its number."""
    handed_out: dt.datetime | None
    minutes: int | None = None
    until: dt.date | None = None
    handed_in: dt.datetime | None = None
    """When the first submission with this receipt, unchanged, was graded here; None where none was."""
    late: bool | None = None
    """Whether that was after the day that was agreed; None where nobody knows."""
    grades: tuple[str, ...] = ()
    """Folders of its grades."""
    doubt: str = ""
    """Where a submission carries this receipt and may be another person's."""

    @property
    def state(self) -> str:
        """What became of it, in words."""
        if self.handed_in is None:
            return self.doubt or "not handed in"
        late = f", after {self.until}" if self.late else ""
        doubt = f"; {self.doubt}" if self.doubt else ""
        return f"first graded {self.handed_in:%Y-%m-%d}{late}{doubt}"


def handed_out(ledger: Path) -> tuple[HandedOut, ...]:
    """List every export of a ledger, the oldest first."""
    register = read_register(ledger)
    agreed = {one.nonce: one for one in register.invitations}
    by_number: dict[str, list[HandIn]] = {}
    for one in register.handed_in:
        by_number.setdefault(one.nonce, []).append(one)
    found = []
    for entry in entries(ledger):
        terms, seen = agreed.get(entry.nonce), by_number.get(entry.nonce, [])
        proven = [one for one in seen if one.proven]
        first = min((one.seen for one in proven), default=None)
        until = terms.until if terms else None
        found.append(
            HandedOut(
                candidate=entry.candidate,
                exercise=entry.exercise,
                form=entry.form,
                receipt=entry.nonce,
                handed_out=entry.when,
                minutes=terms.minutes if terms else None,
                until=until,
                handed_in=first,
                late=None if first is None or until is None else first.date() > until,
                grades=tuple(dict.fromkeys(one.grade for one in seen)),
                doubt=_doubt(seen, proven),
            )
        )
    return tuple(found)


def _doubt(seen: list[HandIn], proven: list[HandIn]) -> str:
    works = len({one.content for one in proven})
    if works > 1:
        return f"{works} different submissions carry this receipt"
    if len(seen) > len(proven):
        return "a submission carries this receipt, edited"
    return ""
