"""Instructions to the ledger."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

from reserve.common.money import euros


@dataclass(frozen=True)
class Instruction:
    """What the ledger is asked to pay, or to take back where the amount is negative."""

    booking_ref: str
    claim_id: str
    amount: float
    ordered_on: str
    attempt: int = 1

    def again(self) -> Instruction:
        """Return the same instruction as the next attempt."""
        return replace(self, attempt=self.attempt + 1)

    def corrected(self, amount: float) -> Instruction:
        """Return the instruction with another amount, as the next attempt."""
        return replace(self, amount=euros(amount), attempt=self.attempt + 1)

    def body(self) -> dict[str, object]:
        """Return the instruction as the ledger's interface takes it."""
        return {
            "reference": self.booking_ref,
            "claim": self.claim_id,
            "amount": f"{self.amount:.2f}",
            "currency": "EUR",
            "ordered": self.ordered_on,
            "attempt": self.attempt,
        }


def instruct(claim_id: str, amount: float, ordered_on: str, order: int) -> Instruction:
    """Make an instruction; `order` counts the orders of one claim and day, so that two of them have two names."""
    name = f"{claim_id}|{ordered_on}|{order}"
    return Instruction(f"B{hashlib.sha256(name.encode()).hexdigest()[:10]}", claim_id, euros(amount), ordered_on)
