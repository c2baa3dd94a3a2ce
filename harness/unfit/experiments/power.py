"""Power: how many draws a promise about a rate needs, and which rates then slip through."""

from __future__ import annotations

from dataclasses import dataclass

from scipy.stats import binom

from unfit.errors import CheckError

__all__ = ["Odds", "odds"]


@dataclass(frozen=True)
class Odds:
    """How a count is held against a promised rate.

    Parameters
    ----------
    draws : int
    limit : int
        The largest count that passes.
    rejected : float
        How often a service is failed that keeps the promise to the letter.
    accepted : float
        How often one passes whose rate is `caught`.
    """

    draws: int
    limit: int
    rejected: float
    accepted: float


def odds(
    draws: int,
    *,
    promised: float,
    caught: float,
    wrongly_rejected: float = 1e-3,
    wrongly_accepted: float = 0.05,
) -> Odds:
    """Choose the limit of a count, and refuse where there are too few draws for what is to be told apart.

    Parameters
    ----------
    draws : int
        Independent ones.
    promised : float
        The rate that the standard allows.
    caught : float
        The rate that must be told from it.
    wrongly_rejected, wrongly_accepted : float
        How often either may be mistaken for the other.

    Raises
    ------
    CheckError
        If the draws do not suffice; says how many do.

    Examples
    --------
    >>> odds(200, promised=0.01, caught=0.10).limit
    8
    """
    limit = int(binom.isf(wrongly_rejected, draws, promised))
    accepted = float(binom.cdf(limit, draws, caught))
    if accepted > wrongly_accepted:
        raise CheckError(
            f"{draws} draws do not tell a rate of {promised:g} from one of {caught:g}: at most {limit} pass, and "
            f"{accepted:.0%} of those with the latter do",
            fix=f"draw {_enough(promised, caught, wrongly_rejected, wrongly_accepted)}, or ask for a larger difference",
        )
    return Odds(draws, limit, float(binom.sf(limit, draws, promised)), accepted)


def _enough(promised: float, caught: float, wrongly_rejected: float, wrongly_accepted: float) -> int:
    """Search the fewest draws that tell two rates apart."""
    draws = 10
    while binom.cdf(binom.isf(wrongly_rejected, draws, promised), draws, caught) > wrongly_accepted:
        draws += 10
    return draws
