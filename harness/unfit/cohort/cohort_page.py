"""A cohort as one page: offline, under a policy that lets in no script but the one that sorts and filters."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from jinja2 import Environment

from unfit.cohort.cohort_table import CohortRow
from unfit.cohort.item_analysis import FormFigures
from unfit.cohort.rater_agreement import Agreement
from unfit.cohort.settings_and_endings import Settings
from unfit.cohort.shared_code import Pair
from unfit.grades import DefectStatus, Together
from unfit.report import words
from unfit.report.harmless_text import block, line
from unfit.report.offline_page import environment_of, rendered

__all__ = ["render_html"]

GLYPHS = {
    DefectStatus.MENDED: "✓",
    DefectStatus.NOT_MENDED: "✗",
    DefectStatus.ERRORED: "!",
    DefectStatus.UNPROVEN: "?",
    DefectStatus.NOT_PLANTED: "·",
    DefectStatus.NOT_TRIED: "-",
}
ORDER = tuple(Together)
"""How a column of a defect is sorted."""
WIDTH, BINS = 320.0, 24


def render_html(
    settings: Settings,
    rows: Sequence[CohortRow],
    *,
    figures: Sequence[FormFigures] = (),
    pairs: Sequence[Pair] = (),
    agreements: Sequence[Agreement] = (),
) -> str:
    """Render a cohort.

    Parameters
    ----------
    settings : Settings
    rows : sequence of CohortRow
        In the order of the pseudonyms.
    figures : sequence of FormFigures
        Item analysis, form by form.
    pairs : sequence of Pair
        Submissions that share code.
    agreements : sequence of Agreement
        Of interviewers who rated the same people.

    Returns
    -------
    page : str
        The same page, byte for byte, for the same arguments.
    """
    planted = {
        name
        for row in rows
        for name, cell in row.cells.items()
        if cell.status is not DefectStatus.NOT_PLANTED
    }
    met = {name: title for name, title in settings.defects.items() if name in planted}
    return rendered(
        _environment(),
        "cohort.html.j2",
        sheet="report.css+cohort.css",
        script="cohort.js",
        settings=settings,
        rows=rows,
        defects=met,
        absent=[title for name, title in settings.defects.items() if name not in planted] if planted else [],
        counts=Counter(row.ending.outcome for row in rows),
        groups=sorted({row.group for row in rows if row.cells}),
        spreads=list(_spreads(rows, met)),
        cost=_histogram([row.ending.processor_seconds for row in rows if row.cells]),
        figures=[form for form in figures if any(item.counted for item in form.items)],
        pairs=pairs,
        agreements=agreements,
    )


@cache
def _environment() -> Environment:
    environment = environment_of("unfit.cohort", "unfit.report")
    environment.filters |= {
        "line": line,
        "block": block,
        "slug": lambda text: text.replace(" ", "-").replace("_", "-"),
    }
    environment.globals |= {"words": words, "glyphs": GLYPHS, "order": ORDER}
    return environment


@dataclass(frozen=True)
class BarPart:
    """One part of a bar."""

    word: str
    count: int
    left: float
    width: float


@dataclass(frozen=True)
class Bar:
    """How one defect ended in a group: counts, drawn."""

    title: str
    parts: tuple[BarPart, ...]


@dataclass(frozen=True)
class Spread:
    """How all defects ended in a group."""

    group: str
    submissions: int
    bars: tuple[Bar, ...]


def _spreads(rows: Sequence[CohortRow], titles: Mapping[str, str]) -> Iterator[Spread]:
    """Draw, group by group, how each defect ended."""
    by_group: dict[str, list[CohortRow]] = {}
    for row in rows:
        if row.cells:
            by_group.setdefault(row.group, []).append(row)
    for group, members in sorted(by_group.items()):
        bars = [_bar(title, [row.cells[name].together for row in members]) for name, title in titles.items()]
        yield Spread(group, len(members), tuple(bar for bar in bars if bar.parts))


def _bar(title: str, endings: Sequence[Together]) -> Bar:
    counts: Counter[Together] = Counter(ending for ending in endings if ending is not Together.NOT_PLANTED)
    unit = WIDTH / max(1, counts.total())
    parts, left = [], 0.0
    for ending in ORDER:
        if counts[ending]:
            width = counts[ending] * unit
            parts.append(BarPart(ending.value, counts[ending], round(left, 2), round(width, 2)))
            left += width
    return Bar(title, tuple(parts))


@dataclass(frozen=True)
class Column:
    """One column of a histogram."""

    count: int
    low: float
    high: float
    height: float


def _histogram(values: Sequence[float]) -> tuple[Column, ...]:
    """Count values in columns of equal width."""
    if not values:
        return ()
    bins = min(BINS, max(1, round(math.sqrt(len(values)))))
    width = (max(values) / bins) or 1.0
    counts = Counter(min(bins - 1, int(value / width)) for value in values)
    most = max(counts.values())
    return tuple(
        Column(counts[n], round(n * width, 2), round((n + 1) * width, 2), round(60 * counts[n] / most, 1))
        for n in range(bins)
    )
