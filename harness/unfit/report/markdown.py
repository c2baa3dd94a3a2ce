"""Tell a grade as Markdown: for a pull request or the summary of a CI run."""

from __future__ import annotations

import re

from unfit.grades import DefectGrade, DefectStatus, Finding, Grade
from unfit.report import words
from unfit.report.harmless_text import line

__all__ = ["render_markdown"]

MOST_FINDINGS = 30
_PUNCTUATION = re.compile(r"[!-/:-@\[-`{-~]")
_HEAD = ("| Planted mistake | In the code | Checks | Result | Measurement |", "|---|---|---|---|---|")
_GLYPH = {
    DefectStatus.MENDED: "✅",
    DefectStatus.NOT_MENDED: "❌",
    DefectStatus.ERRORED: "⚠️",
    DefectStatus.UNPROVEN: "❔",
}


def render_markdown(grade: Grade) -> str:
    """Render headline, notices, broken guards, a table of defects and the findings to read.

    What a submission wrote stands in code spans, where GitHub makes no link, mention, heading or HTML of it.
    """
    planted = [item for item in grade.defects if item.status is not DefectStatus.NOT_PLANTED]
    parts = [
        f"### {_ours(grade.exercise.title)}: {_theirs(grade.submission.name, most=80)}",
        f"**{_ours(grade.headline)}**",
        *_claims(grade),
        *_notices(grade),
        *_guards(grade),
        "\n".join(_table(grade, planted)),
        *_diagnosis(grade),
        *_decision(grade),
        *_findings(words.findings_to_read(grade)),
        f"<sub>{_facts(grade)}</sub>",
    ]
    return "\n\n".join(parts) + "\n"


def _notices(grade: Grade) -> list[str]:
    told = []
    if grade.review_only:
        told.append(f"> **Review only:** {_ours(words.REVIEW_ONLY)}")
    if not grade.backend.protected:
        told.append(f"> **UNPROTECTED:** {_ours(words.UNPROTECTED)}")
    if grade.exercise.exposure == "public":
        told.append(f"> **Public:** {_ours(words.PUBLISHED)}")
    return told + [f"> {_ours(note)}" for note in grade.notes]


def _claims(grade: Grade) -> list[str]:
    said = [*words.claims(grade), *([words.UNMATCHED] if words.findings_to_read(grade) else [])]
    return [f"Review: {_ours(' '.join(said))}"] if words.claims(grade) else []


def _guards(grade: Grade) -> list[str]:
    broken = words.broken_guards(grade)
    told = [
        f"- **{words.OUTCOME[guard.outcome]}:** {_ours(guard.verdict.sentence)} {_theirs(words.why(guard.verdict))}"
        for guard in broken
    ]
    return ["**Broken guards** (what worked before, and no longer does)", "\n".join(told)] if told else []


def _diagnosis(grade: Grade) -> list[str]:
    if grade.diagnosis is None:
        return []
    told = [f"- {_theirs(words.diagnosed(answer))}" for answer in grade.diagnosis.answers]
    return ["**Diagnosis**", _theirs(grade.diagnosis.problem) or "\n".join(told)]


def _decision(grade: Grade) -> list[str]:
    said = words.decision(grade)
    return [f"**The candidate decides** {_theirs(said, most=600)}"] if said else []


def _table(grade: Grade, planted: list[DefectGrade]) -> list[str]:
    if grade.review_only:
        rows = [f"| {_ours(item.title)} | {item.together} |" for item in planted]
        return ["| Planted mistake | In the review |", "|---|---|", *rows]
    return [*_HEAD, *map(_row, planted)]


def _row(defect: DefectGrade) -> str:
    closeness = " (close call)" if any(verdict.close for verdict in defect.checks) else ""
    cells = [
        _ours(defect.title),
        f"{_GLYPH[defect.status]} {words.code(defect)}" if defect.checks else words.code(defect),
        defect.summary if defect.checks else "none",
        str(defect.together),
        _theirs(words.ending(defect), most=160, cell=True) + closeness,
    ]
    return f"| {' | '.join(cells)} |"


def _findings(found: list[Finding]) -> list[str]:
    if not found:
        return []
    told = [f"- {_theirs(item.title)}{_place(item)}" for item in found[:MOST_FINDINGS]]
    more = [f"- and {len(found) - MOST_FINDINGS} more"] if len(found) > MOST_FINDINGS else []
    return [
        "**Findings to read** (they match nothing planted, and count against nobody)",
        "\n".join(told + more),
    ]


def _place(finding: Finding) -> str:
    return f" in {_theirs(finding.where, most=80)}" if finding.where else ""


def _facts(grade: Grade) -> str:
    exercise = grade.exercise
    if grade.review_only:
        return _ours(
            f"{exercise.slug} {exercise.version}, form {exercise.form}; review only; unfit {grade.kit}"
        )
    return _ours(
        f"{exercise.slug} {exercise.version}, form {exercise.form}; seed {grade.seed}; "
        f"sandbox {grade.backend.name}; unfit {grade.kit}"
    )


def _ours(text: str) -> str:
    """Escape what Markdown would read as markup in a sentence of the bank."""
    return re.sub(r"([\\`*_{}\[\]<>#|~$@])", r"\\\1", line(text))


def _theirs(text: str, *, most: int = 240, cell: bool = False) -> str:
    """Put a submission's text in a code span that it cannot close."""
    shown = line(text, most=most)
    if not shown:
        return ""
    if cell and re.search(r"[|\\]", shown):
        # Readers of tables disagree on bars and backslashes in code spans; an entity is markup to none of them.
        return f"<code>{re.sub(_PUNCTUATION, lambda found: f'&#{ord(found[0])};', shown)}</code>"
    longest = max((len(run) for run in re.findall(r"`+", shown)), default=0)
    fence = "`" * (longest + 1)
    return f"{fence} {shown} {fence}" if longest else f"{fence}{shown}{fence}"
