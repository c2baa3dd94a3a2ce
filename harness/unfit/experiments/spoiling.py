"""Spoiling: values that nobody can read, and values that cannot be true."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from unfit.experiments.service import Row

__all__ = ["ABSENT", "ODD", "UNREADABLE", "beyond", "unreadable"]

UNREADABLE: Final[Mapping[str, Any]] = {
    "a word": "see letter",
    "a number with a sign of its own": "<0.5",
    "a text without letters": "",
    "a date": "2026-04-01",
    "a list": [4.0],
    "a mapping": {"value": 4.0},
}
"""Ways in which a field for a number holds none, whoever reads it. Empty fields are not among them: many may be."""

ODD: Final[Mapping[str, Any]] = {
    "a truth value": True,
    "a number without end": float("inf"),
    "a text that says so": "Infinity",
    "a number beyond all bounds": 10**400,
}
"""Ways in which some languages read a number: for exercises whose documents say that these are none."""

ABSENT: Final = object()
"""As the value of a way: the field itself is missing."""


def unreadable(
    rows: list[Row], fields: Iterable[str], ways: Mapping[str, Any] = UNREADABLE
) -> Iterator[tuple[str, dict[int, Row]]]:
    """Spoil every field in every way: together in one batch for each way, and each field alone in its own.

    Parameters
    ----------
    rows : list of dict
        One more than there are fields at least.
    fields : iterable of str
    ways : mapping of str to object

    Yields
    ------
    label : str
    spoilt : dict of int to dict
        What is to be laid over the row at a position, for `set_aside`.
    """
    names, labels = list(fields), list(ways)
    for way, value in ways.items():
        yield f"{way} in each field", {2 * at % len(rows): {field: value} for at, field in enumerate(names)}
    for at, field in enumerate(names):
        way = labels[at % len(labels)]
        yield f"{way} in `{field}`", {(3 * at + 1) % len(rows): {field: ways[way]}}


def beyond(
    rows: list[Row], ranges: Mapping[str, tuple[float, float]], *, step: float = 0.02
) -> Iterator[tuple[str, dict[int, Row]]]:
    """Move every field beyond its range: by little and by much, at either end, all fields of an end in one batch.

    Parameters
    ----------
    rows : list of dict
    ranges : mapping of str to (float, float)
        What the data card says can be true.
    step : float, default=0.02
        How far the nearest value lies beyond the end, as a share of the range.
    """
    for end, name in enumerate(("below", "above")):
        for share, much in ((step, "just "), (20.0, "far ")):
            spoilt = {}
            for at, (field, bounds) in enumerate(ranges.items()):
                by = share * (bounds[1] - bounds[0])
                spoilt[(2 * at + end) % len(rows)] = {field: bounds[0] - by if end == 0 else bounds[1] + by}
            yield f"{much}{name} what can be true", spoilt
