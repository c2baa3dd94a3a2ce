"""Margins: how far each comparison stays from its limit, on both sides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev
from typing import Literal, cast

from scipy import stats

from unfit.grades import Evidence, Outcome
from unfit.validate.planning import Roles, Tree
from unfit.validate.records import Margin, Rates, Seen, Side

__all__ = ["bound", "measure_margins", "varying"]

CONFIDENCE = 0.95
STEADY = 1e-6
"""A number whose spread is below this part of its distance to the limit does not vary: rounding, not chance."""


@dataclass(frozen=True)
class _Point:
    """One comparison's worst number in one examination."""

    tree: Tree
    seed: int
    seen: float
    limit: float
    margin: float
    stated: bool


def measure_margins(trees: Sequence[Tree], roles: Roles, seen: Sequence[Seen]) -> tuple[Margin, ...]:
    """Measure every comparison that has a numeric limit.

    Parameters
    ----------
    trees : sequence of Tree
    roles : Roles
    seen : sequence of Seen

    Returns
    -------
    margins : tuple of Margin
        In the order in which the checks ran and compared.
    """
    by_name = {tree.name: tree for tree in trees}
    points: dict[tuple[str, str, str, str], list[_Point]] = {}
    for item in seen:
        for check, verdict in item.verdicts.items():
            worst = _worst(verdict.evidence, by_name[item.tree], item.seed)
            for (label, direction, unit), point in worst.items():
                points.setdefault((check, label, direction, unit), []).append(point)
    passes = {check: _passes(check, by_name, roles, seen) for check in {key[0] for key in points}}
    return tuple(
        _margin(key, found, roles, passes[key[0]])
        for key, found in points.items()
        if key[2] in {"at most", "at least"}
    )


def _worst(evidence: Sequence[Evidence], tree: Tree, seed: int) -> dict[tuple[str, str, str], _Point]:
    """Keep of each comparison, made several times in one check, the number nearest to or furthest over the limit."""
    found: dict[tuple[str, str, str], _Point] = {}
    for item in evidence:
        if not isinstance(item.seen, float) or not isinstance(item.limit, float):
            continue
        margin = item.limit - item.seen if item.direction == "at most" else item.seen - item.limit
        key = item.label, item.direction, item.unit
        if key not in found or margin < found[key].margin:
            found[key] = _Point(tree, seed, item.seen, item.limit, margin, item.spread is not None)
    return found


def _passes(check: str, trees: Mapping[str, Tree], roles: Roles, seen: Sequence[Seen]) -> dict[int, bool]:
    """By seed, whether the check passed on any tree where it must not."""
    wrong: dict[int, bool] = {}
    for item in seen:
        tree = trees[item.tree]
        if check in item.verdicts and tree.kind != "empty" and roles.expected(tree, check) == "not passed":
            passed = item.verdicts[check].outcome is Outcome.PASSED
            wrong[item.seed] = wrong.get(item.seed, False) or passed
    return wrong


def _margin(
    key: tuple[str, str, str, str], points: Sequence[_Point], roles: Roles, passes: Mapping[int, bool]
) -> Margin:
    check, label, direction, unit = key
    must = [point for point in points if roles.expected(point.tree, check) == "passed"]
    owners = roles.owners.get(check, ())
    stands = [
        point
        for point in points
        if point.tree.planted.intersection(owners) or check in point.tree.guards_broken
    ]
    passing = dict(_sides(must, missing=False))
    statistical = any(point.stated for point in points) or any(
        side.spreads is not None for side in passing.values()
    )
    wrong: dict[int, bool] = {}
    for point in must:
        wrong[point.seed] = wrong.get(point.seed, False) or point.margin < 0
    worst = min((side.spreads for side in passing.values() if side.spreads is not None), default=None)
    return Margin(
        check=check,
        label=label,
        direction=cast(Literal["at most", "at least"], direction),
        limit=points[0].limit,
        unit=unit,
        statistical=statistical,
        passing=passing,
        failing=dict(_sides(stands, missing=True)),
        false_fail=_rates(wrong, worst),
        false_pass=_rates(passes, None),
    )


def _sides(points: Sequence[_Point], *, missing: bool) -> Iterator[tuple[str, Side]]:
    """Find the nearest side among the variants, and among what somebody wrote."""
    for group, variant in (("variants", True), ("corpus", False)):
        by_tree: dict[str, list[_Point]] = {}
        for point in points:
            if point.tree.variant is variant:
                by_tree.setdefault(point.tree.name, []).append(point)
        sides = [
            _side(name, found, missing) for name, found in by_tree.items() if not missing or _misses(found)
        ]
        if sides:
            yield group, min(sides, key=_nearness)


def _misses(points: Sequence[_Point]) -> bool:
    """Whether it is this comparison that catches what stands there."""
    return 2 * sum(point.margin < 0 for point in points) > len(points)


def _side(tree: str, points: Sequence[_Point], missing: bool) -> Side:
    sign = -1 if missing else 1
    nearest = min(points, key=lambda point: sign * point.margin)
    margins = [sign * point.margin for point in points]
    enough = 3
    spread = stdev(margins) if len(margins) >= enough else None
    mean = fmean(margins)
    spreads = mean / spread if spread is not None and spread > STEADY * abs(mean) else None
    return Side(
        tree=tree,
        nearest=nearest.seen,
        margin=sign * nearest.margin,
        spread=0.0 if spread is not None and spreads is None else spread,
        spreads=spreads,
    )


def _nearness(side: Side) -> tuple[bool, float]:
    """Order sides: those that vary by their standard deviations, before those that do not by plain distance."""
    return (side.spreads is None, side.margin if side.spreads is None else side.spreads)


def _rates(wrong: Mapping[int, bool], spreads: float | None) -> Rates | None:
    """Rate over seeds: trees of one seed share their data, so each seed is one trial."""
    if not wrong:
        return None
    count, trials = sum(wrong.values()), len(wrong)
    normal = None if spreads is None else float(stats.norm.sf(spreads))
    return Rates(wrong=count, trials=trials, rate=count / trials, bound=bound(count, trials), normal=normal)


def bound(count: int, trials: int) -> float:
    """Exact (Clopper-Pearson) one-sided upper bound of a rate, at 95 %.

    Examples
    --------
    >>> round(bound(0, 20), 3)
    0.139
    """
    return 1.0 if count == trials else float(stats.beta.ppf(CONFIDENCE, count + 1, trials - count))


def varying(seen: Sequence[Seen]) -> frozenset[str]:
    """Name the checks whose numbers vary over seeds, or that state their spread.

    Parameters
    ----------
    seen : sequence of Seen
        One tree under a few seeds.
    """
    numbers: dict[tuple[str, str], list[tuple[float, float]]] = {}
    found = set()
    for item in seen:
        for check, verdict in item.verdicts.items():
            for evidence in verdict.evidence:
                if evidence.spread is not None:
                    found.add(check)
                if isinstance(evidence.seen, float) and isinstance(evidence.limit, float):
                    distance = abs(evidence.limit - evidence.seen)
                    numbers.setdefault((check, evidence.label), []).append((evidence.seen, distance))
    for (check, _), values in numbers.items():
        spread = max(number for number, _ in values) - min(number for number, _ in values)
        if spread > STEADY * max(distance for _, distance in values):
            found.add(check)
    return frozenset(found)
