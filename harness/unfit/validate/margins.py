"""Margins: how far each comparison stays from its limit, on both sides."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev
from typing import Literal, cast

from scipy import stats

from unfit.grades import Evidence, Outcome
from unfit.validate.planning import Roles, Tree
from unfit.validate.validation import ErrorRates, Margin, Narrow, Seen, Side

__all__ = ["bound", "measure_margins", "narrow_margins", "varying"]

CONFIDENCE = 0.95
STEADY = 1e-6
"""A number whose spread is below this part of its distance to the limit does not vary: rounding, not chance."""
FRESH = 20
"""Seeds that a whole validation draws."""
PROBABLE = 0.5
"""A limit is narrow where it is more likely than not that one of these seeds crosses it."""
ENOUGH = 10
"""Seeds from which on a tree's own spread is known well enough; below, those of all alike trees count together."""


@dataclass(frozen=True)
class _Point:
    """One comparison's worst number in one examination."""

    tree: Tree
    seed: int
    seen: float
    limit: float
    margin: float
    stated: float | None


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
    points = _points(by_name, seen)
    passes = {check: _passes(check, by_name, roles, seen) for check in {key[0] for key in points}}
    return tuple(
        _margin(key, found, roles, passes[key[0]])
        for key, found in points.items()
        if key[2] in {"at most", "at least"}
    )


def _points(trees: Mapping[str, Tree], seen: Sequence[Seen]) -> dict[tuple[str, str, str, str], list[_Point]]:
    """Gather the numbers of each comparison, by check, label, direction and unit."""
    points: dict[tuple[str, str, str, str], list[_Point]] = {}
    for item in seen:
        for check, verdict in item.verdicts.items():
            worst = _worst(verdict.evidence, trees[item.tree], item.seed)
            for (label, direction, unit), point in worst.items():
                points.setdefault((check, label, direction, unit), []).append(point)
    return points


def narrow_margins(trees: Sequence[Tree], roles: Roles, seen: Sequence[Seen]) -> tuple[Narrow, ...]:
    """Find the limits that one of twenty fresh seeds would probably cross.

    Parameters
    ----------
    trees, roles, seen
        See `measure_margins`.

    Returns
    -------
    narrow : tuple of Narrow
        For each comparison and either side the tree where it is most probable; the most probable first.

    Notes
    -----
    The chance is that of Student's prediction for one more seed, so few seeds make it larger. Below ten seeds the
    spreads of the trees on which a comparison must end alike count together, each set of numbers once, or the spread
    that the check states counts instead. Where a check must not pass, only the comparison that holds it most surely
    counts. A number that has not varied, and whose check states no spread, has no chance.
    """
    by_name = {tree.name: tree for tree in trees}
    passing: list[Narrow] = []
    failing: dict[tuple[str, str], list[Narrow]] = {}
    for (check, label, direction, _), points in _points(by_name, seen).items():
        if direction not in {"at most", "at least"}:
            continue
        groups: dict[str, dict[str, list[_Point]]] = {"passed": {}, "not passed": {}}
        for point in points:
            if point.tree.kind != "empty":
                group = groups.get(roles.expected(point.tree, check), {})
                group.setdefault(point.tree.name, []).append(point)
        measured = label.replace("{seen}", "…")
        passing += [
            _narrow(check, measured, found, groups["passed"], sign=1) for found in groups["passed"].values()
        ]
        stands = {name: found for name, found in groups["not passed"].items() if _misses(found)}
        for name, found in stands.items():
            failing.setdefault((check, name), []).append(_narrow(check, measured, found, stands, sign=-1))
    surest = [min(found, key=lambda one: one.chance) for found in failing.values()]
    worst: dict[tuple[str, str, str], Narrow] = {}
    for one in sorted((*passing, *surest), key=lambda one: -one.chance):
        if one.chance >= PROBABLE and one.distance > 0:  # what fails already is a problem, not a warning
            worst.setdefault((one.check, one.measured, one.must), one)
    return tuple(worst.values())


def _narrow(
    check: str, measured: str, points: Sequence[_Point], alike: Mapping[str, Sequence[_Point]], *, sign: int
) -> Narrow:
    """Say how probable it is that fresh seeds cross a limit on one tree, from the right side to the wrong one."""
    margins = [sign * point.margin for point in points]
    spread, freedom = _spread(points, alike, sign)
    mean = fmean(margins)
    once = 0.0
    if spread > STEADY * abs(mean):
        distance = mean / (spread * math.sqrt(1 + 1 / len(margins)))
        once = float(stats.norm.sf(distance) if freedom is None else stats.t.sf(distance, freedom))
    return Narrow(
        check=check,
        measured=measured,
        tree=points[0].tree.name,
        must="pass" if sign > 0 else "not pass",
        limit=points[0].limit,
        distance=mean,
        spread=spread,
        seeds=len(margins),
        chance=1 - (1 - once) ** FRESH,
    )


def _spread(
    points: Sequence[_Point], alike: Mapping[str, Sequence[_Point]], sign: int
) -> tuple[float, int | None]:
    """Estimate the spread on a tree, with its degrees of freedom; none where the check states it."""
    own = [sign * point.margin for point in points]
    if len(own) >= ENOUGH:
        return stdev(own), len(own) - 1
    stated = [point.stated for point in points if point.stated is not None]
    if stated:
        return fmean(stated), None
    distinct = {tuple(sign * point.margin for point in found) for found in alike.values()}
    several = [numbers for numbers in distinct if len(numbers) > 1]
    freedom = sum(len(numbers) - 1 for numbers in several)
    squares = sum((number - fmean(numbers)) ** 2 for numbers in several for number in numbers)
    return (math.sqrt(squares / freedom), freedom) if freedom else (0.0, None)


def _worst(evidence: Sequence[Evidence], tree: Tree, seed: int) -> dict[tuple[str, str, str], _Point]:
    """Keep of each comparison, made several times in one check, the number nearest to or furthest over the limit."""
    found: dict[tuple[str, str, str], _Point] = {}
    for item in evidence:
        if not isinstance(item.seen, float) or not isinstance(item.limit, float):
            continue
        margin = item.limit - item.seen if item.direction == "at most" else item.seen - item.limit
        key = item.label, item.direction, item.unit
        if key not in found or margin < found[key].margin:
            found[key] = _Point(tree, seed, item.seen, item.limit, margin, item.spread)
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
    statistical = any(point.stated is not None for point in points) or any(
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


def _rates(wrong: Mapping[int, bool], spreads: float | None) -> ErrorRates | None:
    """Rate over seeds: trees of one seed share their data, so each seed is one trial."""
    if not wrong:
        return None
    count, trials = sum(wrong.values()), len(wrong)
    normal = None if spreads is None else float(stats.norm.sf(spreads))
    return ErrorRates(
        wrong=count, trials=trials, rate=count / trials, bound=bound(count, trials), normal=normal
    )


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
