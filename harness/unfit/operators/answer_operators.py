"""Operators for answers: what comes back, for whom, in time, and from what is remembered."""

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
    constant,
    dotted,
    expression,
    last_name,
    literal,
    mentions,
    receiver,
    source,
    terms,
    truth,
    without,
)

_SRE = "Beyer et al., Site Reliability Engineering, O'Reilly 2016"
_TEST_SCORE = "Breck et al., The ML Test Score, IEEE Big Data 2017"
_VALIDATION = "Breck et al., Data validation for machine learning, MLSys 2019"
RECORD: Final = re.compile(
    r"^(record|request|row|application|booking|payload|message|item|load|event|customer|body)$"
)
"""What requests are called by."""


# ── one-for-one ──────────────────────────────────────────────────────────────────────────────────────────────────────


@operator(
    "one-for-one",
    "errors",
    "major",
    "medium",
    title="Answers come in the order in which they were made, not in that of the requests",
    teaches="Whoever zips answers to requests trusts the order; keep it, or send the id.",
    source=f"{_SRE}; contract of the service",
    mended="Would you rather promise the order or the ids, and why?",
    standing="Send two requests of different kinds, in both orders. In which order do answers come?",
)
def answers_out_of_order(code: Code) -> Iterator[Change]:
    """``[results[key] for key in sorted(results)]`` becomes ``list(results.values())``."""
    for node in code.all(cst.ListComp):
        item, loop = node.elt, node.for_in
        if (
            not isinstance(item, cst.Subscript)
            or loop.ifs
            or loop.inner_for_in
            or not isinstance(item.value, cst.Name)
        ):
            continue
        piece = item.slice[0].slice
        ordered = re.fullmatch(r"(sorted|range)\(.*\)", source(loop.iter)) is not None
        if isinstance(piece, cst.Index) and source(piece.value) == source(loop.target) and ordered:
            if _is_dict(code, node, item.value.value):
                yield Change(node, {node: expression(f"list({item.value.value}.values())")})


def _is_dict(code: Code, node: cst.CSTNode, name: str) -> bool:
    scope = code.scope(node)
    lines = code.all(cst.SimpleStatementLine, within=scope)
    return any(
        found is not None and found[0] == name and isinstance(found[1], cst.Dict)
        for found in map(assigned, lines)
    )


@operator(
    "one-for-one",
    "errors",
    "critical",
    "easy",
    title="What cannot be read gets no answer",
    teaches="Whoever asks waits for an answer: say that there is none.",
    source=f"{_SRE}, chapter 22",
    mended="What does a caller do with an answer that says that there is none?",
    standing="Send three requests of which the second cannot be read. How many answers come?",
)
def unreadable_vanishes(code: Code) -> Iterator[Change]:
    """In a loop, the handler that answers what cannot be read becomes ``continue``."""
    for handler in code.all(cst.ExceptHandler):
        lines = handler.body.body
        if len(lines) != 1 or code.nearest(handler, cst.For) is None or not code.serving(handler):
            continue
        line = lines[0]
        stored = isinstance(line, cst.SimpleStatementLine) and isinstance(line.body[0], cst.Assign)
        if stored and isinstance(line.body[0].targets[0].target, cst.Subscript):  # type: ignore[union-attr]
            yield Change(line, {line: cst.SimpleStatementLine([cst.Continue()])})


# ── independent ──────────────────────────────────────────────────────────────────────────────────────────────────────


@operator(
    "independent",
    "skew",
    "critical",
    "medium",
    title="What was fitted in training is fitted again on the batch",
    teaches="Fit once, on training rows; a service only transforms.",
    source=f"{_TEST_SCORE}, Monitor 3",
    mended="How would a test notice, given that every batch of the tests looks like the training rows?",
    standing="Ask about one row alone, and in a batch. Do you get the same answer?",
    proof=("alone_as_in_company",),
)
def fitted_on_the_batch(code: Code) -> Iterator[Change]:
    """``transform`` becomes ``fit_transform``."""
    for call in code.all(cst.Call):
        front = receiver(call)
        if last_name(call) != "transform" or front is None or len(call.args) != 1 or call.args[0].keyword:
            continue
        if (
            literal(call.args[0].value) is None
            and "groupby" not in source(front)
            and not isinstance(front, cst.Call)
        ):
            assert isinstance(call.func, cst.Attribute)
            yield Change(call, {call.func.attr: cst.Name("fit_transform")})


@operator(
    "independent",
    "skew",
    "major",
    "medium",
    title="Gaps are filled from the batch",
    teaches="What stands in for a gap is learnt in training and kept with the model.",
    source=f"{_TEST_SCORE}, Monitor 3",
    mended="What does a batch of one row fill its gaps with?",
    standing="One row has a gap. Ask about it in two different companies. What do you get?",
    proof=("alone_as_in_company",),
)
def gaps_filled_from_the_batch(code: Code) -> Iterator[Change]:
    """In a service, ``rows.fillna(kept)`` becomes ``rows.fillna(rows.median())``."""
    for call in code.all(cst.Call):
        front, filled = receiver(call), argument(call, "value", 0)
        if last_name(call) != "fillna" or filled is None or front is None or not code.serving(call):
            continue
        if not isinstance(filled.value, cst.Attribute | cst.Name) or constant(source(filled.value)):
            continue
        if isinstance(front, cst.Name):
            yield Change(call, {filled.value: expression(f"{source(front)}.median()")})
            continue
        line, found = code.statement(call), assigned(code.statement(call))
        if line is not None and found is not None and found[1] is call:
            name = found[0]
            more = cst.ensure_type(
                cst.parse_statement(f"{name} = {name}.fillna({name}.median())"), cst.SimpleStatementLine
            )
            yield Change(call, {line: cst.FlattenSentinel([_with_value(line, front), more])})


def _with_value(line: cst.SimpleStatementLine, value: cst.BaseExpression) -> cst.SimpleStatementLine:
    return line.with_changes(body=[line.body[0].with_changes(value=value)])


@operator(
    "independent",
    "skew",
    "major",
    "hard",
    title="Categories are numbered anew in each batch",
    teaches="The number of a category is part of the model: keep the list.",
    source=f"{_TEST_SCORE}, Monitor 3",
    mended="What would a one-hot encoding have changed, and what not?",
    standing="A batch holds one category only. Which number does it get?",
    proof=("alone_as_in_company",),
)
def categories_numbered_by_batch(code: Code) -> Iterator[Change]:
    """``pd.Categorical(x, categories=KNOWN).codes`` becomes ``x.astype("category").cat.codes``."""
    for node in code.all(cst.Attribute):
        call = node.value
        if node.attr.value != "codes" or not isinstance(call, cst.Call) or last_name(call) != "Categorical":
            continue
        values = argument(call, "values", 0)
        if values is not None and argument(call, "categories", 1) is not None:
            yield Change(
                node, {node: expression(f'{source(values.value).rstrip(", ")}.astype("category").cat.codes')}
            )


@operator(
    "independent",
    "skew",
    "critical",
    "hard",
    title="Fields are taken in the order in which they come",
    teaches="Name the fields, in the order in which the model learnt them; what comes may come in any order.",
    source=f"{_TEST_SCORE}, Monitor 3",
    mended="Which library would have refused the wrong order by itself?",
    standing="Send one request twice, with its fields in another order. Do you get the same answer?",
    proof=("any_form",),
)
def fields_in_the_order_of_the_request(code: Code) -> Iterator[Change]:
    """``rows[COLUMNS]`` becomes the columns of ``rows`` that are in ``COLUMNS``, where positions are what is read."""
    for node in code.all(cst.Subscript):
        function = code.nearest(node, cst.FunctionDef)
        if function is None or len(node.slice) != 1 or not isinstance(node.value, cst.Name):
            continue
        piece = node.slice[0].slice
        name = source(piece.value) if isinstance(piece, cst.Index) else ""
        positional = re.search(
            r"to_numpy\(|column_stack\(|hstack\(|np\.(as)?array\(|\.values\b", source(function)
        )
        followed = isinstance(above := code.parents[node], cst.Attribute) and above.attr.value in {
            "astype",
            "to_numpy",
        }
        if constant(name) and _is_list(code, name) and positional and followed:
            rows = source(node.value)
            yield Change(node, {node: expression(f"{rows}[[name for name in {rows} if name in {name}]]")})


def _is_list(code: Code, name: str) -> bool:
    """Whether a constant is no table of this file."""
    values = [
        found[1]
        for line in code.all(cst.SimpleStatementLine)
        if (found := assigned(line)) and found[0] == name
    ]
    return all(isinstance(value, cst.List | cst.Tuple) for value in values)


# ── set-aside ────────────────────────────────────────────────────────────────────────────────────────────────────────


@operator(
    "set-aside",
    "errors",
    "major",
    "easy",
    title="A made-up value goes out as an answer",
    teaches="No answer is an answer that somebody can act on; a made-up one is not.",
    source=f"{_TEST_SCORE}, Monitor 2",
    mended="Whom does a made-up number reach, and what do they do with it?",
    standing="Send something that cannot be read. What would the caller do with what comes back?",
)
def made_up_answer(code: Code) -> Iterator[Change]:
    """The ``None`` that is answered where there is nothing to say becomes a number."""
    for call in code.all(cst.Call):
        if not code.serving(call) or not re.search(
            r"answer|result|reply|respon|held", last_name(call).lower()
        ):
            continue
        for arg in call.args:
            if truth(arg.value, "None") and arg.keyword is None:
                number = "0.5" if mentions(code.module, r"\b(score|risk|probab|proba)") else "0.0"
                yield Change(call, {arg.value: expression(number)})


@operator(
    "set-aside",
    "errors",
    "critical",
    "medium",
    title="No range is checked",
    teaches="What cannot be true by the data card is no input, however well it can be read.",
    source=f"{_TEST_SCORE}, Monitor 2; {_VALIDATION}",
    mended="Who else sends such values, and how would they learn of it?",
    standing="Send the same quantity in a unit a thousand times smaller. What comes back?",
)
def range_not_checked(code: Code) -> Iterator[Change]:
    """A comparison with both ends of a range goes from a condition; ``between`` becomes ``notna``."""
    for node in code.all(cst.BooleanOperation):
        if isinstance(code.parents[node], cst.BooleanOperation):
            continue
        for term, rest in terms(node):
            if isinstance(term, cst.Comparison) and len(term.comparisons) == 2 and not code.watching(node):
                yield Change(node, {node: rest})
    for call in code.all(cst.Call):
        front = receiver(call)
        told = any(
            isinstance(one, cst.If) and call in code.all(cst.Call, within=one.test)
            for one in code.above(call)
        )
        if last_name(call) == "between" and front is not None and not code.watching(call) and not told:
            yield Change(call, {call: expression(f"{source(front)}.notna()")})


@operator(
    "set-aside",
    "monitoring",
    "critical",
    "hard",
    title="An empty field passes every range",
    teaches="Every comparison with nothing is false, so ask whether a value is inside, never whether it is outside.",
    source="IEEE 754; pandas user guide, missing data",
    mended="Which other conditions of this project change when they are turned round?",
    standing="Send an empty field. Which of the comparisons is true?",
)
def empty_passes_every_range(code: Code) -> Iterator[Change]:
    """``(x >= low) & (x <= high)`` becomes ``~((x < low) | (x > high))``."""
    turned = {
        cst.GreaterThanEqual: cst.LessThan(),
        cst.GreaterThan: cst.LessThanEqual(),
        cst.LessThanEqual: cst.GreaterThan(),
        cst.LessThan: cst.GreaterThanEqual(),
    }
    for node in code.all(cst.BinaryOperation):
        sides = (node.left, node.right)
        if not isinstance(node.operator, cst.BitAnd) or not all(
            isinstance(side, cst.Comparison) for side in sides
        ):
            continue
        parts = []
        for side in sides:
            assert isinstance(side, cst.Comparison)
            (first, *more) = side.comparisons
            if more or type(first.operator) not in turned:
                break
            new = side.with_changes(comparisons=[first.with_changes(operator=turned[type(first.operator)])])
            parts.append(source(new))
        lefts = {source(side.left) for side in sides if isinstance(side, cst.Comparison)}
        if len(parts) == 2 and len(lefts) == 1 and not isinstance(code.parents[node], cst.Index):
            yield Change(node, {node: expression(f"~({parts[0]} | {parts[1]})")})


@operator(
    "set-aside",
    "errors",
    "major",
    "medium",
    title="A kind of value that is no number passes for one",
    teaches="Truth values, texts and numbers without end come in where a number is meant: say which kinds are read.",
    source=f"{_VALIDATION}; CWE-1287, improper validation of the type of input",
    mended="Which kinds of value can the form send, and which could another client?",
    standing="Send a truth value, a list and a number without end in place of a number. What comes back?",
)
def kind_not_checked(code: Code) -> Iterator[Change]:
    """A check of the kind or of the end of a number goes from a condition or from what a reader returns."""
    for node in code.all(cst.BooleanOperation):
        if isinstance(node.operator, cst.And) and not code.watching(node):
            bare = (
                node.left.with_changes(lpar=[], rpar=[])
                if isinstance(code.parents[node], cst.If)
                else node.left
            )
            if re.match(r"(not )?(isinstance|math\.isfinite|np\.isfinite)\(", source(node.right)):
                yield Change(
                    node, {node.right: node.right, node: bare} if bare is node.left else {node: bare}
                )
    for choice in code.all(cst.IfExp):
        line = code.statement(choice)
        returned = line is not None and isinstance(line.body[0], cst.Return) and line.body[0].value is choice
        if returned and truth(choice.orelse, "None") and _finite(code, choice):
            yield Change(choice, {choice: choice.body})


def _finite(code: Code, node: cst.IfExp) -> bool:
    """Whether a condition asks for finite numbers, itself or by the name that it is kept under."""
    name, scope = source(node.test), code.scope(node)
    lines = code.all(cst.SimpleStatementLine, within=scope)
    told = [source(found[1]) for line in lines if (found := assigned(line)) and found[0] == name]
    return any(re.search(r"isfinite|isnan|notna|isnull|isinstance", text) for text in (name, *told))


@operator(
    "set-aside",
    "errors",
    "major",
    "easy",
    title="What is wrong with a request is not looked for",
    teaches="Check a request where it comes in; behind the check everything may trust it.",
    source=f"{_VALIDATION}",
    mended="Which other entries lead to the same code, and what checks them?",
    standing="Send a request that breaks the contract. Where is that noticed, and by whom?",
)
def check_taken_away(code: Code) -> Iterator[Change]:
    """``if wrong: raise`` goes, and the first of several branches, which answers what is wrong."""
    for node in code.all(cst.If):
        first = node.body.body[0]
        answers = isinstance(first, cst.SimpleStatementLine) and isinstance(first.body[0], cst.Assign)
        wrong = re.match(r"not [\w.]+\(", source(node.test)) is not None and len(node.body.body) == 1
        if answers and wrong and code.serving(node) and not isinstance(code.parents[node], cst.If):
            if isinstance(node.orelse, cst.If):
                yield Change(node, {node: node.orelse.with_changes(leading_lines=node.leading_lines)})
        lines = node.body.body
        only = lines[0] if len(lines) == 1 else None
        raises = isinstance(only, cst.SimpleStatementLine) and isinstance(only.body[0], cst.Raise)
        alone = node.orelse is None and not isinstance(code.parents[node], cst.If)
        if raises and alone and code.nearest(node, cst.FunctionDef) is not None and len(code.block(node)) > 1:
            yield Change(node, {node: GONE})


@operator(
    "set-aside",
    "errors",
    "critical",
    "medium",
    title="One value that cannot be read stops all",
    teaches="A batch is many people's: what is wrong with one line is no reason to answer nobody.",
    source=f"{_VALIDATION}; {_SRE}, chapter 22",
    mended="Where would you want to learn of such a value?",
    standing="One cell of a column holds a word. What becomes of the other lines?",
)
def one_word_stops_all(code: Code) -> Iterator[Change]:
    """``errors="coerce"`` goes."""
    for call in code.all(cst.Call):
        errors = argument(call, "errors")
        if errors is not None and literal(errors.value) == "coerce":
            yield Change(call, {call: without(call, errors)})


@operator(
    "set-aside",
    "errors",
    "major",
    "hard",
    title="One kind of error of several is caught",
    teaches="Look up what a call can raise; a conversion fails in more than one way.",
    source=f"{_VALIDATION}; Python documentation, built-in exceptions",
    mended="How would you find out what else this can raise?",
    standing="A field is empty, missing, or a word. Which error does each raise?",
)
def one_error_of_several_caught(code: Code) -> Iterator[Change]:
    """``except (TypeError, ValueError)`` becomes ``except ValueError``."""
    for handler in code.all(cst.ExceptHandler):
        if not isinstance(handler.type, cst.Tuple) or len(handler.type.elements) < 2:
            continue
        names = [source(item.value) for item in handler.type.elements]
        kept = next((name for name in ("ValueError", "ConnectionError") if name in names), names[-1])
        away = any(name in {"TimeoutError", "ConnectionError", "OSError"} for name in names)
        yield Change(handler, {handler.type: cst.Name(kept)}, rule="upstream" if away else "")


# ── newcomers ────────────────────────────────────────────────────────────────────────────────────────────────────────


@operator(
    "newcomers",
    "errors",
    "critical",
    "medium",
    title="Who is not in the register vanishes in a join",
    teaches="A join decides who is left: keep the side that asked.",
    source=f"{_TEST_SCORE}, Infra 7",
    mended="How would you notice, in production, that rows are lost in a join?",
    standing="A request names a place that the register lacks. How many answers come back?",
)
def lost_in_the_join(code: Code) -> Iterator[Change]:
    """``how="left"`` becomes an inner join."""
    for call in code.all(cst.Call):
        how, name = argument(call, "how"), last_name(call)
        if how is not None and literal(how.value) == "left" and name in {"merge", "join"}:
            new: cst.CSTNode = without(call, how)
            yield Change(call, {call: new} if name == "merge" else {how.value: cst.SimpleString('"inner"')})


@operator(
    "newcomers",
    "errors",
    "critical",
    "medium",
    title="What the service meets for the first time raises",
    teaches="Production meets what training did not: decide what then, and write it down.",
    source=f"{_TEST_SCORE}, Infra 7; {_SRE}, chapter 22",
    mended="How long does it take until a newcomer is no longer one?",
    standing="A request names a category that training never met. What comes back, and for whom?",
)
def newcomer_raises(code: Code) -> Iterator[Change]:
    """A default goes: of ``get``, ``reindex``, ``x or {}``, ``handle_unknown``, or ``if key in known``."""
    for call in code.all(cst.Call):
        front, name = receiver(call), last_name(call)
        unknown = argument(call, "handle_unknown")
        if unknown is not None and literal(unknown.value) in {
            "ignore",
            "use_encoded_value",
            "infrequent_if_exist",
        }:
            yield Change(call, {call: without(call, unknown, argument(call, "unknown_value"))})
        if (
            name == "get"
            and front is not None
            and isinstance(front, cst.Attribute)
            and _looks_up(code, call, front)
        ):
            yield Change(call, {call: expression(f"{source(front)}[{source(call.args[0].value)}]")})
        if name == "reindex" and front is not None and len(call.args) == 1 and call.args[0].keyword is None:
            yield Change(call, {call: expression(f"{source(front)}.loc[{source(call.args[0].value)}]")})
    for node in code.all(cst.BooleanOperation):
        empty = isinstance(node.right, cst.Dict | cst.List | cst.Tuple) and not node.right.elements
        if isinstance(node.operator, cst.Or) and empty and isinstance(node.left, cst.Name):
            yield Change(node, {node: node.left.with_changes(lpar=[], rpar=[])})
    for loop in code.all(cst.CompFor):
        if len(loop.ifs) == 1 and re.fullmatch(r"(\w+) in [\w.]+", source(loop.ifs[0].test)):
            tested, known = source(loop.ifs[0].test).split(" in ")
            looked = any(f"{known}[{tested}]" in source(node) for node in code.all(cst.Subscript))
            if looked:
                yield Change(loop, {loop: loop.with_changes(ifs=[])})


@operator(
    "set-aside",
    "errors",
    "major",
    "medium",
    title="A request that lacks a field raises",
    teaches="A field that is empty and a field that is not sent are the same to whoever sends them.",
    source=f"{_VALIDATION}",
    mended="Which of the fields may be missing, and where does it say so?",
    standing="Leave a field out of one request of three. What comes back?",
)
def missing_field_raises(code: Code) -> Iterator[Change]:
    """``request.get(field)`` becomes ``request[field]``."""
    for call in code.all(cst.Call):
        front = receiver(call)
        asked = isinstance(front, cst.Name) and RECORD.search(front.value) is not None
        if last_name(call) == "get" and front is not None and asked and _looks_up(code, call, front):
            yield Change(call, {call: expression(f"{source(front)}[{source(call.args[0].value)}]")})


def _looks_up(code: Code, call: cst.Call, front: cst.BaseExpression) -> bool:
    """Whether ``get`` looks a key up in a table of what is known."""
    plain = len(call.args) in {1, 2} and not any(arg.keyword for arg in call.args)
    if not plain or literal(call.args[0].value) is not None or isinstance(front, cst.Call):
        return False
    away = re.search(r"environ|args|session|store|client|cache|rows|registry", source(front).lower())
    return code.serving(call) and away is None


@operator(
    "newcomers",
    "errors",
    "critical",
    "medium",
    title="Who was never met before is answered like anybody",
    teaches="A model says something about everything; only the service knows what it never learnt.",
    source=f"{_TEST_SCORE}, Infra 7",
    mended="What would a number for something unknown be worth, and to whom?",
    standing="Ask about a kind that training never met. On what does the answer rest?",
)
def newcomer_not_noticed(code: Code) -> Iterator[Change]:
    """The branch, or the term of a condition, that sets newcomers aside goes."""
    for node in code.all(cst.If):
        test = source(node.test)
        if re.search(r"\bnot in\b", test) and isinstance(code.parents[node], cst.If) and code.serving(node):
            above = code.parents[node]
            assert isinstance(above, cst.If)
            if above.orelse is node and node.orelse is not None:
                yield Change(node, {above: above.with_changes(orelse=node.orelse)})
    for op in code.all(cst.BinaryOperation):
        if not isinstance(op.operator, cst.BitAnd) or isinstance(code.parents[op], cst.BinaryOperation):
            continue
        for term, rest in terms(op):
            name = source(term)
            told = [source(found[1]) for line in code.all(cst.SimpleStatementLine, within=code.scope(op))
                    if (found := assigned(line)) and found[0] == name]  # fmt: skip
            if any(".isin(" in text for text in told):
                yield Change(op, {op: rest})


# ── upstream ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@operator(
    "upstream",
    "errors",
    "critical",
    "easy",
    title="Something is asked without a deadline",
    teaches="Without a deadline the slowest of those whom you ask decides how fast you are.",
    source=f"{_SRE}, chapter 22; Nygard, Release It!, 2018",
    mended="From what did you take the deadline, and what happens to the thread that waits?",
    standing="What is answered, and when, while the one who is asked says nothing?",
)
def deadline_taken_away(code: Code) -> Iterator[Change]:
    """``timeout=`` goes from a call."""
    for call in code.all(cst.Call):
        timeout = argument(call, "timeout")
        if timeout is not None and not truth(timeout.value, "None"):
            yield Change(call, {call: without(call, timeout)})
        blocking = argument(call, "blocking")
        if blocking is not None and last_name(call) == "acquire" and truth(blocking.value, "False"):
            yield Change(call, {call: without(call, blocking)})


@operator(
    "upstream",
    "errors",
    "critical",
    "medium",
    title="When something that is asked fails, everything fails",
    teaches="What is asked of others fails some day: decide beforehand what is answered then.",
    source=f"{_SRE}, chapter 22",
    mended="How does whoever reads the answer see that it is a substitute?",
    standing="The one who is asked refuses for a minute. What do the callers get?",
)
def failure_goes_through(code: Code) -> Iterator[Change]:
    """A ``try`` that falls back is taken away."""
    for node in code.all(cst.Try):
        block = code.parents[node]
        if (
            len(node.handlers) != 1
            or node.finalbody
            or node.orelse
            or not isinstance(block, cst.IndentedBlock)
        ):
            continue
        handler = node.handlers[0]
        caught = source(handler.type) if handler.type is not None else "Exception"
        last = handler.body.body[-1]
        small = last.body[0] if isinstance(last, cst.SimpleStatementLine) else None
        ends = isinstance(small, cst.Return | cst.Assign | cst.Continue)
        away = re.search(
            r"OSError|IOError|TimeoutError|ConnectionError|RequestException|HTTPError|KeyError", caught
        )
        if not away or not ends or (isinstance(small, cst.Return) and truth(small.value, "None")):
            continue
        if isinstance(small, cst.Continue) and code.nearest(node, cst.For) is None:
            continue
        first, *rest = node.body.body
        if hasattr(first, "leading_lines"):
            first = first.with_changes(leading_lines=[*node.leading_lines, *first.leading_lines])
        yield Change(node, {node: cst.FlattenSentinel([first, *rest])})


# ── bounded ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@operator(
    "bounded",
    "serving",
    "critical",
    "medium",
    title="What is remembered grows without a bound",
    teaches="A cache without a bound is a leak with a good reputation.",
    source=f"{_SRE}, chapter 21",
    mended="From what did you take the bound, and what happens at it?",
    standing="A million strangers ask once each. How much memory does the service need then?",
)
def remembered_without_bound(code: Code) -> Iterator[Change]:
    """The size goes from a cache, or ``maxlen`` from a queue."""
    for call in code.all(cst.Call):
        name = last_name(call)
        size = argument(call, "maxsize", 0)
        if size is None or truth(size.value, "None"):
            size = None
        if name == "lru_cache" and size is not None:
            yield Change(call, {size.value: cst.Name("None")})
        if name in {"TTLCache", "LRUCache", "LFUCache", "FIFOCache"} and size is not None:
            yield Change(call, {size.value: expression('float("inf")')})
        longest = argument(call, "maxlen")
        if name == "deque" and longest is not None:
            yield Change(call, {call: without(call, longest)})


@operator(
    "bounded",
    "serving",
    "major",
    "easy",
    title="Something heavy is loaded for every request",
    teaches="Load what is heavy once, and look seldom whether there is something newer.",
    source=f"{_SRE}, chapter 21",
    mended="How does a new version come into force now, and how fast?",
    standing="How many files are opened for a hundred requests?",
)
def loaded_for_every_request(code: Code) -> Iterator[Change]:
    """The condition under which something is loaded goes, or the memory of a function that loads."""
    for node in code.all(cst.If):
        lines = node.body.body
        only = lines[0] if len(lines) == 1 and node.orelse is None else None
        if not isinstance(only, cst.SimpleStatementLine) or isinstance(code.parents[node], cst.If):
            continue
        small = only.body[0]
        loads = isinstance(small, cst.Assign) and re.search(
            r"(^|_)(load|read|fetch|open)", last_name(small.value)
        )
        test = source(node.test)
        kept = isinstance(small, cst.Assign) and isinstance(
            small.targets[0].target, cst.Attribute | cst.Subscript
        )
        if loads and kept and re.search(r" is None| not in | != |^not ", test):
            yield Change(node, {node: only.with_changes(leading_lines=node.leading_lines)})
    for function in code.all(cst.FunctionDef):
        for decorator in function.decorators:
            cached = last_name(decorator.decorator) in {"cache", "lru_cache", "cached"}
            if cached and re.search(r"load|read|fetch|model|open", function.name.value):
                yield Change(function, {decorator: GONE})


# ── keyed ────────────────────────────────────────────────────────────────────────────────────────────────────────────

PART: Final = re.compile(
    r"version|model|day|date|hour|month|lang|locale|tenant|unit|currency|region|region|n$"
)


@operator(
    "keyed",
    "serving",
    "major",
    "medium",
    title="What is remembered is remembered without a part that it depends on",
    teaches="A key names everything on which the value depends; a version is such a thing.",
    source="Sculley et al., Hidden technical debt in machine learning systems, NeurIPS 2015",
    mended="On what else does the answer depend, and may it change while the process lives?",
    standing="A new version comes into force. What does somebody get who asked a minute ago?",
)
def key_without_a_part(code: Code) -> Iterator[Change]:
    """A part goes from a key under which something is kept and looked up."""
    found: dict[str, list[cst.Tuple]] = {}
    for node in code.all(cst.Tuple):
        above = code.parents[node]
        call = code.parents.get(above)
        asked = isinstance(above, cst.Arg) and isinstance(call, cst.Call) and call.args[0] is above
        if (asked and last_name(call) in {"get", "put", "set", "pop", "add"}) or isinstance(above, cst.Index):
            found.setdefault(source(node), []).append(node)
    for uses in found.values():
        if len(uses) < 2:
            continue
        for at, item in enumerate(uses[0].elements):
            if not PART.search(source(item.value).lower().split(".")[-1]):
                continue
            left = [source(one.value) for other, one in enumerate(uses[0].elements) if other != at]
            key = left[0] if len(left) == 1 else f"({', '.join(left)})"
            yield Change(uses[0], {use: expression(key) for use in uses})


@operator(
    "keyed",
    "serving",
    "major",
    "hard",
    title="An answer changes what it was handed",
    teaches="What somebody else still holds is copied before it is changed.",
    source="Python documentation, programming FAQ: mutable arguments",
    mended="How would you make such a change impossible instead of unlikely?",
    standing="Ask twice in one process, with the same objects. Do you get the same answer?",
)
def argument_changed_in_place(code: Code) -> Iterator[Change]:
    """``x = y.copy()`` becomes ``x = y`` where ``x`` is changed afterwards."""
    for line in code.all(cst.SimpleStatementLine):
        found = assigned(line)
        if found is None or not isinstance(found[1], cst.Call) or code.nearest(line, cst.FunctionDef) is None:
            continue
        name, call = found
        assert isinstance(call, cst.Call)
        text, scope = source(code.scope(line)), re.escape(name)
        changed = re.search(
            rf"\b{scope}(\.(i?loc|at|iat))?\[[^\]]*\] [-+*/|]?= |del {scope}\["
            rf"|\b{scope}\.(append|remove|update|pop|insert|sort|extend)\(",
            text,
        )
        front = receiver(call)
        if changed is None:
            continue
        if last_name(call) == "copy" and front is not None and not call.args and isinstance(front, cst.Name):
            yield Change(line, {call: front} if name != front.value else {line: GONE})
        if (
            dotted(call.func) in {"dict", "list", "copy.copy", "copy.deepcopy", "deepcopy"}
            and len(call.args) == 1
        ):
            value = call.args[0].value
            if call.args[0].keyword is None and isinstance(value, cst.Name | cst.Attribute | cst.Subscript):
                yield Change(line, {call: value})


@operator(
    "keyed",
    "serving",
    "major",
    "hard",
    title="Several threads change the same thing at once",
    teaches="Reading, deciding and writing are three steps; another thread runs between them.",
    source="Python documentation, threading; Goetz et al., Java Concurrency in Practice, 2006",
    mended="Which operations would have been safe without the lock, and who promises that?",
    standing="Sixteen threads do this at the same moment. What can be lost?",
)
def lock_taken_away(code: Code) -> Iterator[Change]:
    """``with lock:`` goes wherever one class or module takes the lock."""
    taken: dict[tuple[int, str], list[cst.With]] = {}
    for node in code.all(cst.With):
        name = source(node.items[0].item) if len(node.items) == 1 else ""
        if re.search(r"lock|mutex", name.lower()) and isinstance(code.parents[node], cst.IndentedBlock):
            owner = code.nearest(node, cst.ClassDef)
            taken.setdefault((id(owner), name), []).append(node)
    for nodes in taken.values():
        swaps: dict[Any, New] = {}
        for node in nodes:
            first, *rest = node.body.body
            if not isinstance(first, cst.SimpleStatementLine | cst.BaseCompoundStatement):
                break
            first = first.with_changes(leading_lines=[*node.leading_lines, *first.leading_lines])
            swaps[node] = cst.FlattenSentinel([first, *rest])
        if len(swaps) == len(nodes):
            counts = code.named(nodes[0], "metric|stats|count")
            yield Change(nodes[0], swaps, rule="numbers-for-on-call" if counts else "")
