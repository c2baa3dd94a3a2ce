"""Cohorts: many submissions of one exercise, each graded once, and what they say together."""

from __future__ import annotations

from unfit.cohort.forgetting import Forgetting, forget
from unfit.cohort.forgetting import plan as plan_to_forget
from unfit.cohort.grading import Summary, find_exercise, grade_cohort
from unfit.cohort.key import Key, Person, find_person, handed_in, key_of, read_key, write_key
from unfit.cohort.running import Progress

__all__ = [
    "Forgetting",
    "Key",
    "Person",
    "Progress",
    "Summary",
    "find_exercise",
    "find_person",
    "forget",
    "grade_cohort",
    "handed_in",
    "key_of",
    "plan_to_forget",
    "read_key",
    "write_key",
]
