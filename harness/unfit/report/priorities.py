"""What the candidate would mend first, beside the harm that was measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Protocol

from unfit.grades import DefectGrade
from unfit.report.limit_plot import interval
from unfit.report.words import number

__all__ = ["ROLES", "LossLike", "Losses", "Opening", "losses_of", "quoted"]


class LossLike(Protocol):
    """What one defect costs in the world, beside the fixed project; see `unfit.validate`."""

    @property
    def defect(self) -> str:
        """The defect's id."""

    @property
    def loss(self) -> str:
        """What is lost, with its unit."""

    @property
    def reason(self) -> str:
        """Why it could not be measured."""

    @property
    def mean(self) -> float | None:
        """The loss itself."""

    @property
    def low(self) -> float | None:
        """Lower end of its interval."""

    @property
    def high(self) -> float | None:
        """Upper end of its interval."""


class PassageLike(Protocol):
    """Some lines of a review; see `unfit.review.Passage`."""

    @property
    def role(self) -> str:
        """What they were read as."""

    @property
    def text(self) -> str:
        """The lines, verbatim."""

    @property
    def line(self) -> int:
        """The first of them, counted from one."""

    @property
    def source(self) -> str:
        """What holds it, where that is not the review's own file."""


class Opening(Protocol):
    """What a review says, in the candidate's words; see `unfit.review.Review`."""

    @property
    def passages(self) -> Sequence[PassageLike]:
        """Every line of it, in order."""

    @property
    def announced(self) -> bool:
        """Whether a section says what the decision is."""


@dataclass(frozen=True)
class Cost:
    """One defect's loss, ready to be shown; ``apart`` where every loss below it is surely smaller."""

    title: str
    said: str
    drawing: str = ""
    apart: bool = False


@dataclass(frozen=True)
class Losses:
    """The losses that share a unit, largest first; without a unit those that cannot be measured."""

    loss: str
    costs: tuple[Cost, ...]


@dataclass(frozen=True)
class _Measured:
    title: str
    loss: str
    low: float
    mean: float
    high: float


ROLES = {
    "finding": "a finding",
    "decision": "the decision",
    "first_three": "the first three fixes",
    "first_hour": "the first hour",
    "rollback": "how to roll back",
    "watch": "what to watch",
    "tools": "tools",
    "rest": "no finding, decision or priority",
}
"""What lines of a review were read as, in words."""


def quoted(opening: Opening, *roles: str) -> list[str]:
    """Quote the passages that were read in some roles, whole lines as they stand."""
    return [passage.text for passage in opening.passages if passage.role in roles]


def losses_of(planted: Sequence[DefectGrade], losses: Sequence[LossLike]) -> list[Losses]:
    """Group the losses of what was planted by unit, and say where intervals do not overlap."""
    titles = {defect.id: defect.title for defect in planted}
    measured: list[_Measured] = []
    unmeasured: list[Cost] = []
    for loss in losses:
        if loss.defect not in titles:
            continue
        if loss.mean is None or loss.low is None or loss.high is None:
            unmeasured.append(Cost(titles[loss.defect], loss.reason or "not measured"))
        else:
            measured.append(_Measured(titles[loss.defect], loss.loss, loss.low, loss.mean, loss.high))
    measured.sort(key=lambda item: (item.loss, -item.mean, item.title))
    groups = [_group(unit, list(items)) for unit, items in groupby(measured, key=lambda item: item.loss)]
    return groups + ([Losses("", tuple(unmeasured))] if unmeasured else [])


def _group(unit: str, items: list[_Measured]) -> Losses:
    ends = min(0.0, *(item.low for item in items)), max(item.high for item in items)
    ends = ends if ends[1] > ends[0] else (ends[0], ends[0] + 1.0)
    return Losses(
        unit,
        tuple(
            Cost(
                item.title,
                f"{number(item.mean)} ({number(item.low)} to {number(item.high)})",
                interval(item.low, item.mean, item.high, ends=ends),
                bool(items[place + 1 :]) and item.low > max(other.high for other in items[place + 1 :]),
            )
            for place, item in enumerate(items)
        ),
    )
