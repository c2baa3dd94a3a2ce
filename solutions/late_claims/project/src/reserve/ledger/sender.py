"""Sending instructions to the ledger, which at times is slow."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from reserve.common.errors import LedgerError
from reserve.common.journal import Journal
from reserve.common.settings import settings
from reserve.ledger.instructions import Instruction


class Ledger(Protocol):
    """The ledger's interface."""

    def book(self, body: dict[str, object], seconds: float) -> str:
        """Book an instruction and return ``"booked"`` or ``"refused"``; raise TimeoutError if it takes longer."""


def send(ledger: Ledger, one: Instruction, journal: Journal) -> Instruction:
    """Send an instruction, with another attempt where the ledger does not answer in time.

    The ledger may have booked an attempt all the same. It pays a reference once, and its file has each attempt.

    Returns
    -------
    sent : Instruction
        The attempt that was answered.

    Raises
    ------
    LedgerError
        If the ledger refused it, or did not answer the last attempt.
    """
    terms = settings().ledger
    last = one.attempt + terms.attempts - 1
    while True:
        try:
            answer = ledger.book(one.body(), terms.seconds)
        except TimeoutError:
            journal.note("ledger_timeout", ref=one.booking_ref, claim=one.claim_id, attempt=one.attempt)
            if one.attempt >= last:
                raise LedgerError(f"{one.booking_ref}: no answer after {terms.attempts} attempts") from None
            one = one.again()
            continue
        if answer != "booked":
            raise LedgerError(f"{one.booking_ref}: {answer}")
        journal.note("ledger_booked", ref=one.booking_ref, claim=one.claim_id, attempt=one.attempt)
        return one


def send_all(ledger: Ledger, many: Iterable[Instruction], journal: Journal) -> tuple[int, int]:
    """Send a day's instructions; return how many were booked and how many failed."""
    booked = failed = 0
    for one in many:
        try:
            send(ledger, one, journal)
        except LedgerError as error:
            journal.note("ledger_failed", ref=one.booking_ref, why=str(error))
            failed += 1
        else:
            booked += 1
    return booked, failed
