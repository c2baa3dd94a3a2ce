"""The weekly report, for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from reserve.common.money import shown
from reserve.monitoring.answers import Counted
from reserve.monitoring.inputs import Moved
from reserve.training.figures import Figures


def text(day: str, weeks: Mapping[str, Figures], moved: Sequence[Moved], counted: Counted) -> str:
    """Write the report of a week in Markdown."""
    parts = [f"# Week before {day}", *_answers(counted), *_quality(weeks), *_inputs(moved)]
    return "\n".join(parts) + "\n"


def _answers(counted: Counted) -> Iterator[str]:
    yield "\n## Answers\n"
    for status, count in counted.statuses.items():
        yield f"* {status}: {count}"
    yield f"* mean first reserve: {shown(counted.mean_reserve)}"
    yield f"* models: {', '.join(counted.models) or 'none'}"
    if counted.clear:
        yield f"* **{counted.held_share:.0%} were left to the desk**"


def _quality(weeks: Mapping[str, Figures]) -> Iterator[str]:
    yield "\n## Settled claims\n"
    yield "| week | claims | reserves as a share of costs | mean distance |"
    yield "|---|---|---|---|"
    for week, found in weeks.items():
        yield f"| {week} | {found.claims} | {found.adequacy:.2f} | {shown(found.mean_error)} |"


def _inputs(moved: Sequence[Moved]) -> Iterator[str]:
    yield "\n## Inputs\n"
    clear = [one for one in moved if one.clear]
    if not clear:
        yield "Nothing has clearly moved."
    for one in clear:
        yield f"* **{one.field}**: {_said(one)}"


def _said(one: Moved) -> str:
    if one.new_values:
        return f"new values: {', '.join(one.new_values)}"
    return f"moved by {one.shift:+.2f}, unknown in {one.unknown_now:.0%} (before {one.unknown_before:.0%})"
