"""The standard: what every machine-learning service of a bank keeps to, whatever its exercise."""

from __future__ import annotations

from unfit.standard.rule_records import FAMILIES, Family, Rule, RuleId, Standard
from unfit.standard.rules import STANDARD
from unfit.standard.standard_pages import for_authors, for_candidates

__all__ = [
    "FAMILIES",
    "STANDARD",
    "Family",
    "Rule",
    "RuleId",
    "Standard",
    "for_authors",
    "for_candidates",
]
