"""The catalogue: what a bank has to hand out, a line an exercise."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from unfit.bank.exercises import Bank, Exercise
from unfit.bank.forms import COVER
from unfit.records import Record

__all__ = ["Listed", "catalogue"]


class Listed(Record):
    """One exercise, as somebody sees it who has to choose."""

    exercise: str
    title: str
    level: Literal["junior", "mid", "senior", "any"]
    tier: Literal["first", "field"] = "first"
    minutes: int
    version: str
    published: bool
    """Whether the answers can be read by anybody."""
    opt_in: bool
    """Whether it is handed out on purpose only."""
    forms: tuple[str, ...]
    """Names of all forms that can be handed out."""
    pull_request: bool = False
    """Whether it can be handed out as a pull request."""

    @property
    def forms_said(self) -> str:
        """The forms, those of the pairwise cover in one word."""
        cover = [name for name in self.forms if name.startswith(f"{COVER}-")]
        named = [name for name in self.forms if name not in cover]
        return ", ".join([*named, *([f"{cover[0]} to {cover[-1]}"] if len(cover) > 1 else cover)])


def catalogue(bank: Bank, *, is_published: Callable[[Exercise], bool]) -> tuple[Listed, ...]:
    """List the exercises of a bank by name.

    Parameters
    ----------
    bank : Bank
    is_published : callable
        Says whether the answers to an exercise can be looked up; see `unfit.likeness.is_published`.

    Raises
    ------
    ManifestError
        If one of them breaks its format.
    """
    return tuple(_listed(bank.exercise(slug), is_published) for slug in bank.slugs)


def _listed(exercise: Exercise, is_published: Callable[[Exercise], bool]) -> Listed:
    manifest = exercise.manifest
    return Listed(
        exercise=exercise.slug,
        title=manifest.title,
        level=manifest.level,
        tier=manifest.tier,
        minutes=manifest.minutes,
        version=manifest.version,
        published=is_published(exercise),
        opt_in=manifest.opt_in,
        forms=tuple(form.name for form in exercise.forms) if exercise.complete else ("default",),
        pull_request=exercise.has_pull_request,
    )
