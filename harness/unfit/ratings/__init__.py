"""Ratings: what each interviewer thinks of a talk, in one file a rater, sealed until another has rated as well."""

from __future__ import annotations

from unfit.ratings.rating_records import Mark, Rating, Sheet
from unfit.ratings.scale import DIMENSIONS, LOWEST_DIFFERENCE, NOT_SEEN, SCALE, Dimension, dimension
from unfit.ratings.sealing import FOLDER, State, discard, hand_in, read_open, settle
from unfit.ratings.sheets import begin_sheet, read_sheet, sheet_by

__all__ = [
    "DIMENSIONS",
    "FOLDER",
    "LOWEST_DIFFERENCE",
    "NOT_SEEN",
    "SCALE",
    "Dimension",
    "Mark",
    "Rating",
    "Sheet",
    "State",
    "begin_sheet",
    "dimension",
    "discard",
    "hand_in",
    "read_open",
    "read_sheet",
    "settle",
    "sheet_by",
]
