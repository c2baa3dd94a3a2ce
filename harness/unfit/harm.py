"""Harm: what validation measured of an exercise, as it lies beside the solution."""

from __future__ import annotations

from pydantic import Field, ValidationError

from unfit.bank import Exercise
from unfit.bank.exercises import HARM
from unfit.records import Record

__all__ = ["Harm", "Loss", "Scale", "read_harm"]


class Loss(Record):
    """What one defect costs in the world, beside the fixed project under the same seeds."""

    defect: str
    severity: str
    loss: str
    """The named loss; ``""`` where it is not measurable."""
    reason: str = ""
    mean: float | None = None
    low: float | None = None
    high: float | None = None
    """95 % t interval of the difference, paired by seed."""
    seeds: int = 0


class Scale(Record):
    """What one comparison gave, seed by seed, so that a report can show where a submission stands."""

    check: str
    label: str
    fixed: tuple[float, ...]
    """On the fixed project."""
    broken: tuple[float, ...]
    """On the shipped one."""


class Harm(Record):
    """What each defect costs, measured, with the scales of the comparisons that see it."""

    proof: str = ""
    """Hash of all that the verdicts depended on, where the validation that measured this was clean."""
    ground: str = ""
    """Hash of all that the losses depended on: the world, the measure, the fixed project and each single defect."""
    seeds: tuple[int, ...] = ()
    fixed: dict[str, float] = Field(default_factory=dict)
    """The fixed project's own mean losses, by name."""
    losses: tuple[Loss, ...] = ()
    scales: tuple[Scale, ...] = ()


def read_harm(exercise: Exercise) -> Harm:
    """Read what was measured; nothing where nothing was, or where another version wrote it."""
    try:
        return Harm.model_validate_json((exercise.solution / HARM).read_bytes())
    except (OSError, ValidationError):
        return Harm()
