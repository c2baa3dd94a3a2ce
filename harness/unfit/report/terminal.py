"""Show a grade in a terminal: for the interviewer who has just run `unfit grade`."""

from __future__ import annotations

import io

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from unfit.grades import (
    DecoyGrade,
    DefectGrade,
    DefectStatus,
    Diagnosis,
    Finding,
    Grade,
    GuardGrade,
    Outcome,
    Together,
    Verdict,
)
from unfit.report import words
from unfit.report.harmless_text import block, line

__all__ = ["evidence_view", "render_terminal", "terminal_view"]

MOST_FINDINGS = 30
_OUTCOME_STYLE = {
    Outcome.PASSED: ("✓", "green"),
    Outcome.FAILED: ("✗", "bold red"),
    Outcome.ERRORED: ("!", "bold magenta"),
    Outcome.UNPROVEN: ("?", "yellow"),
}
_CREDIT_STYLE = {
    "right": ("✓", "green"),
    "near": ("≈", "yellow"),
    "wrong": ("✗", "bold red"),
    "open": ("-", "dim"),
}
_STATUS_STYLE = {
    DefectStatus.MENDED: ("✓", "green"),
    DefectStatus.NOT_MENDED: ("✗", "bold red"),
    DefectStatus.ERRORED: ("!", "bold magenta"),
    DefectStatus.UNPROVEN: ("?", "yellow"),
    DefectStatus.NOT_PLANTED: ("-", "dim"),
    DefectStatus.NOT_TRIED: ("-", ""),
}


def render_terminal(grade: Grade, *, width: int = 80, colour: bool = False) -> str:
    """Render a grade as text for a terminal of a given width."""
    stream = io.StringIO()
    console = Console(
        file=stream,
        width=width,
        force_terminal=colour,
        color_system="standard" if colour else None,
        highlight=False,
    )
    console.print(terminal_view(grade))
    return "\n".join(row.rstrip() for row in stream.getvalue().splitlines()) + "\n"


def terminal_view(grade: Grade) -> RenderableType:
    """Compose what a console of any width and colour can print.

    Every text becomes a ``Text``, which rich never reads as markup, after its control characters were named.
    """
    broken = words.broken_guards(grade)
    planted = [item for item in grade.defects if item.status is not DefectStatus.NOT_PLANTED]
    parts: list[RenderableType] = [_title(grade), Text(line(grade.headline), "bold"), *_notices(grade)]
    if broken:
        parts += _section(
            "Broken guards: what worked before, and no longer does", [_guard(guard) for guard in broken]
        )
    if grade.diagnosis is not None:
        parts += _section("Diagnosis", _diagnosis(grade.diagnosis))
    parts += _section("Planted defects", [_defect(grade, item) for item in planted])
    if said := words.claims(grade):
        parts += _section("The review, counted", [Text(" ".join(said)), *_unread(grade)])
    if decision := words.decision(grade):
        parts += _section("The candidate decides", [Text(line(decision, most=600))])
    parts += _section(
        "Decoys: code that looks wrong and is right",
        [_decoy(grade, item) for item in grade.decoys if _worth_telling(grade, item)],
    )
    parts += _section("Findings to read", _findings(words.findings_to_read(grade)))
    parts += ["", _facts(grade)]
    return Group(*parts)


def _unread(grade: Grade) -> list[RenderableType]:
    return [Text(words.UNMATCHED, "dim")] if words.findings_to_read(grade) else []


def _title(grade: Grade) -> Text:
    name, exercise = line(grade.submission.name, most=80), grade.exercise
    return Text(f"{line(exercise.title)} {line(exercise.version)}, submission {name}", "dim")


def _notices(grade: Grade) -> list[RenderableType]:
    notices: list[RenderableType] = []
    if grade.review_only:
        notices.append(_notice("REVIEW ONLY", words.REVIEW_ONLY, "yellow"))
    if not grade.backend.protected:
        notices.append(
            _notice(
                "UNPROTECTED", "a stranger's code ran with your rights; it could have forged this.", "red"
            )
        )
    if grade.exercise.exposure == "public":
        notices.append(_notice("PUBLIC", words.PUBLISHED, "yellow"))
    notices += [
        _notice("NOTE", line(note), "yellow" if words.weighs(note) else "dim") for note in grade.notes
    ]
    return ["", *notices] if notices else []


def _notice(word: str, said: str, style: str) -> RenderableType:
    grid = Table.grid(padding=(0, 2))
    grid.add_row(Text(word, f"bold {style}"), Text(said))
    return grid


def _section(title: str, items: list[RenderableType]) -> list[RenderableType]:
    return ["", Text(title.upper(), "bold"), *items] if items else []


def _defect(grade: Grade, defect: DefectGrade) -> RenderableType:
    glyph, style = _STATUS_STYLE[defect.status] if defect.checks else ("-", "")
    head = Text(line(defect.title), "bold")
    if grade.review_only:
        mark = Text("✓", "green") if defect.spotted else Text("-")
        ending = words.review(grade, defect) if defect.together is Together.PERHAPS else str(defect.together)
        return _hanging(mark, Group(head, Text(ending)))
    said = Text.assemble((words.code(defect), style), f"{_checks(defect)} · {words.review(grade, defect)}")
    rows: list[RenderableType] = [head, said]
    rows += [_verdict(item) for item in defect.checks if item.outcome is not Outcome.PASSED]
    if defect.doubt:
        rows.append(Text(line(defect.doubt), "yellow"))
    if defect.status is DefectStatus.MENDED and (reading := words.ending(defect)):
        rows.append(Text(line(reading), "dim"))
    if any(verdict.close for verdict in defect.checks):
        rows.append(Text("close call: within two standard deviations of its limit", "yellow"))
    return _hanging(Text(glyph, style), Group(*rows))


def _diagnosis(diagnosis: Diagnosis) -> list[RenderableType]:
    if diagnosis.problem:
        return [Text(line(diagnosis.problem), "yellow")]
    rows: list[RenderableType] = []
    for answer in diagnosis.answers:
        glyph, style = _CREDIT_STYLE[answer.credit]
        said = words.diagnosed(answer)
        rows.append(_hanging(Text(glyph, style), Text(line(said))))
    return rows


def _checks(defect: DefectGrade) -> str:
    if not defect.checks:
        return ""
    return f", {defect.summary} check{'' if len(defect.checks) == 1 else 's'}"


def _verdict(verdict: Verdict) -> RenderableType:
    glyph, style = _OUTCOME_STYLE[verdict.outcome]
    rows = [Text(line(verdict.sentence))]
    if said := words.why(verdict):
        rows.append(Text.assemble((f"{words.OUTCOME[verdict.outcome]}: ", style), line(said)))
    if not verdict.replayable:
        rows.append(Text("ended by a limit: another run may end otherwise", "yellow"))
    return _hanging(Text(glyph, style), Group(*rows))


def evidence_view(verdict: Verdict) -> RenderableType:
    """Lay out how a check ended, with every comparison that it made."""
    glyph, style = _OUTCOME_STYLE[verdict.outcome]
    ending = "" if verdict.evidence else words.why(verdict)
    said = Text.assemble((words.OUTCOME[verdict.outcome], style), f": {line(ending)}" if ending else "")
    rows: list[RenderableType] = [_hanging(Text(glyph, style), Group(Text(line(verdict.sentence)), said))]
    for item, times in words.comparisons(verdict):
        glyph, style = _OUTCOME_STYLE[Outcome.PASSED if item.passed else Outcome.FAILED]
        often = f" ({times} times, the narrowest)" if times > 1 else ""
        close = "; close to its limit" if item.close else ""
        compared = f"{words.told(item)}{often}{close}"
        rows.append(Padding(_hanging(Text(glyph, style), Text(line(compared))), (0, 0, 0, 3)))
    if verdict.detail:
        rows.append(Padding(Text(block(verdict.detail), "dim"), (0, 0, 0, 6)))
    return Group(*rows)


def _guard(guard: GuardGrade) -> RenderableType:
    return _verdict(guard.verdict)


def _worth_telling(grade: Grade, decoy: DecoyGrade) -> bool:
    broken = decoy.verdict is not None and decoy.verdict.outcome is not Outcome.PASSED
    return broken or bool(words.findings_on(grade, decoy))


def _decoy(grade: Grade, decoy: DecoyGrade) -> RenderableType:
    rows: list[RenderableType] = [Text(line(decoy.title))]
    rows += [
        Text(f"not confirmed by an experiment: {line(item.title, most=160)}")
        for item in words.findings_on(grade, decoy)
    ]
    if decoy.verdict is not None and decoy.verdict.outcome is not Outcome.PASSED:
        rows.append(_verdict(decoy.verdict))
    return _hanging(Text("-"), Group(*rows))


def _findings(found: list[Finding]) -> list[RenderableType]:
    more: list[RenderableType] = [_hanging(Text("-"), Text(f"and {len(found) - MOST_FINDINGS} more"))]
    return [*map(_finding, found[:MOST_FINDINGS]), *(more if len(found) > MOST_FINDINGS else [])]


def _finding(finding: Finding) -> RenderableType:
    place = f" ({line(finding.where, most=80)})" if finding.where else ""
    return _hanging(Text("-"), Text(line(finding.title, most=160) + place))


def _facts(grade: Grade) -> Text:
    if grade.review_only:
        facts = f"{grade.exercise.slug} {grade.exercise.version}, form {line(grade.exercise.form)}"
        return Text(f"{facts}; review only; kit {grade.kit}", "dim")
    backend = f"{grade.backend.name}, protected" if grade.backend.protected else "UNPROTECTED"
    backend += f", {grade.backend.detail}" if grade.backend.detail else ""
    return Text(
        f"{grade.exercise.slug} {grade.exercise.version}, form {line(grade.exercise.form)}; "
        f"seed {grade.seed}; sandbox {line(backend)}; kit {grade.kit}",
        "dim",
    )


def _hanging(glyph: Text, body: RenderableType) -> RenderableType:
    grid = Table.grid(padding=(0, 1))
    grid.add_column(width=1, no_wrap=True)
    grid.add_column(ratio=1)
    grid.add_row(glyph, body)
    return Padding(grid, (0, 0, 0, 1))
