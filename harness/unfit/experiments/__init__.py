"""Experiments: ready-made ones for the rules of the standard, which work on any exercise through a small adapter."""

from __future__ import annotations

from unfit.experiments.answers import (
    alone_as_in_company,
    answered_on_the_rest,
    answers_the_same,
    any_form,
    one_for_one,
    set_aside,
)
from unfit.experiments.figures import better_than, figure_follows, real_rows
from unfit.experiments.learning import judges_the_same, learns_the_same, on_one_side, same_again
from unfit.experiments.limits import wakes_exactly
from unfit.experiments.listing import Listing
from unfit.experiments.living import Worker, comes_in_time, kept_at_most, kept_for, tells_truly, work_beyond
from unfit.experiments.power import Rates
from unfit.experiments.service import Answers, Evaluated, Row, Service
from unfit.experiments.spoiling import ABSENT, ODD, UNREADABLE, beyond, unreadable
from unfit.experiments.standins import Clock, Registry, Upstream
from unfit.experiments.stillness import GAP, promised, unmoved
from unfit.experiments.upstream import answered_without, normal_again
from unfit.experiments.watching import Alert, notices, stays_quiet

__all__ = [
    "ABSENT",
    "GAP",
    "ODD",
    "UNREADABLE",
    "Alert",
    "Answers",
    "Clock",
    "Evaluated",
    "Listing",
    "Rates",
    "Registry",
    "Row",
    "Service",
    "Upstream",
    "Worker",
    "alone_as_in_company",
    "answered_on_the_rest",
    "answered_without",
    "answers_the_same",
    "any_form",
    "better_than",
    "beyond",
    "comes_in_time",
    "figure_follows",
    "judges_the_same",
    "kept_at_most",
    "kept_for",
    "learns_the_same",
    "normal_again",
    "notices",
    "on_one_side",
    "one_for_one",
    "promised",
    "real_rows",
    "same_again",
    "set_aside",
    "stays_quiet",
    "tells_truly",
    "unmoved",
    "unreadable",
    "wakes_exactly",
    "work_beyond",
]
