"""Instructions to the ledger."""

from __future__ import annotations

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


def instruct(claim_id: str, amount: float, ordered_on: str, part: int) -> Instruction:
    """Make an instruction; `part` counts the parts of what is paid for a claim."""
    return Instruction(f"B{claim_id[1:3]}{claim_id[4:]}/{part}", claim_id, euros(amount), ordered_on)
