"""The records of a rating: a mark with its words, a sheet of four, and whose it is."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, ConfigDict, Field, model_validator

from unfit.ratings.scale import NOT_SEEN
from unfit.records import Record

__all__ = ["FEWEST_WORDS", "Mark", "Rating", "Sheet"]

FEWEST_WORDS = 3


def _enough(words: str) -> str:
    if len(words.split()) < FEWEST_WORDS:
        raise ValueError(f"write down what you saw or heard, in {FEWEST_WORDS} words at least")
    return " ".join(words.split())


class Mark(Record):
    """A rating of one thing, with the words that it rests on."""

    rating: Literal[1, 2, 3, 4, "not seen"]
    """From 1 to 4, or ``"not seen"`` where the talk did not come to it."""
    words: Annotated[str, AfterValidator(_enough)]
    """What was seen or heard."""

    @property
    def number(self) -> int | None:
        """The rating; None where the talk did not come to it."""
        return None if self.rating == NOT_SEEN else int(self.rating)


class Sheet(Record):
    """One interviewer's ratings of one talk, as they are filled in."""

    model_config = ConfigDict(populate_by_name=True)

    format: Literal[1] = 1
    rater: str
    """The interviewer's name."""
    prediction: Mark
    explanation: Mark
    containment: Mark
    trade_off: Mark = Field(alias="trade-off")

    @model_validator(mode="after")
    def _somebody(self) -> Self:
        if not self.rater.strip():
            raise ValueError("`rater` is empty: write your name")
        return self

    def mark(self, dimension: str) -> Mark:
        """Give the mark of a dimension by its name."""
        found: Mark = getattr(self, dimension.replace("-", "_"))
        return found


class Rating(Record):
    """A sheet that was handed in."""

    sheet: Sheet
    exercise: str
    submission: str
    """Digest of the work that the talk was about."""
    when: dt.datetime
    after: tuple[str, ...] = ()
    """Whose ratings were open by then: this one was not made alone."""
