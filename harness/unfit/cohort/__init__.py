"""Cohorts: many submissions of one exercise, each graded once, and what they say together."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from unfit.cohort.follow_changes import GradePlace, place_of
    from unfit.cohort.forgetting import Forgetting, forget, plan_to_forget
    from unfit.cohort.grading_a_cohort import Summary, find_exercise, grade_cohort
    from unfit.cohort.nothing_new import Asked, Standing, keep, stands
    from unfit.cohort.pseudonyms import Key, Person, find_person, key_of, read_key, write_key
    from unfit.cohort.side_by_side import CohortProgress
    from unfit.cohort.single_grades import enter, refuse_forgotten
    from unfit.cohort.submission_lists import HandedIn, Roll, handed_in
    from unfit.cohort.whereabouts import Everywhere, Whereabouts, find, forget_everywhere, plan_everywhere

__all__ = [
    "Asked",
    "CohortProgress",
    "Everywhere",
    "Forgetting",
    "GradePlace",
    "HandedIn",
    "Key",
    "Person",
    "Roll",
    "Standing",
    "Summary",
    "Whereabouts",
    "enter",
    "find",
    "find_exercise",
    "find_person",
    "forget",
    "forget_everywhere",
    "grade_cohort",
    "handed_in",
    "keep",
    "key_of",
    "place_of",
    "plan_everywhere",
    "plan_to_forget",
    "read_key",
    "refuse_forgotten",
    "stands",
    "write_key",
]

_HOMES = {
    "follow_changes": ("GradePlace", "place_of"),
    "forgetting": ("Forgetting", "forget", "plan_to_forget"),
    "grading_a_cohort": ("Summary", "find_exercise", "grade_cohort"),
    "pseudonyms": ("Key", "Person", "find_person", "key_of", "read_key", "write_key"),
    "submission_lists": ("HandedIn", "Roll", "handed_in"),
    "side_by_side": ("CohortProgress",),
    "nothing_new": ("Asked", "Standing", "keep", "stands"),
    "single_grades": ("enter", "refuse_forgotten"),
    "whereabouts": ("Everywhere", "Whereabouts", "find", "forget_everywhere", "plan_everywhere"),
}


def __getattr__(name: str) -> Any:
    """Import a name on first use: what only reads a key or a list does not wait for the libraries of an analysis."""
    for module, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f"unfit.cohort.{module}"), name)
    raise AttributeError(f"module 'unfit.cohort' has no attribute {name!r}")
