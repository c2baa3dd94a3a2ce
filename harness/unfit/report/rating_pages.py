"""Ratings as pages: a sheet to print and fill in by hand, and the ratings of several side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from unfit.grades import Grade
from unfit.ratings import DIMENSIONS, LOWEST_DIFFERENCE, SCALE, Dimension, Mark, Rating
from unfit.report.harmless_text import line
from unfit.report.offline_page import environment_of, rendered

__all__ = ["Beside", "beside", "render_rating_sheet", "render_ratings", "render_ratings_text"]


@dataclass(frozen=True)
class Beside:
    """One thing, as several have rated it.

    Parameters
    ----------
    dimension : Dimension
    marks : tuple of (str, Mark)
        By name of rater.
    apart : bool
        Whether two are so far apart that they have to read their words to each other.
    """

    dimension: Dimension
    marks: tuple[tuple[str, Mark], ...]
    apart: bool


def beside(ratings: Sequence[Rating]) -> tuple[Beside, ...]:
    """Set ratings side by side, thing by thing."""
    return tuple(_beside(one, ratings) for one in DIMENSIONS)


def _beside(one: Dimension, ratings: Sequence[Rating]) -> Beside:
    marks = tuple((rating.sheet.rater, rating.sheet.mark(one.name)) for rating in ratings)
    numbers = [mark.number for _, mark in marks if mark.number is not None]
    return Beside(one, marks, bool(numbers) and max(numbers) - min(numbers) >= LOWEST_DIFFERENCE)


def render_rating_sheet(title: str, *, rater: str = "") -> str:
    """Render the sheet to print: four things, four anchors each, room for words."""
    return _page("rating_sheet.html.j2", title=title, rater=rater, dimensions=DIMENSIONS, scale=SCALE)


def render_ratings(grade: Grade, ratings: Sequence[Rating]) -> str:
    """Render ratings side by side; where two are apart, that comes first, and a rating of other work is marked."""
    rows = sorted(beside(ratings), key=lambda row: not row.apart)
    title = f"{grade.exercise.title} {grade.exercise.version}"
    return _page(
        "ratings.html.j2", title=title, ratings=ratings, rows=rows, submission=grade.submission.digest
    )


def _page(template: str, **context: Any) -> str:
    environment = environment_of("unfit.report")
    environment.filters |= {"line": line}
    return rendered(environment, template, sheet="report.css+rating.css", **context)


def render_ratings_text(ratings: Sequence[Rating]) -> str:
    """Render ratings side by side for a terminal, with the words where two are apart."""
    return "\n".join(_text(ratings))


def _text(ratings: Sequence[Rating]) -> Iterator[str]:
    raters = [rating.sheet.rater for rating in ratings]
    width = max(map(len, (one.name for one in DIMENSIONS)))
    yield " " * width + "".join(f"  {name}" for name in raters)
    rows = beside(ratings)
    for row in rows:
        cells = "".join(f"  {mark.rating!s:<{len(name)}}" for name, mark in row.marks)
        yield f"{row.dimension.name:<{width}}{cells}{'  apart: read your words to each other' if row.apart else ''}"
    for row in rows:
        if row.apart:
            yield f"\n{row.dimension.name.capitalize()}"
            yield from (f"  {name}, {mark.rating}: {mark.words}" for name, mark in row.marks)
    for rating in ratings:
        if rating.after:
            yield f"\n{rating.sheet.rater} rated when the ratings of {', '.join(rating.after)} were open."
