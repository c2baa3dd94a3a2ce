"""Validate: judge the judge, on every variant and every corpus entry, before it judges anybody."""

from __future__ import annotations

from unfit.validate.examining import ValidationJob, ValidationProgress, run
from unfit.validate.fit_for_pull_request import changed_lines, unfit_pull_request
from unfit.validate.gate import cache_folder, validate
from unfit.validate.harm_measuring import write_harm
from unfit.validate.leaks import leaks_of_history
from unfit.validate.planning import Tree, plan
from unfit.validate.proof import proven
from unfit.validate.seeds import draw_seeds
from unfit.validate.validation import Problem, Table, Validation
from unfit.validate.validation_page import render_html
from unfit.validate.validation_text import render_table, render_text

__all__ = [
    "Problem",
    "Table",
    "Tree",
    "Validation",
    "ValidationJob",
    "ValidationProgress",
    "cache_folder",
    "changed_lines",
    "draw_seeds",
    "leaks_of_history",
    "plan",
    "proven",
    "render_html",
    "render_table",
    "render_text",
    "run",
    "unfit_pull_request",
    "validate",
    "write_harm",
]
