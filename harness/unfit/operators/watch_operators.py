"""Operators for the watch: what is noticed of inputs, outputs and outcomes, what is counted, and the brake."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import libcst as cst

from unfit.operators.changing import GONE, Change
from unfit.operators.code import Code
from unfit.operators.operator import operator
from unfit.operators.syntax import assigned, constant, dotted, last_name, literal, mentions, source, terms

_TEST_SCORE = "Breck et al., The ML Test Score, IEEE Big Data 2017"
_SRE = "Beyer et al., Site Reliability Engineering, O'Reilly 2016"

OUTCOMES: Final = r"outcome|truth|label|actual|accura|error|quality|performance|soured"
OUTPUTS: Final = r"score|output|predict|answer|constant|stale|service|\bmodel\b|\bage\b"


def _watched(node: cst.CSTNode) -> str:
    """Say which rule of the watch some code is about."""
    if mentions(node, OUTCOMES):
        return "outcomes-watched"
    return "outputs-watched" if mentions(node, OUTPUTS) else "inputs-watched"


@operator(
    "inputs-watched",
    "monitoring",
    "major",
    "medium",
    title="Something that was watched is not watched any more",
    teaches="What nobody watches breaks on a day that nobody notices.",
    source=f"{_TEST_SCORE}, Monitor 2, 4 and 7",
    mended="Which of the three would have told first: what comes in, what goes out, or what became of it?",
    standing="This changes tomorrow. Who is told, and when?",
)
def no_longer_watched(code: Code) -> Iterator[Change]:
    """A line that adds to what is found goes, or an entry of it, in a file that watches."""
    for line in code.all(cst.SimpleStatementLine):
        if (
            not re.search(r"monitor|watch|drift|alert", code.file)
            or code.nearest(line, cst.FunctionDef) is None
        ):
            continue
        small = line.body[0]
        adds = isinstance(small, cst.AugAssign) and isinstance(small.operator, cst.BitOrAssign)
        sets = isinstance(small, cst.Assign) and isinstance(small.targets[0].target, cst.Subscript)
        if (
            (adds or sets)
            and isinstance(getattr(small, "value", None), cst.Call)
            and len(code.block(line)) > 1
        ):
            yield Change(line, {line: GONE}, rule=_watched(small))
    for table in code.all(cst.Dict):
        found = assigned(code.statement(table))
        watching = (
            re.search(r"monitor|watch|drift|alert", code.file) and found is not None and found[1] is table
        )
        if not watching or len(table.elements) < 2:
            continue
        for item in table.elements:
            if isinstance(item, cst.DictElement) and literal(item.key) is not None:
                kept = [one for one in table.elements if one is not item]
                if not any(isinstance(one, cst.DictElement) for one in kept):
                    continue
                kept[-1] = kept[-1].with_changes(comma=table.elements[-1].comma)
                yield Change(item, {table: table.with_changes(elements=kept)}, rule=_watched(item))


@operator(
    "inputs-watched",
    "monitoring",
    "major",
    "medium",
    title="One kind of change is not looked for",
    teaches="A field changes in its values, in its gaps and in its categories: each needs a look of its own.",
    source=f"{_TEST_SCORE}, Monitor 2",
    mended="Which kinds of change are still not looked for?",
    standing="A third of a field comes empty from tomorrow. Who is told?",
)
def one_kind_of_change_unseen(code: Code) -> Iterator[Change]:
    """``if test: return "kind"`` goes from a file that watches."""
    for node in code.all(cst.If):
        lines = node.body.body
        only = lines[0] if len(lines) == 1 and node.orelse is None else None
        small = only.body[0] if isinstance(only, cst.SimpleStatementLine) else None
        says = isinstance(small, cst.Return) and literal(small.value) is not None
        if says and code.watching(node) and not isinstance(code.parents[node], cst.If):
            yield Change(node, {node: GONE})


@operator(
    "quiet",
    "monitoring",
    "major",
    "easy",
    title="Each of many tests is held to five in a hundred",
    teaches="Twenty tests at five in a hundred wake somebody on most days; nobody gets up for long.",
    source=f"{_SRE}, chapter 6; Benjamini & Hochberg, JRSS B 1995",
    mended="How often may somebody be woken for nothing, and who decided that?",
    standing="How many tests are made on an ordinary day, and how many of them alarm?",
)
def level_not_divided(code: Code) -> Iterator[Change]:
    """A level that is divided by the number of tests becomes 0.05; what a comment says of it goes."""
    for line in code.all(cst.SimpleStatementLine):
        found = assigned(line)
        if (
            found is None
            or not constant(found[0])
            or not re.search(r"LEVEL|ALPHA|SIGNIFICANCE|P_VALUE", found[0])
        ):
            continue
        value = found[1]
        if isinstance(value, cst.BinaryOperation) and isinstance(value.operator, cst.Divide):
            blank = [above for above in line.leading_lines if above.comment is None]
            new = line.with_changes(
                leading_lines=blank, body=[line.body[0].with_changes(value=cst.Float("0.05"))]
            )
            yield Change(line, {line: new})


@operator(
    "quiet",
    "monitoring",
    "minor",
    "medium",
    title="A handful of rows can wake somebody",
    teaches="A share of five rows swings by itself: say from how many on a figure says anything.",
    source=f"{_SRE}, chapter 6",
    mended="From what did you take the smallest number?",
    standing="A batch holds five rows. How often does it alarm?",
)
def few_rows_alarm(code: Code) -> Iterator[Change]:
    """``if len(rows) < FEWEST: return`` goes, or ``len(rows) >= FEWEST`` from a condition."""
    for node in code.all(cst.If):
        few = re.fullmatch(r"len\([\w.]+\) <=? [A-Z_0-9]+", source(node.test)) is not None
        first = node.body.body[0]
        small = first.body[0] if isinstance(first, cst.SimpleStatementLine) else None
        if few and isinstance(small, cst.Return) and node.orelse is None and code.watching(node):
            yield Change(node, {node: GONE}, rule=_brake(code))
    for op in code.all(cst.BooleanOperation):
        for term, rest in terms(op):
            if re.fullmatch(r"len\([\w.]+\) (>=?|==) [A-Z_0-9]+", source(term)) and not isinstance(
                code.parents[op], cst.BooleanOperation
            ):
                yield Change(op, {op: rest}, rule=_brake(code))


def _brake(code: Code) -> str:
    return "brake" if "brake" in code.file else ""


@operator(
    "numbers-for-on-call",
    "monitoring",
    "major",
    "easy",
    title="Something that happens is not counted",
    teaches="Whoever is on call at night reads numbers: what is not counted did not happen.",
    source=f"{_SRE}, chapter 6",
    mended="Which number would you look at first at three in the morning?",
    standing="It is slow since an hour ago. Which number shows it?",
)
def not_counted(code: Code) -> Iterator[Change]:
    """A call that counts goes."""
    for line in code.all(cst.SimpleStatementLine):
        small = line.body[0]
        call = small.value if isinstance(small, cst.Expr) else None
        if not isinstance(call, cst.Call) or len(code.block(line)) < 2:
            continue
        front, _, verb = dotted(call.func).rpartition(".")
        counted = re.search(r"metric|statsd|counter|histogram|gauge|prometheus", front.lower()) is not None
        if counted and re.fullmatch(
            r"count|inc|observe|set|write|record|add|incr|increment|timing|emit|push", verb
        ):
            yield Change(line, {line: GONE})


BRAKES: Final = r"stopp?|brake|halt|pause|tripped|frozen|too_bad|exceed"


@operator(
    "brake",
    "monitoring",
    "critical",
    "medium",
    title="Nothing stops the service, whatever becomes of its last decisions",
    teaches="Where a wrong answer cannot be undone, the service itself is the first who must notice.",
    source="SEC Rule 15c3-5; Zillow Group, shareholder letter of the third quarter of 2021",
    mended="Who takes the brake off again, and on which evidence?",
    standing="The last hundred decisions were wrong. What happens to the next?",
)
def no_brake(code: Code) -> Iterator[Change]:
    """``"paused" if stopped() else "ok"`` becomes ``"ok"``; ``if stopped(): return`` goes."""
    for node in code.all(cst.IfExp):
        if (
            isinstance(node.test, cst.Call)
            and re.search(BRAKES, last_name(node.test))
            and literal(node.orelse)
        ):
            yield Change(node, {node: node.orelse})
    for branch in code.all(cst.If):
        called = isinstance(branch.test, cst.Call) and re.search(BRAKES, last_name(branch.test)) is not None
        last = branch.body.body[-1]
        small = last.body[0] if isinstance(last, cst.SimpleStatementLine) else None
        if called and isinstance(small, cst.Return | cst.Raise) and branch.orelse is None:
            if not isinstance(code.parents[branch], cst.If) and len(code.block(branch)) > 1:
                yield Change(branch, {branch: GONE})
