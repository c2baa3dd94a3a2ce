"""Show a candidate how their code behaved: before the talk in general words, after it trial by trial."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from unfit.grades import DefectGrade, DefectStatus, Grade
from unfit.report import words
from unfit.report.html import page

__all__ = ["AREAS", "Area", "areas", "render_feedback"]

AREAS = {
    "leakage": "The model knows only what is known at the time",
    "skew": "Training and service treat a record alike",
    "errors": "Something goes wrong, and the right people learn of it",
    "monitoring": "Somebody notices when the world changes",
    "evaluation": "The figures say what they claim",
    "reproducibility": "The same steps give the same result",
    "fairness": "Nobody is worse off for who they are",
    "serving": "The service holds up in use",
    "security": "Data and machines are safe from strangers",
}
"""What good code does, by the category of a defect, in words that give no defect away."""
_ENDINGS = {
    DefectStatus.MENDED: "mended",
    DefectStatus.NOT_MENDED: "not mended",
    DefectStatus.ERRORED: "errored",
    DefectStatus.UNPROVEN: "unproven",
}


@dataclass(frozen=True)
class Area:
    """What became of the defects of one category."""

    name: str
    ending: str
    spotted: bool


def render_feedback(grade: Grade, *, after_the_talk: bool = False) -> str:
    """Render what a candidate may see.

    No check is named; no place, limit or measured number is given.

    Parameters
    ----------
    grade : Grade
    after_the_talk : bool, default=False
        Whether the talk is over. Before it the page says, area by area, what was mended and what was not. After it each
        trial stands there as a sentence; what a defect teaches is told only where the answers are published anyway.
    """
    planted = [item for item in grade.defects if item.status is not DefectStatus.NOT_PLANTED]
    if after_the_talk:
        return page("trials.html.j2", grade=grade, planted=planted)
    return page(
        "feedback.html.j2", grade=grade, areas=areas(planted), broken=bool(words.broken_guards(grade))
    )


def areas(planted: Sequence[DefectGrade]) -> list[Area]:
    """Join the endings of each category's defects, in the order of `AREAS`."""
    found = []
    for category, name in AREAS.items():
        mine = [item for item in planted if item.category == category]
        endings = {_ENDINGS[item.status] if item.checks else "for the talk" for item in mine}
        if not mine:
            continue
        ending = endings.pop() if len(endings) == 1 else _mixed(endings)
        found.append(Area(name, ending, any(item.spotted for item in mine)))
    return found


def _mixed(endings: set[str]) -> str:
    return "partly mended" if "mended" in endings else "not mended" if "not mended" in endings else "unproven"
