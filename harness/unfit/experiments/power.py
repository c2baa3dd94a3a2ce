"""Power: how many draws tell a promised rate from a larger one, and how often that goes wrong."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from unfit.errors import CheckError

__all__ = ["Rates"]


@dataclass(frozen=True)
class Rates:
    """Wald's sequential test of a promised rate against a larger one: it draws only as often as it has to.

    Parameters
    ----------
    promised : float
        The rate that the standard allows.
    caught : float
        The rate that must be told from it.
    wrongly_rejected, wrongly_accepted : float
        How often either may be mistaken for the other.
    most : int
        After so many draws the likelier of the two counts.

    Raises
    ------
    CheckError
        If `most` draws do not suffice to keep both.

    Examples
    --------
    >>> rates = Rates(promised=0.01, caught=0.1)
    >>> rates.settled(draws=10, hits=0), rates.settled(draws=70, hits=0), rates.settled(draws=10, hits=5)
    (None, True, False)
    """

    promised: float
    caught: float
    wrongly_rejected: float = 2e-3
    wrongly_accepted: float = 2e-3
    most: int = 400

    def __post_init__(self) -> None:
        wrong = self.passes(self.caught), 1 - self.passes(self.promised)
        if wrong[0] > 2 * self.wrongly_accepted or wrong[1] > 2 * self.wrongly_rejected:
            raise CheckError(
                f"{self.most} draws do not tell a rate of {self.promised:g} from one of {self.caught:g}: "
                f"{wrong[0]:.2%} of the latter would pass, {wrong[1]:.2%} of the former fail",
                fix="allow more draws, or ask for a larger difference",
            )

    def settled(self, *, draws: int, hits: int) -> bool | None:
        """Say whether the promise is kept, or that more draws are needed."""
        evidence = self._evidence(draws, hits)
        if evidence <= math.log(self.wrongly_accepted):
            return True
        if evidence >= -math.log(self.wrongly_rejected):
            return False
        return evidence <= 0 if draws >= self.most else None

    def limit(self, draws: int) -> int:
        """Return the most hits among so many draws that speak for the promise."""
        return math.floor(-self._evidence(draws, 0) / self._of_a_hit)

    def passes(self, rate: float) -> float:
        """Compute how often a service passes whose rate this is, exactly."""
        return self._walk(rate)[0]

    def draws(self, rate: float) -> float:
        """Compute how many draws it takes on average, exactly."""
        return self._walk(rate)[1]

    def _evidence(self, draws: int, hits: int) -> float:
        return hits * self._of_a_hit + draws * math.log((1 - self.caught) / (1 - self.promised))

    @cached_property
    def _of_a_hit(self) -> float:
        quiet = math.log((1 - self.caught) / (1 - self.promised))
        return math.log(self.caught / self.promised) - quiet

    def _walk(self, rate: float) -> tuple[float, float]:
        """Follow the share of undecided tests by their hits, from draw to draw."""
        open_ = np.zeros(self.most + 2)
        open_[0], passed, expected = 1.0, 0.0, 0.0
        for draws in range(1, self.most + 1):
            expected += float(open_.sum())
            open_ = open_ * (1 - rate) + np.roll(open_, 1) * rate
            for hits in np.flatnonzero(open_ > 0):
                ended = self.settled(draws=draws, hits=int(hits))
                if ended is not None:
                    passed += float(open_[hits]) * ended
                    open_[hits] = 0.0
            if open_.sum() < 1e-12:
                break
        return passed, expected
