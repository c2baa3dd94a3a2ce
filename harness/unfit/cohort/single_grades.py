"""Single grades: entered into the register, and refused where their person was forgotten."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from unfit.cohort.fingerprint import fingerprint
from unfit.cohort.submission_lists import real
from unfit.errors import SubmissionError
from unfit.export import carried_by
from unfit.forgotten import read_marks
from unfit.receiving import Received
from unfit.register import HandIn, note

__all__ = ["enter", "refuse_forgotten"]


def refuse_forgotten(received: Received, source: Path | None, ledger: Path) -> None:
    """Refuse to grade the work of somebody who was forgotten.

    Raises
    ------
    SubmissionError
        Saying since when, and what to do.
    """
    marks = read_marks(ledger)
    if not marks.marks:
        return
    known = [received.submission.digest, *([] if source is None else [fingerprint(source)])]
    when = marks.when(*(("content", one) for one in known))
    if when is not None:
        raise SubmissionError(
            f"{source or received.submission.name}: this is the work of somebody who was forgotten on {when}",
            fix="delete it; if the person applied again, say so: unfit forget NAME --lift",
        )


def enter(received: Received, source: Path, out: Path, *, exercise: str, ledger: Path) -> None:
    """Enter a single grade into the register, where its submission carries a receipt of this ledger."""
    entry = carried_by(received.files, ledger)
    if entry is None:
        return
    hand_in = HandIn(
        nonce=entry.nonce,
        exercise=exercise,
        proven=received.receipt.verified,
        submission=real(source),
        content=fingerprint(source),
        grade=real(out),
        seen=dt.datetime.now(dt.UTC),
    )
    note(ledger, [hand_in])
