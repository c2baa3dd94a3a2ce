"""Forms: the sets of defects that can be handed out besides those that an author lists."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from itertools import combinations

__all__ = ["COVER", "pairwise_cover"]

COVER = "pairs"
"""How the forms of the cover are called: ``pairs-1``, ``pairs-2``, ..."""
SMALLEST = 2

Pair = frozenset[str]


def pairwise_cover(
    ids: Sequence[str],
    *,
    excluded: Iterable[tuple[str, str]] = (),
    size: int,
    given: Iterable[Sequence[str]] = (),
) -> tuple[tuple[str, ...], ...]:
    """Find few sets, so that every two defects that can stand together do so in one of them or of those given.

    One defect hides another, or trips its check, mostly two by two. Validation plants each defect alone and none at
    all, so with these sets it sees every two of them in all four ways: neither, one, the other, both.

    Parameters
    ----------
    ids : sequence of str
        Every defect, in order.
    excluded : iterable of (str, str)
        Pairs that cannot stand together.
    size : int
        Defects a set, fewer where no other can be added; at least two.
    given : iterable of sequence of str
        Sets that are handed out already.

    Returns
    -------
    sets : tuple of tuple of str
        Greedily made, the same for the same arguments; ids in their order.
    """
    apart = {frozenset(pair) for pair in excluded}
    covered = {pair for chosen in given for pair in _pairs(chosen)}
    missing = [pair for pair in _pairs(ids) if pair not in apart and pair not in covered]
    found: list[tuple[str, ...]] = []
    while missing:
        left = set(missing)
        start = sorted(missing[0], key=ids.index)
        chosen = _grown(start, ids, apart, left, size=max(size, SMALLEST), used=Counter(sum(found, ())))
        found.append(tuple(sorted(chosen, key=ids.index)))
        missing = [pair for pair in missing if pair not in set(_pairs(chosen))]
    return tuple(found)


def _pairs(chosen: Sequence[str]) -> list[Pair]:
    return [frozenset(pair) for pair in combinations(chosen, 2)]


def _grown(
    start: Sequence[str],
    ids: Sequence[str],
    apart: Collection[Pair],
    missing: Collection[Pair],
    *,
    size: int,
    used: Counter[str],
) -> list[str]:
    """Add to a pair whatever covers most pairs more; of equals what was used least, then what comes first."""
    chosen = list(start)
    while len(chosen) < size:
        fitting = [
            name
            for name in ids
            if name not in chosen and not any(frozenset((name, other)) in apart for other in chosen)
        ]
        if not fitting:
            break
        gains = {name: sum(frozenset((name, other)) in missing for other in chosen) for name in fitting}
        chosen.append(max(fitting, key=lambda name: (gains[name], -used[name])))
    return chosen
