"""What models of earlier weeks would have said: each week is forecast by a model of the weeks before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from feedcast.common import hours
from feedcast.common.errors import TooLittleError
from feedcast.features.build import Example
from feedcast.training.figures import Pair, mean_error, share
from feedcast.training.model import fit

WEEK = 7


@dataclass(frozen=True)
class Backtest:
    """What came of it."""

    pairs: list[Pair]
    mean_error: float
    share: float


def backtest(examples: Sequence[Example], weeks: int) -> Backtest:
    """Forecast the last weeks of the examples, each by what came before.

    Raises
    ------
    TooLittleError
        If no week could be forecast.
    """
    last = max((hours.day_of(one.features.hour) for one in examples), default="")
    pairs: list[Pair] = []
    for back in range(weeks if last else 0, 0, -1):
        first = hours.shifted(last, 1 - WEEK * back)
        until = hours.shifted(first, WEEK)
        pairs += _week(examples, first, until)
    if not pairs:
        raise TooLittleError("no week can be forecast by the weeks before it")
    return Backtest(pairs, mean_error(pairs), share(pairs))


def _week(examples: Sequence[Example], first: str, until: str) -> list[Pair]:
    before = [one for one in examples if one.features.hour < hours.shifted(first, -1)]
    try:
        model = fit(before)
    except TooLittleError:
        return []
    pairs = []
    for one in examples:
        if first <= one.features.hour < until:
            load = model.load(one.features)
            if load is not None:
                pairs.append(Pair(one.features.feeder_id, one.features.hour, one.load, load))
    return pairs
