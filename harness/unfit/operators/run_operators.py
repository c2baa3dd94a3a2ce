"""Operators for runs: the same result again, whole outputs, failures that are told, and what is loaded."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

import libcst as cst

from unfit.operators.changing import GONE, Change, New
from unfit.operators.code import Code
from unfit.operators.operator import operator
from unfit.operators.syntax import (
    argument,
    assigned,
    dotted,
    expression,
    last_name,
    literal,
    mentions,
    receiver,
    source,
    statement,
    truth,
    with_argument,
    without,
)

_TEST_SCORE = "Breck et al., The ML Test Score, IEEE Big Data 2017"
_SRE = "Beyer et al., Site Reliability Engineering, O'Reilly 2016"

STEADY: Final = re.compile(
    r"^(HistGradientBoosting\w+|LogisticRegression|LinearSVC|Ridge\w*|Lasso\w*|ElasticNet\w*|SVC|GradientBoosting\w+|"
    r"StratifiedKFold|KFold|GroupKFold|StratifiedGroupKFold)$"
)
"""What gives the same without a seed unless something else is said."""
DRAWS: Final = re.compile(
    r"subsample|max_features|shuffle=True|solver=.(sag|saga|liblinear)|validation_fraction|early_stopping=True"
)


# ── same-again ───────────────────────────────────────────────────────────────────────────────────────────────────────


@operator(
    "same-again",
    "reproducibility",
    "minor",
    "easy",
    title="Something is drawn without a seed",
    teaches="What cannot be made again cannot be examined after an accident.",
    source=f"{_TEST_SCORE}, Infra 1",
    mended="How would you find out, a year later, which model answered?",
    standing="Run it twice on the same data. What do you get?",
)
def drawn_without_a_seed(code: Code) -> Iterator[Change]:
    """``random_state=`` goes, or the argument of ``default_rng``, or the line that seeds."""
    for call in code.all(cst.Call):
        name, seed = last_name(call), argument(call, "random_state")
        if seed is not None and not truth(seed.value, "None"):
            if not STEADY.search(name) or DRAWS.search(source(call)):
                yield Change(call, {call: without(call, seed)})
        if name in {"default_rng", "RandomState", "Random"} and call.args:
            yield Change(call, {call: call.with_changes(args=[])})
        line = code.statement(call)
        alone = line is not None and isinstance(line.body[0], cst.Expr) and line.body[0].value is call
        if alone and dotted(call.func) in {
            "random.seed",
            "np.random.seed",
            "numpy.random.seed",
            "torch.manual_seed",
        }:
            if line is not None and len(code.block(line)) > 1:
                yield Change(call, {line: GONE})


@operator(
    "same-again",
    "reproducibility",
    "major",
    "hard",
    title="Something stands in the order of a set",
    teaches="A set has no order that another process knows; what positions mean is a sorted list.",
    source="Python documentation, object.__hash__ and PYTHONHASHSEED",
    mended="Every test passes, in every run. Why, and which test would not?",
    standing="Run it in one process, and again in another. In which order do they stand?",
)
def order_of_a_set(code: Code) -> Iterator[Change]:
    """``sorted({...})`` and ``sorted(... for ...)`` become ``list({...})``."""
    for call in code.all(cst.Call):
        if dotted(call.func) != "sorted" or len(call.args) != 1:
            continue
        value, above = call.args[0].value, code.parents[call]
        counted = isinstance(above, cst.For | cst.CompFor) and re.search(
            r"glob\(|iterdir\(|listdir\(", source(value)
        )
        if isinstance(above, cst.For) or isinstance(code.parents.get(above), cst.DictComp):
            continue  # what is made of it has no order, or an order of its own
        if isinstance(value, cst.Call) and re.search(
            r"^(.*\.)?(glob|rglob|iterdir|listdir)$", dotted(value.func) or last_name(value)
        ):
            if counted:
                yield Change(
                    call, {call: value}, title="Files are read in the order in which the disk has them"
                )
            continue
        is_set = isinstance(value, cst.Set | cst.SetComp) or dotted(getattr(value, "func", None)) in {
            "set",
            "frozenset",
        }
        wrapped = isinstance(above, cst.Arg) and dotted(getattr(code.parents[above], "func", None)) in {
            "tuple",
            "list",
        }
        if is_set:
            yield Change(call, {call: value if wrapped else expression(f"list({source(value)})")})
        elif isinstance(value, cst.GeneratorExp):
            bare = source(value.with_changes(lpar=[], rpar=[])).strip()
            yield Change(call, {call: expression(f"list({{{bare}}})")})


# ── top-to-bottom ────────────────────────────────────────────────────────────────────────────────────────────────────


@operator(
    "top-to-bottom",
    "reproducibility",
    "minor",
    "medium",
    title="A table is cut in a later cell than the first that reads it",
    teaches="A notebook is what it says after Restart and Run All; what a table holds is settled in one cell.",
    source="Pimentel et al., A large-scale study about quality and reproducibility of Jupyter notebooks, MSR 2019",
    mended="The author's own figures were right. How can that be?",
    standing="Restart the notebook and run it from top to bottom. Do you get the author's figures?",
)
def cut_in_a_later_cell(code: Code) -> Iterator[Change]:
    """``rows = rows[...]`` moves to a later cell, below one that reads the rows."""
    if not code.notebook:
        return
    lines = [line for line in code.module.body if isinstance(line, cst.SimpleStatementLine)]
    for line in lines:
        found = assigned(line)
        if found is None or not _narrows(*found):
            continue
        own, name = code.cell_of(line)[0], found[0]
        cells: dict[str, cst.CSTNode] = {}
        for other in code.module.body:
            cell = code.cell_of(other)[0] or ""
            defines = isinstance(other, cst.FunctionDef | cst.ClassDef)
            later = code.lines[other] > code.lines[line] and cell != own and not defines
            if later and re.search(rf"\b{re.escape(name)}\b", code.source(other)):
                cells.setdefault(cell, other)
        reads = list(cells.values())
        if len(reads) >= 2:
            first = reads[1]
            moved = line.with_changes(leading_lines=getattr(first, "leading_lines", ()))
            stays = first.with_changes(leading_lines=[]) if hasattr(first, "leading_lines") else first
            yield Change(line, {line: GONE, first: cst.FlattenSentinel([moved, stays])})


def _narrows(name: str, value: cst.BaseExpression) -> bool:
    """Whether a table becomes a part of itself."""
    return isinstance(value, cst.Subscript) and source(value.value) == name


# ── whole-or-nothing ─────────────────────────────────────────────────────────────────────────────────────────────────


@operator(
    "whole-or-nothing",
    "errors",
    "critical",
    "medium",
    title="An output is written in place",
    teaches="Write beside, then put in place: whoever reads sees the old file or the new one, and never half of one.",
    source="Kleppmann, Designing Data-Intensive Applications, 2017, chapter 7",
    mended="What is promised after a power cut, and by which of the calls?",
    standing="The process dies half-way. What does the reader find?",
)
def written_in_place(code: Code) -> Iterator[Change]:
    """The temporary file goes, and what replaces the output by it."""
    for line in code.all(cst.SimpleStatementLine):
        small = line.body[0]
        if not isinstance(small, cst.Expr) or not isinstance(small.value, cst.Call):
            continue
        pair = _puts_in_place(small.value)
        if pair is None:
            continue
        part, target = pair
        function = code.scope(line)
        made = [one for one in code.all(cst.SimpleStatementLine, within=function)
                if (found := assigned(one)) and found[0] == part]  # fmt: skip
        if len(made) != 1 or not re.search(rf"\b{re.escape(target)}\b", source(made[0])):
            continue
        swaps: dict[Any, New] = {made[0]: GONE, line: GONE}
        for other in code.all(cst.SimpleStatementLine, within=function):
            if re.fullmatch(r"\w+\.flush\(\)|os\.fsync\(.*\)", source(other).strip()):
                swaps[other] = GONE
        for name in code.all(cst.Name, within=function):
            if name.value == part and not any(one in swaps for one in (name, *code.above(name))):
                swaps[name] = expression(target)
        yield Change(line, swaps)


def _puts_in_place(call: cst.Call) -> tuple[str, str] | None:
    """Read ``part.replace(target)`` and ``os.replace(part, target)``."""
    if dotted(call.func) in {"os.replace", "os.rename", "shutil.move"} and len(call.args) == 2:
        part, target = (source(arg.value) for arg in call.args)
    elif last_name(call) in {"replace", "rename"} and len(call.args) == 1 and receiver(call) is not None:
        part, target = source(receiver(call) or call), source(call.args[0].value)
    else:
        return None
    return (part, target) if part.isidentifier() and re.fullmatch(r"[\w.]+", target) else None


@operator(
    "whole-or-nothing",
    "errors",
    "major",
    "easy",
    title="A run that is repeated adds to what the first one wrote",
    teaches="Jobs are run again: the second run replaces what the first one wrote.",
    source=f"{_SRE}, chapter 25",
    mended="How does whoever repeats the run know what is in force?",
    standing="Run it twice. How many lines does the output hold?",
)
def appended_by_every_run(code: Code) -> Iterator[Change]:
    """``to_csv`` appends, or a file is opened to be added to."""
    for call in code.all(cst.Call):
        name, mode = last_name(call), argument(call, "mode", 0 if receiver(call) is not None else 1)
        if name == "to_csv" and call.args and argument(call, "mode") is None and not code.judging(call):
            target = source(call.args[0].value)
            if call.args[0].keyword is None and not mentions(
                call.args[0].value, r"stringio|buffer|stdout|^file$"
            ):
                yield Change(call, {call: with_argument(call, 'mode="a"')} if target else {})
        if name == "open" and mode is not None and literal(mode.value) == "w":
            yield Change(call, {mode.value: cst.SimpleString('"a"')})


# ── loud-failure ─────────────────────────────────────────────────────────────────────────────────────────────────────


@operator(
    "loud-failure",
    "monitoring",
    "critical",
    "easy",
    title="A run that failed ends well",
    teaches="Whoever starts a job reads its exit code and nothing else.",
    source=f"{_SRE}, chapter 10",
    mended="Who is called now when the run fails, and after how long?",
    standing="The run fails. What does the scheduler see?",
)
def failure_ends_well(code: Code) -> Iterator[Change]:
    """In a handler, ``return 1`` becomes ``return 0`` and ``raise`` goes; ``sys.exit(main())`` becomes ``main()``."""
    for handler in code.all(cst.ExceptHandler):
        lines = [line for line in handler.body.body if isinstance(line, cst.SimpleStatementLine)]
        for line in lines:
            small = line.body[0]
            if (
                isinstance(small, cst.Return)
                and isinstance(small.value, cst.Integer)
                and small.value.value != "0"
            ):
                yield Change(line, {small.value: cst.Integer("0")})
            if isinstance(small, cst.Raise) and small.exc is None and len(handler.body.body) > 1:
                yield Change(line, {line: GONE})
            if (
                isinstance(small, cst.Expr)
                and re.fullmatch(r"(sys\.)?exit\([1-9]\)", source(small))
                and len(lines) > 1
            ):
                yield Change(line, {line: GONE})
    for call in code.all(cst.Call):
        inner = call.args[0].value if len(call.args) == 1 else None
        if dotted(call.func) in {"sys.exit", "exit"} or re.fullmatch(r"raise SystemExit", source(call.func)):
            if isinstance(inner, cst.Call) and re.search(r"main|run", last_name(inner)):
                yield Change(call, {call: inner})


@operator(
    "loud-failure",
    "monitoring",
    "critical",
    "medium",
    title="An error is swallowed",
    teaches="Catch what you can answer; let the rest end the run, and say why.",
    source=f"{_SRE}, chapter 10; CWE-390, error condition without action",
    mended="Which of the errors here would you have wanted to hear of?",
    standing="The disk is full. What does this run say?",
)
def error_swallowed(code: Code) -> Iterator[Change]:
    """The line of a handler that raises becomes ``pass``."""
    for handler in code.all(cst.ExceptHandler):
        lines = handler.body.body
        if len(lines) == 1 and isinstance(lines[0], cst.SimpleStatementLine):
            small = lines[0].body[0]
            if isinstance(small, cst.Raise):
                bare = handler.with_changes(body=cst.IndentedBlock([cst.SimpleStatementLine([cst.Pass()])]))
                yield Change(handler, {handler: bare.with_changes(name=None)})


# ── better-or-stay ───────────────────────────────────────────────────────────────────────────────────────────────────

DEPLOYS: Final = re.compile(
    r"^_?(save|dump|deploy|publish|promote|register|release|replace|switch|activate)", re.IGNORECASE
)
BETTER: Final = r"better|promot|improv|accept|champion|challenger|wins"


@operator(
    "better-or-stay",
    "monitoring",
    "critical",
    "medium",
    title="Every refit goes live",
    teaches="A new model is a change like any other: it goes live where it is better on the same fresh data.",
    source=f"{_TEST_SCORE}, Model 7 and Infra 5",
    mended="How far better must it be, given how far the figure swings by itself?",
    standing="The last month was odd. What goes live after it?",
)
def every_refit_goes_live(code: Code) -> Iterator[Change]:
    """``save(new if better else old)`` becomes ``save(new)``; ``if better: save(new)`` loses its condition."""
    for call in code.all(cst.Call):
        if not DEPLOYS.search(last_name(call)):
            continue
        for arg in call.args:
            if isinstance(arg.value, cst.IfExp):
                yield Change(call, {arg.value: arg.value.body})
    for node in code.all(cst.If):
        lines = node.body.body
        if (
            node.orelse is not None
            or isinstance(code.parents[node], cst.If)
            or not mentions(node.test, BETTER)
        ):
            continue
        last = lines[-1]
        if isinstance(last, cst.SimpleStatementLine) and DEPLOYS.search(
            last_name(getattr(last.body[0], "value", last))
        ):
            first, *rest = lines
            first = first.with_changes(leading_lines=node.leading_lines)
            yield Change(node, {node: cst.FlattenSentinel([first, *rest])})


# ── nothing-executed ─────────────────────────────────────────────────────────────────────────────────────────────────


@operator(
    "nothing-executed",
    "security",
    "critical",
    "easy",
    title="What lies on a share is executed by loading it",
    teaches="Unpickling runs what the file says: load data as data.",
    source="CWE-502, Deserialization of untrusted data",
    mended="Who can write where this is read from?",
    standing="Who can write this file, and what can it contain besides data?",
)
def executed_by_loading(code: Code) -> Iterator[Change]:
    """``safe_load`` becomes ``unsafe_load``, ``np.load`` allows pickles, ``literal_eval`` becomes ``eval``."""
    for call in code.all(cst.Call):
        name = dotted(call.func)
        if name == "yaml.safe_load":
            yield Change(call, {call.func: expression("yaml.unsafe_load")})
        if name in {"np.load", "numpy.load"}:
            allowed = argument(call, "allow_pickle")
            if allowed is None or truth(allowed.value, "False"):
                yield Change(call, {call: with_argument(call, "allow_pickle=True")})
        if name == "ast.literal_eval":
            yield Change(call, {call.func: cst.Name("eval")})
        only = argument(call, "weights_only")
        if name == "torch.load" and only is not None and truth(only.value, "True"):
            yield Change(call, {only.value: cst.Name("False")})


# ── private ──────────────────────────────────────────────────────────────────────────────────────────────────────────

LOGS: Final = re.compile(
    r"^(self\.)?_?(log|logger|logging)\.(debug|info|warning|error|exception|critical)$", re.IGNORECASE
)


@operator(
    "private",
    "security",
    "major",
    "easy",
    title="The log holds whole records",
    teaches="Log the id and what went wrong; a record in a log is a copy in a place that nobody guards.",
    source="GDPR, article 5(1)(c); OWASP, Logging cheat sheet",
    mended="The log of last year is still there. What do you do about it?",
    standing="Show the log of a run that meets a faulty record. Who can read it, and for how long?",
)
def record_in_the_log(code: Code) -> Iterator[Change]:
    """The id that is logged becomes the record, and a reader logs what it refuses."""
    for call in code.all(cst.Call):
        if not LOGS.search(dotted(call.func)):
            continue
        for arg in call.args[1:]:
            value = arg.value
            if (
                isinstance(value, cst.Subscript)
                and isinstance(value.value, cst.Name)
                and _of_a_record(source(value))
            ):
                yield Change(call, {value: value.value})
    yield from _refused(code)


def _of_a_record(text: str) -> bool:
    return re.search(r"\[\s*['\"]\w*(id|number|key)['\"]\s*\]$", text) is not None


def _refused(code: Code) -> Iterator[Change]:
    """Let a reader that gives up say what it could not read."""
    logger = next(
        (
            found[0]
            for line in code.module.body
            if (found := assigned(line)) and "getLogger(" in source(found[1])
        ),
        None,
    )
    if logger is None:
        return
    for handler in code.all(cst.ExceptHandler):
        function = code.nearest(handler, cst.FunctionDef)
        lines = handler.body.body
        last = lines[-1]
        gives_up = isinstance(last, cst.SimpleStatementLine) and isinstance(
            last.body[0], cst.Return | cst.Continue
        )
        if function is None or not gives_up or len(lines) != 1:
            continue
        given = [
            param.name.value
            for param in function.params.params
            if re.search(r"record|request|row|application|payload|booking", param.name.value)
        ]
        if len(given) == 1 and not given[0].endswith("s"):
            said = statement(f'{logger}.warning("cannot read %s", {given[0]})\n')
            yield Change(handler, {last: cst.FlattenSentinel([said, last])})
