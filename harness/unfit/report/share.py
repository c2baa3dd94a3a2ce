"""Show a grade on one sheet: for colleagues who did not meet the candidate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from unfit.grades import DefectGrade, DefectStatus, Evidence, Grade, Verdict
from unfit.ratings import Rating
from unfit.report import words
from unfit.report.html import page
from unfit.report.limit_plot import Reference, plot
from unfit.report.rating_pages import beside

__all__ = ["Shown", "render_share", "telling"]


@dataclass(frozen=True)
class Shown:
    """One comparison, drawn."""

    place: int
    """Of its defect in the report, counted from one."""
    title: str
    said: str
    drawing: Markup


def render_share(
    grade: Grade,
    *,
    references: Mapping[tuple[str, str], Reference] | None = None,
    ratings: Sequence[Rating] = (),
) -> str:
    """Render the sheet: the sentence, the decision quoted, the table, two plots, questions, and ratings.

    Parameters
    ----------
    grade : Grade
    references : mapping of (str, str) to Reference, optional
        By check and label, what the fixed and the shipped project gave over several seeds.
    ratings : sequence of Rating, optional
        Those that are open to all of the raters.
    """
    planted = [item for item in grade.defects if item.status is not DefectStatus.NOT_PLANTED]
    return page(
        "share.html.j2",
        grade=grade,
        planted=planted,
        broken=words.broken_guards(grade),
        shown=telling(planted, references or {}),
        ratings=ratings,
        rated=beside(ratings) if ratings else (),
    )


def telling(planted: Sequence[DefectGrade], known: Mapping[tuple[str, str], Reference]) -> list[Shown]:
    """Choose two comparisons to draw: one that was missed and one that was met, of two defects where there are two."""
    drawn = [
        (item.passed, _shown(place, defect, verdict, item, known))
        for place, defect in enumerate(planted, start=1)
        for verdict in defect.checks
        for item in verdict.evidence
    ]
    missed = [shown for passed, shown in drawn if shown.drawing and not passed]
    met = [shown for passed, shown in drawn if shown.drawing and passed]
    chosen = [*missed[:1], *(item for item in met if not missed or item.place != missed[0].place)][:2]
    spare = [item for item in (*missed, *met) if item not in chosen]
    return [*chosen, *spare][:2]


def _shown(
    place: int,
    defect: DefectGrade,
    verdict: Verdict,
    item: Evidence,
    known: Mapping[tuple[str, str], Reference],
) -> Shown:
    said = words.labelled(item)
    drawing = plot(item, known.get((verdict.check, item.label)))
    return Shown(place, defect.title, f"{said}: {words.reading(item)}", drawing)
