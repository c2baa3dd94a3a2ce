"""From features to numbers, each in units of its feeder's mean load."""

from __future__ import annotations

import math

from feedcast.common import hours
from feedcast.features.build import Hour
from feedcast.features.temperatures import heating
from feedcast.training.shapes import Shapes

NAMES = (
    "one",
    "usual",
    "week_ago",
    "fortnight_ago",
    "heating",
    "heating_night",
    "saturday",
    "sunday",
    "morning",
    "evening",
)


def columns(of: Hour, shapes: Shapes) -> list[float] | None:
    """Return the numbers of an hour; none where the feeder is not known at all."""
    scale = shapes.scale(of.feeder_id)
    if scale is None:
        return None
    there = [
        value
        for value in (shapes.load(of.feeder_id, of.kind, of.hour), of.week_ago, of.fortnight_ago)
        if value is not None
    ]
    if not there:
        return None
    usual = shapes.load(of.feeder_id, of.kind, of.hour)
    week, fortnight = of.week_ago, of.fortnight_ago
    fill = there[0]
    degrees = heating(of.temperature) / 10
    clock = hours.clock_hour(of.hour)
    return [
        1.0,
        (fill if usual is None else usual) / scale,
        (fill if week is None else week) / scale,
        (fill if fortnight is None else fortnight) / scale,
        degrees,
        degrees * (clock < 6 or clock > 21),
        float(of.kind == "saturday"),
        float(of.kind == "sunday"),
        _bump(clock, 8),
        _bump(clock, 19),
    ]


def _bump(clock: int, peak: int) -> float:
    return math.exp(-(((clock - peak) / 2.5) ** 2))
