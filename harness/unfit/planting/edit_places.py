"""Places of edits: where an edit's texts differ, in the fixed text."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from unfit.errors import PlantingError

__all__ = ["Span", "find", "line_of", "occurrences", "replace", "reversed_spans", "strip_shared"]


@dataclass(frozen=True, order=True)
class Span:
    """A piece of the fixed text and what stands there instead.

    Parameters
    ----------
    start, end : int
        Characters of the fixed text, end exclusive; equal for an insertion.
    planted : str
        What stands there when the defect is planted.
    """

    start: int
    end: int
    planted: str

    def clashes(self, other: Span) -> bool:
        """Whether the two cannot both be applied in a way that everybody would expect."""
        if self.start == self.end == other.start == other.end:
            return True
        return max(self.start, other.start) < min(self.end, other.end) or any(
            one.start == one.end and two.start < one.start < two.end
            for one, two in ((self, other), (other, self))
        )


def find(text: str, fixed: str, planted: str, place: str, *, key: str = "fixed") -> Span:
    """Find where an edit changes a text.

    Parameters
    ----------
    text : str
        The whole fixed text.
    fixed, planted : str
        The edit; what they share at either end is context and no part of the span.
    place : str
        How to call the text in an error.
    key : str, default="fixed"
        How to call what is looked for.

    Returns
    -------
    span : Span

    Raises
    ------
    PlantingError
        If `fixed` does not occur exactly once.
    """
    starts = occurrences(text, fixed)
    if not starts:
        raise PlantingError(
            f"`{key}` is not in {place}{_nearest_line(text, fixed)}",
            fix=f"copy the text from the {'fixed ' if key == 'fixed' else ''}file as it is, "
            "spaces and line ends included",
        )
    if len(starts) > 1:
        few = 8
        lines = ", ".join(str(line_of(text, start)) for start in starts[:few]) + (
            " ..." if starts[few:] else ""
        )
        raise PlantingError(
            f"`{key}` matches {len(starts)} places in {place} (lines {lines})",
            fix=f"lengthen `{key}`, and `{'planted' if key == 'fixed' else 'now'}` alike, by a neighbouring line until "
            "it matches one place only",
        )
    before, after = strip_shared(fixed, planted)
    return Span(starts[0] + before, starts[0] + len(fixed) - after, planted[before : len(planted) - after])


def occurrences(text: str, part: str) -> list[int]:
    """Every start of `part` in `text`, overlapping ones too."""
    starts = []
    at = text.find(part)
    while at >= 0:
        starts.append(at)
        at = text.find(part, at + 1)
    return starts


def strip_shared(one: str, other: str) -> tuple[int, int]:
    """Count the characters that two texts share at the front, then at the back of what remains."""
    most = min(len(one), len(other))
    before = next((at for at in range(most) if one[at] != other[at]), most)
    most -= before
    after = next((at for at in range(most) if one[-1 - at] != other[-1 - at]), most)
    return before, after


def replace(text: str, spans: Iterable[Span]) -> str:
    """Apply spans, none of which clashes with another, to a text; those at one point in the order given."""
    pieces, at = [], 0
    for span in sorted(spans, key=lambda span: (span.start, span.end)):
        pieces += [text[at : span.start], span.planted]
        at = span.end
    return "".join([*pieces, text[at:]])


def reversed_spans(text: str, spans: Iterable[Span]) -> list[Span]:
    """Find the spans that turn the planted text back into the fixed one, in the order of the text.

    Parameters
    ----------
    text : str
        The fixed text.
    spans : iterable of Span
        Those that were applied to it.

    Returns
    -------
    spans : list of Span
        In characters of the planted text.
    """
    found, shift = [], 0
    for span in sorted(spans):
        start = span.start + shift
        found.append(Span(start, start + len(span.planted), text[span.start : span.end]))
        shift += len(span.planted) - (span.end - span.start)
    return found


def line_of(text: str, at: int) -> int:
    """Line that holds a character, counted from one."""
    return text.count("\n", 0, at) + 1


def _nearest_line(text: str, fixed: str) -> str:
    wanted = next((line for line in fixed.splitlines() if line.strip()), "")
    lines = text.splitlines()
    close = difflib.get_close_matches(wanted, lines, n=1, cutoff=0.6)
    return f"; line {lines.index(close[0]) + 1} comes nearest: {close[0].strip()}" if close else ""
