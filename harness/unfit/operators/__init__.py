"""Operators: usual mistakes that can be planted in code that does not make them."""

from __future__ import annotations

from unfit.operators.all_operators import OPERATORS
from unfit.operators.offering import Offer, Trial, chosen, filtered, offers
from unfit.operators.operator import Operator
from unfit.operators.recording_suggestions import RecordedDefect, record_suggestions
from unfit.operators.suggestion_text import render_offers, render_recorded
from unfit.operators.suggestions import Suggestion, suggestions, suggestions_of

__all__ = [
    "OPERATORS",
    "Offer",
    "Operator",
    "RecordedDefect",
    "Suggestion",
    "Trial",
    "chosen",
    "filtered",
    "offers",
    "record_suggestions",
    "render_offers",
    "render_recorded",
    "suggestions",
    "suggestions_of",
]
