"""The words and numbers that every renderer of a grade shares."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

from unfit.grades import (
    DecoyGrade,
    DefectGrade,
    DefectStatus,
    DiagnosisAnswer,
    Evidence,
    Finding,
    Grade,
    GuardGrade,
    Outcome,
    Together,
    Verdict,
    claims_of,
)

__all__ = [
    "CREDIT",
    "OUTCOME",
    "PUBLISHED",
    "REVIEW_ONLY",
    "STATUS",
    "TOGETHER",
    "UNMATCHED",
    "UNPROTECTED",
    "broken_guards",
    "claims",
    "close_calls",
    "code",
    "comparisons",
    "decisive",
    "diagnosed",
    "distance",
    "ending",
    "findings_near",
    "findings_of",
    "findings_on",
    "findings_to_read",
    "guards_broken",
    "guards_in_order",
    "labelled",
    "number",
    "numbers",
    "place",
    "reading",
    "review",
    "to_ask_first",
    "told",
    "told_first",
    "unproven",
    "weighs",
    "why",
    "written",
]

CREDIT = {"right": "right", "near": "half", "wrong": "wrong", "open": "left open"}
"""How an answer of a diagnosis ended."""
OUTCOME = {
    Outcome.PASSED: "passed",
    Outcome.FAILED: "failed",
    Outcome.ERRORED: "errored",
    Outcome.UNPROVEN: "unproven",
}
STATUS = {
    DefectStatus.MENDED: "mended",
    DefectStatus.NOT_MENDED: "not mended",
    DefectStatus.ERRORED: "errored",
    DefectStatus.UNPROVEN: "unproven",
    DefectStatus.NOT_PLANTED: "not planted",
    DefectStatus.NOT_TRIED: "not tried",
}

TOGETHER = {
    Together.MENDED: "the experiments pass, whatever the review says",
    Together.DESCRIBED: "the review mentions it, and the code still has it",
    Together.PUT_OFF: "the code still has it, and the review says why",
    Together.PERHAPS: "the code still has it, and a finding that the kit could not match may describe it: read it",
    Together.NEITHER: "the code still has it, and the review does not mention it",
    Together.UNDECIDED: "nothing settles it: no answer from the experiments, and no word of it in the review",
}
"""What code and review make together."""
REVIEW_ONLY = "no experiment ran, so nothing here says that a mistake was mended or left."
PUBLISHED = "answers to this exercise are published."
UNMATCHED = "What matches nothing can be right all the same: read it."
UNPROTECTED = "nothing confined this submission; it ran with the rights of whoever graded it."

SEVERITIES = ("critical", "major", "minor")
SEEN = "{seen}"
"""Where a label leaves room for the number."""
_AGAINST = {
    "at most": "at most {} allowed",
    "at least": "at least {} needed",
    "equal": "{} expected",
    "holds": "{}",
}
# What the reader of reviews says about spelling and layout; what it could not read is more than that.
_ON_FORM = re.compile(
    r"names no place|states no category|is none that is known|: no decision|no sentence says whether to ship"
    r"|of a bot w(?:as|ere) left out|says nothing about|the id of another|is none of ship|is not UTF-8"
    r"|^The review decides"
)
_THOUSAND = 1000
_LARGEST_WHOLE = 1e15
# Two texts of this length still stand on one line of a wide terminal, and start with what tells them apart.
LONGEST = 72
MOST_TOLD = 4


def number(value: float, *, digits: int = 4) -> str:
    """Write a number as people do: thousands grouped, four digits that count."""
    if value.is_integer() and abs(value) < _LARGEST_WHOLE:
        return f"{int(value):,}"
    if _THOUSAND <= abs(value) < _LARGEST_WHOLE:
        return format(value, f",.{max(digits - len(str(int(abs(value)))), 0)}f")
    return format(value, f".{digits}g")


def numbers(seen: float, limit: float) -> tuple[str, str]:
    """Write two numbers with as many digits as it takes to tell them apart."""
    for digits in (4, 6, 9, 17):
        pair = number(seen, digits=digits), number(limit, digits=digits)
        if pair[0] != pair[1] or seen == limit:
            break
    return pair


def written(evidence: Evidence) -> tuple[str, str]:
    """Write what was seen and its limit, each with its unit."""
    seen, limit, unit = evidence.seen, evidence.limit, f" {evidence.unit}" if evidence.unit else ""
    if isinstance(seen, float) and isinstance(limit, float):
        left, right = numbers(seen, limit)
        return left + unit, right + unit
    room = LONGEST if limit is not None else 2 * LONGEST
    return _alone(seen, unit, room), _alone(limit, unit, room)


def _alone(value: float | str | None, unit: str, room: int) -> str:
    if isinstance(value, float):
        return number(value) + unit
    text = value or ""
    return text if len(text) <= room else f"{text[:room].rstrip()} …"


def code(defect: DefectGrade) -> str:
    """Say what became of the code; where no experiment judges it, say who does."""
    if defect.checks or defect.status is DefectStatus.NOT_PLANTED:
        return STATUS[defect.status]
    return "judged by the review" if defect.judged == "finding" else "judged by talking"


def _label(evidence: Evidence) -> str:
    """Return the label with room for the number: where its author left none, at its end."""
    numeric = isinstance(evidence.seen, float) and evidence.direction != "holds"
    return f"{evidence.label}: {SEEN}" if numeric and SEEN not in evidence.label else evidence.label


def labelled(evidence: Evidence) -> str:
    """Say what was measured, with the number, its unit and its deviation where ``{seen}`` stands, else at the end."""
    return _label(evidence).replace(SEEN, _measured(evidence))


def reading(evidence: Evidence) -> str:
    """Say what stands beside the label: "at most 1e-06 allowed", or "seen b, expected a".

    Where a comparison failed, the row that decided follows.
    """
    beside = _reading(evidence)
    return f"{beside}; {evidence.row}" if evidence.row and not evidence.passed else beside


def _reading(evidence: Evidence) -> str:
    if SEEN in _label(evidence):
        _, limit = written(evidence.model_copy(update={"unit": ""}))
        return _AGAINST[evidence.direction].format(limit) if limit else _held(evidence)
    _, limit = written(evidence)
    if evidence.direction == "holds" or (evidence.direction == "equal" and not limit):
        return _measured(evidence) if evidence.seen else _held(evidence)
    against = f"expected {limit}" if evidence.direction == "equal" else f"{evidence.direction} {limit}"
    seen = _measured(evidence)
    return f"seen {seen}{';' if ', ' in seen else ','} {against}"


def told(evidence: Evidence, cause: str = "") -> str:
    """Say what decided, in one line: what was measured, what was seen, and what it was held against."""
    if SEEN in _label(evidence):
        beside = reading(evidence)
        return f"{labelled(evidence)} ({beside})" if beside else labelled(evidence)
    if evidence.label == cause:
        # `Case.fail` records its reason as a statement; saying that it does not hold would turn it around.
        return evidence.label
    if evidence.direction == "holds" and evidence.seen and not evidence.passed:
        return f"expected: {evidence.label}; seen: {reading(evidence)}"
    return f"{evidence.label}: {reading(evidence)}"


def _measured(evidence: Evidence) -> str:
    seen, _ = written(evidence)
    return f"{seen or 'no finite number'}{f' ± {number(evidence.spread)}' if evidence.spread else ''}"


def _held(evidence: Evidence) -> str:
    if evidence.direction == "holds":
        return "holds" if evidence.passed else "does not hold"
    return "as expected" if evidence.passed else ""


def distance(evidence: Evidence) -> float:
    """Say how far a number is from its limit, in units of the larger of the two; infinite without a margin."""
    seen, limit = evidence.seen, evidence.limit
    margin = evidence.direction in {"at most", "at least"}
    if not margin or not isinstance(seen, float) or not isinstance(limit, float):
        return math.inf
    return abs(seen - limit) / (max(abs(seen), abs(limit)) or 1.0)


def decisive(verdicts: Iterable[Verdict]) -> Evidence | None:
    """Choose the comparison that decided: the first missed one, else the narrowest that was met."""
    evidence = [item for verdict in verdicts for item in verdict.evidence]
    missed = [item for item in evidence if not item.passed]
    if missed:
        return next((item for item in missed if isinstance(item.seen, float)), missed[0])
    return min(evidence, key=lambda item: (not item.close, distance(item)), default=None)


def comparisons(verdict: Verdict) -> list[tuple[Evidence, int]]:
    """List what a check compared, with how often; what was met several times stands once, with its narrowest number."""
    alike: dict[object, list[Evidence]] = {}
    for item in verdict.evidence:
        alike.setdefault((item.label, item.direction, item.limit) if item.passed else id(item), []).append(
            item
        )
    return [
        (min(items, key=lambda item: (not item.close, distance(item))), len(items))
        for items in alike.values()
    ]


def told_first(verdict: Verdict) -> tuple[list[tuple[Evidence, int]], list[tuple[Evidence, int]]]:
    """Divide the comparisons of a check into a few that tell, missed ones first, and all others."""
    found = sorted(comparisons(verdict), key=lambda one: one[0].passed)
    return (found, []) if len(found) <= MOST_TOLD + 1 else (found[:MOST_TOLD], found[MOST_TOLD:])


def why(verdict: Verdict) -> str:
    """Say in one line why a check ended as it did; empty where its sentence says all."""
    if verdict.outcome in {Outcome.ERRORED, Outcome.UNPROVEN}:
        place = f" ({verdict.where})" if verdict.where else ""
        return f"{verdict.cause or 'no cause was given'}{place}"
    found = decisive([verdict])
    return told(found, verdict.cause) if found else verdict.cause


def ending(defect: DefectGrade) -> str:
    """Say in one line what decided the status of a defect."""
    if defect.doubt:
        return defect.doubt
    if defect.status is DefectStatus.NOT_PLANTED or not defect.checks:
        return ""
    telling = {
        DefectStatus.NOT_MENDED: Outcome.FAILED,
        DefectStatus.ERRORED: Outcome.ERRORED,
        DefectStatus.UNPROVEN: Outcome.UNPROVEN,
    }.get(defect.status)
    chosen = [verdict for verdict in defect.checks if verdict.outcome is telling]
    if chosen:
        return why(chosen[0])
    found = decisive(defect.checks)
    return told(found) if found else ""


def broken_guards(grade: Grade) -> list[GuardGrade]:
    """List the guards that did not pass."""
    return [guard for guard in grade.guards if guard.outcome is not Outcome.PASSED]


def guards_broken(count: int) -> str:
    """Say how many guards are broken, and what that is, where nothing else explains it."""
    return (
        "Something that worked before is broken." if count == 1 else "Things that worked before are broken."
    )


def weighs(note: str) -> bool:
    """Tell whether a note changes how a verdict is to be read; a remark on the form of a review does not."""
    return not _ON_FORM.search(note)


def place(grade: Grade, finding: Finding) -> int:
    """Give a finding the number by which an overrule names it: from one, in the order of the review."""
    return grade.findings.index(finding) + 1


def unproven(grade: Grade) -> list[DefectGrade]:
    """List the planted defects of which the experiments say neither that they are mended nor that they are not."""
    open_ = {DefectStatus.ERRORED, DefectStatus.UNPROVEN}
    return [item for item in grade.defects if item.status in open_ and item.checks]


def close_calls(grade: Grade) -> list[DefectGrade]:
    """List the planted defects with a measurement within its own noise of the limit."""
    planted = [item for item in grade.defects if item.status is not DefectStatus.NOT_PLANTED]
    return [item for item in planted if any(verdict.close for verdict in item.checks)]


def to_ask_first(grade: Grade) -> list[DefectGrade]:
    """Choose what a talk begins with: the two worst defects that still stand, then the worst that was mended."""
    worst = sorted(
        (item for item in grade.defects if item.asks), key=lambda item: SEVERITIES.index(item.severity)
    )
    left = [
        item
        for item in worst
        if item.status is DefectStatus.NOT_MENDED or item.together in {Together.NOT_NAMED, Together.PERHAPS}
    ]
    mended = [item for item in worst if item.status is DefectStatus.MENDED or item.together is Together.NAMED]
    return [*left[:2], *mended[: 1 if left else 2]]


def guards_in_order(grade: Grade) -> list[GuardGrade]:
    """List the guards, broken ones first."""
    return sorted(grade.guards, key=lambda guard: guard.outcome is Outcome.PASSED)


def findings_of(grade: Grade, defect: DefectGrade) -> list[Finding]:
    """List what the review says about a defect."""
    return [
        item
        for item in grade.findings
        if item.match in {"matched", "duplicate"} and defect.id in item.defects
    ]


def findings_near(grade: Grade, defect: DefectGrade) -> list[Finding]:
    """List the findings that match nothing and point at a defect's place; none where another finding names it."""
    return [] if defect.spotted else [item for item in grade.findings if defect.id in item.near]


def review(grade: Grade, defect: DefectGrade) -> str:
    """Say what the review makes of a defect."""
    if defect.spotted is None:
        return "no review read"
    if not defect.spotted:
        numbers = ", ".join(str(place(grade, item)) for item in findings_near(grade, defect))
        return f"perhaps described: read finding {numbers}" if numbers else "not in the review"
    mended = defect.status is DefectStatus.MENDED  # whatever else a finding that names it leaves for later
    put_off = not mended and any(
        item.put_off for item in findings_of(grade, defect) if item.match == "matched"
    )
    return "put off with a reason" if put_off else "described"


def decision(grade: Grade) -> str:
    """Quote what the candidate decides, on one line; empty where no sentence says it."""
    return " […] ".join(grade.decision)


def findings_on(grade: Grade, decoy: DecoyGrade) -> list[Finding]:
    """List what the review says against code that is right."""
    return [item for item in grade.findings if item.match == "unfounded" and decoy.id in item.defects]


def findings_to_read(grade: Grade) -> list[Finding]:
    """List the findings that match nothing planted: for a human to read, never counted as wrong."""
    return [item for item in grade.findings if item.match == "unmatched"]


def claims(grade: Grade) -> list[str]:
    """Say how much of a review names what was planted, and how much of what was planted it names.

    Returns
    -------
    sentences : list of str
        Two, in counts: a review that flags everything looks like what it is. None where no review was read.
    """
    found = claims_of(grade.defects, grade.findings)
    if found is None:
        return []
    again = f" ({found.again} of them again)" if found.again else ""
    told = [f"{_names(found.on_mistakes)} a planted mistake{again}"]
    told += [f"{_names(found.on_right_code)} code that is right"] if found.on_right_code else []
    told += (
        [f"{found.on_nothing} match{'es' if found.on_nothing == 1 else ''} nothing"]
        if found.on_nothing
        else []
    )
    findings = f"{found.findings} finding{'' if found.findings == 1 else 's'}: {', '.join(told)}."
    described = f"{found.described} of {found.mistakes} planted mistake{'' if found.mistakes == 1 else 's'}"
    return [
        findings if found.findings else "The review holds no finding.",
        f"{described} {'is' if found.described == 1 else 'are'} described.",
    ]


def _names(count: int) -> str:
    return f"{count} name{'s' if count == 1 else ''}"


def diagnosed(answer: DiagnosisAnswer) -> str:
    """Tell one answer of a diagnosis in a line."""
    if answer.credit == "right":
        return f"{answer.name}: {answer.said}"
    if answer.credit == "open":
        return f"{answer.name}: left open, it was {answer.truth}"
    almost = "almost, " if answer.credit == "near" else ""
    return f"{answer.name}: {answer.said}; {almost}it was {answer.truth}"
