"""Tell a grade as JUnit XML: for a CI that shows test results."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from unfit.grades import DefectStatus, Grade, Outcome, Verdict
from unfit.report import words
from unfit.report.harmless_text import block, line

__all__ = ["render_junit"]

_ELEMENT = {Outcome.FAILED: "failure", Outcome.ERRORED: "error", Outcome.UNPROVEN: "skipped"}


@dataclass(frozen=True)
class Suite:
    """Verdicts that belong together."""

    name: str
    verdicts: Sequence[Verdict]


def render_junit(grade: Grade) -> str:
    """Render a suite a defect, then the decoys and the guards; an unproven check is a skipped test.

    Control characters, which XML cannot carry, are named instead.
    """
    suites = [
        Suite(line(defect.title), defect.checks)
        for defect in grade.defects
        if defect.status is not DefectStatus.NOT_PLANTED
    ]
    suites.append(Suite("decoys", [decoy.verdict for decoy in grade.decoys if decoy.verdict]))
    suites.append(Suite("guards", [guard.verdict for guard in grade.guards]))
    told = [suite for suite in suites if suite.verdicts]
    root = ET.Element("testsuites", {"name": f"unfit {line(grade.exercise.slug)}"} | _counts(told))
    root.extend(_suite(suite, grade) for suite in told)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _counts(suites: Iterable[Suite]) -> dict[str, str]:
    outcomes = [verdict.outcome for suite in suites for verdict in suite.verdicts]
    return {
        "tests": str(len(outcomes)),
        "failures": str(outcomes.count(Outcome.FAILED)),
        "errors": str(outcomes.count(Outcome.ERRORED)),
        "skipped": str(outcomes.count(Outcome.UNPROVEN)),
    }


def _suite(suite: Suite, grade: Grade) -> ET.Element:
    element = ET.Element("testsuite", {"name": suite.name} | _counts([suite]))
    element.extend(_case(suite, verdict, grade) for verdict in suite.verdicts)
    return element


def _case(suite: Suite, verdict: Verdict, grade: Grade) -> ET.Element:
    seconds = grade.timings.checks.get(verdict.check)
    case = ET.Element("testcase", classname=suite.name, name=line(verdict.sentence))
    if seconds is not None:
        case.set("time", f"{seconds:.3f}")
    if verdict.outcome in _ELEMENT:
        ending = ET.SubElement(case, _ELEMENT[verdict.outcome], message=line(words.why(verdict)))
        ending.text = "\n".join(_lines(verdict))
    return case


def _lines(verdict: Verdict) -> list[str]:
    told = [f"check {line(verdict.check)}"]
    told += [
        f"{'passed' if item.passed else 'missed'}: {line(words.labelled(item))}: {line(words.reading(item))}"
        for item in verdict.evidence
    ]
    return [*told, block(verdict.detail)] if verdict.detail else told
