"""A validation as one page: offline, without script."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby

from jinja2 import Environment
from markupsafe import Markup

from unfit.harm import Harm, Loss
from unfit.report.harmless_text import visible
from unfit.report.offline_page import environment_of, rendered
from unfit.report.words import told, why
from unfit.validate.causes import causes, listed
from unfit.validate.validation import TreeRow, Validation
from unfit.validate.validation_text import couplings, mark, told_narrow

__all__ = ["render_html"]

LEFT, RIGHT, STEP = 300.0, 620.0, 28
"""Where the drawing of losses begins and ends, and the height of a line of it."""


def render_html(validation: Validation) -> str:
    """Render a validation.

    Parameters
    ----------
    validation : Validation

    Returns
    -------
    page : str
        The same page, byte for byte, for the same validation.
    """
    return rendered(
        _environment(),
        "validation.html.j2",
        sheet="validation.css",
        validation=validation,
        couplings=[(check, note, trees) for (check, note), trees in couplings(validation.table).items()],
        drawings=list(_drawings(validation.harm)),
        causes=causes(validation.table),
    )


@cache
def _environment() -> Environment:
    environment = environment_of("unfit.validate")
    environment.filters |= {
        "number": _number,
        "mark": mark,
        "groups": _groups,
        "said": _said,
        "compared": told,
        "listed": listed,
        "narrow": told_narrow,
        "why": why,
    }
    return environment


def _said(text: str) -> Markup:
    """Escape a sentence and set what stands in backticks as code."""
    parts = enumerate(visible(text).split("`"))
    code, plain = Markup("<code>{}</code>"), Markup("{}")
    return Markup("").join((code if number % 2 else plain).format(part) for number, part in parts)


def _number(value: float, digits: int = 4) -> str:
    return f"{value:.{digits}g}"


def _groups(rows: Sequence[TreeRow]) -> list[tuple[str, list[TreeRow]]]:
    return [(kind, list(found)) for kind, found in groupby(rows, key=lambda row: row.kind)]


@dataclass(frozen=True)
class _Bar:
    name: str
    y: int
    low: float
    mean: float
    high: float
    said: str


@dataclass(frozen=True)
class _Drawing:
    loss: str
    height: int
    zero: float
    bars: tuple[_Bar, ...]

    @property
    def said(self) -> str:
        """The drawing in words."""
        return f"{self.loss}: " + "; ".join(f"{bar.name} {bar.said}" for bar in self.bars)


def _drawings(harm: Harm) -> Iterator[_Drawing]:
    """Draw one scale a kind of loss, worst first."""
    by_loss: dict[str, list[Loss]] = {}
    for loss in harm.losses:
        if loss.mean is not None:
            by_loss.setdefault(loss.loss, []).append(loss)
    for name, losses in by_loss.items():
        yield _drawing(name, sorted(losses, key=lambda loss: -(loss.mean or 0.0)))


def _drawing(name: str, losses: Sequence[Loss]) -> _Drawing:
    ends = [0.0, *(end for loss in losses for end in (loss.low, loss.mean, loss.high) if end is not None)]
    low, high = min(ends), max(ends)
    width = (high - low) or 1.0

    def at(value: float) -> float:
        return round(LEFT + (RIGHT - LEFT) * (value - low) / width, 1)

    bars = []
    for number, loss in enumerate(losses):
        mean = loss.mean or 0.0
        ends = [mean if loss.low is None else loss.low, mean if loss.high is None else loss.high]
        title = f"{loss.defect} ({loss.severity})"
        bars.append(_Bar(title, 14 + STEP * number, at(ends[0]), at(mean), at(ends[1]), f"{mean:+.3g}"))
    return _Drawing(name, STEP * len(losses), at(0.0), tuple(bars))
