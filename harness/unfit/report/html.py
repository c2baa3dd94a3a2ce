"""Show a grade as one page: the report for the interviewer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from unfit.grades import DefectGrade, DefectStatus, Evidence, Grade, Verdict
from unfit.headline import CLOSING, without_closing
from unfit.report import words
from unfit.report.difference import FileDifference, PlaceLike, compare, compare_all
from unfit.report.harmless_text import block, line, unwrapped
from unfit.report.limit_plot import Reference, plot
from unfit.report.moved_files import moved_files
from unfit.report.offline_page import environment_of, rendered
from unfit.report.priorities import ROLES, LossLike, Opening, losses_of, quoted

__all__ = ["ReportContext", "page", "render_html"]

# A review of many megabytes must not make a page that no browser opens.
MOST_PRINTED = 8
"""Lines of one comparison on paper: so that a report prints on about six sheets."""
MOST_FINDINGS = 200
MOST_FILES = 40

GLYPHS = {
    "passed": "✓",
    "mended": "✓",
    "failed": "✗",
    "not mended": "✗",
    "partly mended": "✗",
    "errored": "!",
    "unproven": "?",
}


@dataclass(frozen=True)
class ReportContext:
    """What the interviewer's report shows beside the grade; nothing of it has to be there.

    Parameters
    ----------
    shipped, submitted : mapping of str to bytes
        Contents by path, of the exercise as handed out and of the candidate's copy; without them no
        lines are shown.
    fixed : mapping of str to bytes
        Contents by path of the fixed project, to show one right way.
    places : mapping of str to sequence of PlaceLike
        By defect id, where its edits stand in the shipped files; see `unfit.planting.Variant`.
    references : mapping of (str, str) to Reference
        By check and label, what the fixed and the shipped project gave over several seeds.
    opening : Opening, optional
        What the review says, line by line.
    losses : sequence of LossLike
        The measured harm of the exercise's defects.
    baseline : mapping of str to sequence of str
        By defect id, what named assistants did about it, a sentence each.
    """

    shipped: Mapping[str, bytes] = field(default_factory=dict)
    submitted: Mapping[str, bytes] = field(default_factory=dict)
    fixed: Mapping[str, bytes] = field(default_factory=dict)
    places: Mapping[str, Sequence[PlaceLike]] = field(default_factory=dict)
    references: Mapping[tuple[str, str], Reference] = field(default_factory=dict)
    opening: Opening | None = None
    losses: Sequence[LossLike] = ()
    baseline: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def changes(self, defect: DefectGrade) -> list[FileDifference]:
        """Compare the files of a defect, or none where no tree was given."""
        if not self.shipped and not self.submitted:
            return []
        places = self.places.get(defect.id, ())
        moved = self._moved
        return [
            compare(
                file,
                self.shipped.get(file),
                self.submitted.get(moved.get(file, file)),
                places,
                moved_to=moved.get(file, ""),
            )
            for file in _files(defect)
        ]

    @cached_property
    def _moved(self) -> dict[str, str]:
        return moved_files(self.shipped, self.submitted)

    def right_way(self, defect: DefectGrade) -> list[FileDifference]:
        """Show what stands in the fixed project in place of what was planted."""
        places = self.places.get(defect.id, ())
        files = [file for file in _files(defect) if self.fixed.get(file) != self.shipped.get(file)]
        if not self.fixed or not places:
            return []
        changes = [compare(file, self.shipped.get(file), self.fixed.get(file), places) for file in files]
        return [
            FileDifference(
                change.file,
                "" if change.file in self.shipped else "This file was not handed out.",
                change.here,
            )
            for change in changes
        ]

    def elsewhere(self, defects: Sequence[DefectGrade]) -> list[FileDifference]:
        """Compare the changed files that belong to no defect."""
        if not self.shipped or not self.submitted:
            return []
        told = {file for defect in defects for file in _files(defect)}
        return compare_all(self.shipped, self.submitted, but=told, most=MOST_FILES)

    def calibrated(self, defect: DefectGrade) -> bool:
        """Tell whether any drawing of a defect shows what our own projects gave."""
        return any(
            (verdict.check, item.label) in self.references and self.plot(verdict, item)
            for verdict in defect.checks
            for item in verdict.evidence
        )

    def plot(self, verdict: Verdict, evidence: Evidence) -> Markup:
        """Draw a comparison beside what our own projects gave, where chance moves both.

        What is exactly nought in our solution is not drawn: the sentence beside it says all.
        """
        known = self.references.get((verdict.check, evidence.label))
        told = not self.references or (known and any(known.fixed))
        return plot(evidence, known) if told else Markup()


def render_html(grade: Grade, context: ReportContext | None = None) -> str:
    """Render the interviewer's report: one file, offline, without script.

    Parameters
    ----------
    grade : Grade
        The record to show.
    context : ReportContext, optional
        What is shown beside it.

    Returns
    -------
    page : str
        The same page, byte for byte, for the same arguments.
    """
    view = context or ReportContext()
    planted = [item for item in grade.defects if item.status is not DefectStatus.NOT_PLANTED]
    return page(
        "report.html.j2",
        grade=grade,
        planted=planted,
        apart=[item for item in grade.defects if item.status is DefectStatus.NOT_PLANTED],
        broken=words.broken_guards(grade),
        guards=words.guards_in_order(grade),
        unread=words.findings_to_read(grade),
        elsewhere=view.elsewhere(planted),
        opening=view.opening,
        roles=ROLES,
        quoted=quoted,
        read_as=_read_as(grade, planted),
        losses=losses_of(planted, view.losses),
        view=view,
    )


def _read_as(grade: Grade, planted: Sequence[DefectGrade]) -> dict[str, str]:
    """Say of each finding, by the line or the comment that it starts on, what it was matched with."""
    titles = {item.id: item.title for item in planted} | {item.id: item.title for item in grade.decoys}
    told: dict[str, list[str]] = {}
    for item in grade.findings:
        file, _, place = item.source.rpartition(":")
        start = place.split(" ")[0] if file else item.source
        said = [titles[name] for name in item.defects if name in titles]
        told.setdefault(start, []).append(", ".join(said) or "nothing that was planted")
    return {start: "; ".join(dict.fromkeys(said)) for start, said in told.items()}


def _files(defect: DefectGrade) -> list[str]:
    """Name the files of a defect once each; a notebook's place may go on with ``#cell``."""
    return list(dict.fromkeys(place.partition("#")[0] for place in defect.files))


def page(template: str, **context: Any) -> str:
    """Render a template in the style that all pages about a submission share."""
    return rendered(_environment(), template, sheet="report.css", **context)


@cache
def _environment() -> Environment:
    environment = environment_of("unfit.report")
    environment.filters |= {
        "line": line,
        "block": block,
        "slug": _slug,
        "prose": _prose,
        "unwrapped": unwrapped,
        "without_closing": without_closing,
    }
    environment.globals |= {
        "words": words,
        "closing": CLOSING,
        "glyphs": GLYPHS,
        "most": MOST_FINDINGS,
        "most_printed": MOST_PRINTED,
    }
    return environment


def _prose(text: str) -> str:
    """Put a capital first, as a sentence begins."""
    return text[:1].upper() + text[1:]


def _slug(text: str) -> str:
    """Make a class name of a word of ours."""
    return text.replace(" ", "-").replace("_", "-")
