"""A small drawing of one measured number against its limit, as SVG without script or style."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from unfit.grades import Evidence
from unfit.harm import Harm
from unfit.report.words import labelled, number, reading

__all__ = ["Reference", "interval", "plot", "references"]

WIDTH, HEIGHT = 300, 58
LEFT, RIGHT = 14, 286
AXIS = 34
# Beyond this ratio a linear axis would squeeze the smaller number into the origin.
LOG_RATIO = 25.0
MOST_DECADES = 5


@dataclass(frozen=True)
class Reference:
    """What the same comparison gave on the fixed and on the shipped project, over several seeds."""

    fixed: tuple[float, ...] = ()
    broken: tuple[float, ...] = ()


def references(harm: Harm) -> dict[tuple[str, str], Reference]:
    """Gather, by check and label, what our own projects gave."""
    return {(scale.check, scale.label): Reference(scale.fixed, scale.broken) for scale in harm.scales}


NOTHING = 1e-300
"""Width below which numbers no longer have room for ticks between them."""


@dataclass(frozen=True)
class PlotScale:
    """A linear or logarithmic axis."""

    low: float
    high: float
    log: bool

    def at(self, value: float) -> float:
        """Place a value on the drawing, clipped to the axis."""
        measure = math.log10 if self.log else float
        low, high = measure(self.low), measure(self.high)
        share = (measure(max(value, self.low)) - low) / (high - low)
        return LEFT + (RIGHT - LEFT) * min(max(share, 0.0), 1.0)

    def ticks(self) -> list[float]:
        """Choose at most five round numbers."""
        if self.log:
            first, last = round(math.log10(self.low)), round(math.log10(self.high))
            step = -(-(last - first) // MOST_DECADES)
            return [10.0**power for power in range(first, last + 1, max(step, 1))]
        size = _round_step((self.high - self.low) / 3)
        first, last = math.ceil(self.low / size - 1e-9), math.floor(self.high / size + 1e-9)
        return [place * size for place in range(first, last + 1)]


def plot(evidence: Evidence, reference: Reference | None = None) -> Markup:
    """Draw a number against its limit; empty where there is no number to draw.

    The band is where the check passes, the dot (a diamond where it missed) what was seen, with two standard
    deviations either side where they are known.
    """
    seen, limit = evidence.seen, evidence.limit
    if not isinstance(seen, float) or not isinstance(limit, float) or not math.isfinite(seen + limit):
        return Markup()
    known = reference or Reference()
    scale = _scale(seen, limit, evidence.spread or 0.0, (*known.fixed, *known.broken))
    parts = [
        _band(scale, limit, evidence.direction),
        _axis(scale),
        _limit(scale, limit, evidence),
        _strip(scale, known.fixed, "M{at:.1f} {top}v12", "p-fixed"),
        _strip(scale, known.broken, "M{at:.1f} {top}l4 6l-4 6l-4 -6z", "p-broken"),
        _whisker(scale, seen, evidence.spread or 0.0),
        _dot(scale.at(seen), passed=evidence.passed),
    ]
    ending = "met" if evidence.passed else "missed"
    label = escape(f"{labelled(evidence)}, {reading(evidence)}, {ending}")
    return Markup(  # noqa: S704, every part is built from numbers or escaped
        f'<svg class="plot" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" role="img" '
        f'aria-label="{label}">{"".join(parts)}</svg>'
    )


def _scale(seen: float, limit: float, spread: float, others: Sequence[float]) -> PlotScale:
    points = [seen, limit, *(value for value in others if math.isfinite(value))]
    positive = [value for value in points if value > 0]
    if len(positive) == len(points) and max(points) / min(points) > LOG_RATIO:
        return PlotScale(
            10.0 ** math.floor(math.log10(min(points)) - 0.3),
            10.0 ** math.ceil(math.log10(max(points))),
            True,
        )
    low, high = min(*points, seen - 2 * spread), max(*points, seen + 2 * spread)
    low = 0.0 if 0 <= low < high / 2 else low
    room = next(size for size in (0.18 * (high - low), abs(high), 1.0) if size > NOTHING)
    return PlotScale(low if low == 0.0 else low - room, high + room, log=False)


def _round_step(rough: float) -> float:
    power = 10.0 ** math.floor(math.log10(rough))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= rough * 0.999)


def _band(scale: PlotScale, limit: float, direction: str) -> str:
    at = scale.at(limit)
    if direction == "equal":
        return ""
    left, right = (LEFT, at) if direction == "at most" else (at, RIGHT)
    return f'<rect class="p-band" x="{left:.1f}" y="{AXIS - 16}" width="{max(right - left, 2):.1f}" height="16"/>'


def _axis(scale: PlotScale) -> str:
    line = f'<path class="p-axis" d="M{LEFT} {AXIS}H{RIGHT}"/>'
    return line + "".join(_tick(scale.at(value), number(value)) for value in scale.ticks())


def _tick(at: float, label: str) -> str:
    return (
        f'<path class="p-axis" d="M{at:.1f} {AXIS}v4"/>'
        f'<text class="p-label" x="{at:.1f}" y="{AXIS + 16}" text-anchor="middle">{escape(label)}</text>'
    )


def _limit(scale: PlotScale, limit: float, evidence: Evidence) -> str:
    at = scale.at(limit)
    words = "expected" if evidence.direction == "equal" else evidence.direction
    anchor = "start" if at < WIDTH / 3 else "end" if at > 2 * WIDTH / 3 else "middle"
    return (
        f'<path class="p-limit" d="M{at:.1f} {AXIS - 20}V{AXIS}"/>'
        f'<text class="p-label" x="{at:.1f}" y="{AXIS - 24}" text-anchor="{anchor}">'
        f"{escape(words)} {escape(number(limit))}</text>"
    )


def _strip(scale: PlotScale, values: Sequence[float], shape: str, kind: str) -> str:
    """Draw what a project of ours gave, seed by seed."""
    finite = sorted(value for value in values if math.isfinite(value))
    drawn = "".join(shape.format(at=scale.at(value), top=AXIS - 14) for value in finite)
    return f'<path class="{kind}" d="{drawn}"/>' if drawn else ""


def _whisker(scale: PlotScale, seen: float, spread: float) -> str:
    if not spread:
        return ""
    left, right = scale.at(seen - 2 * spread), scale.at(seen + 2 * spread)
    middle = AXIS - 8
    return f'<path class="p-whisker" d="M{left:.1f} {middle - 4}v8m0 -4H{right:.1f}m0 -4v8"/>'


def _dot(at: float, *, passed: bool) -> str:
    middle = AXIS - 8
    if passed:
        return f'<circle class="p-met" cx="{at:.1f}" cy="{middle}" r="5"/>'
    return f'<path class="p-missed" d="M{at:.1f} {middle - 7}l7 7l-7 7l-7 -7z"/>'


def interval(low: float, middle: float, high: float, *, ends: tuple[float, float]) -> Markup:
    """Draw an interval on an axis that its neighbours share; the numbers stand beside it."""
    scale = PlotScale(*ends, log=False)
    left, right, centre = scale.at(low), scale.at(high), scale.at(middle)
    zero = f'<path class="p-axis" d="M{scale.at(0.0):.1f} 2v16"/>' if ends[0] <= 0 <= ends[1] else ""
    return Markup(  # noqa: S704, every part is built from numbers
        f'<svg class="plot" viewBox="0 0 {WIDTH} 20" width="{WIDTH}" height="20" aria-hidden="true">{zero}'
        f'<path class="p-whisker" d="M{left:.1f} 6v8m0 -4H{right:.1f}m0 -4v8"/>'
        f'<circle class="p-middle" cx="{centre:.1f}" cy="10" r="4"/></svg>'
    )
