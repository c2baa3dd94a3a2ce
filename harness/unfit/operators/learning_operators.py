"""Operators for what is learnt: splits, moments, outcomes, lines that count, and what a field means."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

import libcst as cst

from unfit.operators.changing import GONE, Change, New
from unfit.operators.code import Code
from unfit.operators.operator import operator
from unfit.operators.splits import HELD, TRAINED, TUNED, folds, wholes
from unfit.operators.syntax import (
    argument,
    assigned,
    constant,
    dotted,
    expression,
    last_name,
    literal,
    mentions,
    names_in,
    receiver,
    source,
    terms,
    truth,
    with_argument,
    without,
)

_KAPOOR = "Kapoor & Narayanan, Leakage and the reproducibility crisis, Patterns 2023"
_DEBT = "Sculley et al., Hidden technical debt in machine learning systems, NeurIPS 2015"
_QUALITY = "Batini & Scannapieco, Data and Information Quality, Springer 2016"
_TEST_SCORE = "Breck et al., The ML Test Score, IEEE Big Data 2017"

FITTED: Final = re.compile(
    r"(Scaler|Imputer|Encoder|Normalizer|Vectorizer|Discretizer|Transformer|Binarizer|"
    r"SelectKBest|SelectPercentile|SelectFromModel|RFE|RFECV|PCA|TruncatedSVD|NMF)$"
)
"""Classes of what is fitted before the model is."""
MARGIN: Final = re.compile(r"GAP|EMBARGO|HORIZON|PURGE|MATUR|SETTLE|LAG", re.IGNORECASE)
LEAD: Final = re.compile(r"LEAD|HORIZON|AHEAD|BEFORE", re.IGNORECASE)


# ── known-then ───────────────────────────────────────────────────────────────────────────────────────────────────────


@operator(
    "known-then",
    "skew",
    "critical",
    "medium",
    title="The latest row is joined instead of the one in force at the moment",
    teaches="A table with a history is joined as of the moment that a row speaks of; its latest row is the future.",
    source=f"{_KAPOOR}, type L3.1",
    mended="Which other tables have a history, and how would a test notice a join that ignores it?",
    standing="Take a row of last year. Which row of the joined table does it get, and from when is that?",
    proof=("learns_the_same",),
)
def latest_row_joined(code: Code) -> Iterator[Change]:
    """``merge_asof`` becomes ``merge`` with the last row of each key."""
    for call in code.all(cst.Call):
        by, on = argument(call, "by"), argument(call, "on")
        left, right = argument(call, "left", 0), argument(call, "right", 1)
        if last_name(call) != "merge_asof" or by is None or left is None or right is None:
            continue
        if argument(call, "left_on") is None and on is None:
            continue
        key, table = source(by.value), _chained(right.value)
        last = f'{table}.drop_duplicates({key}, keep="last")'
        if on is not None:
            last += f".drop(columns={source(on.value)})"
        joined = f'{_chained(left.value)}.merge({last}, on={key}, how="left")'
        yield Change(call, {call: expression(joined)})


def _chained(node: cst.BaseExpression) -> str:
    """Write an expression so that a method can be called on it."""
    plain = isinstance(node, cst.Name | cst.Attribute | cst.Call | cst.Subscript)
    return source(node) if plain else f"({source(node)})"


@operator(
    "known-then",
    "leakage",
    "critical",
    "easy",
    title="Dated rows are split at random",
    teaches="Who will be asked about tomorrow is judged on days after those that were learnt from.",
    source=f"{_KAPOOR}, type L3.1",
    mended="How much of the figure was the future, and how would you show it to whoever reads the report?",
    standing="Take one held-out row. Which days were learnt from to judge it?",
    proof=("judges_the_same",),
)
def dated_rows_shuffled(code: Code) -> Iterator[Change]:
    """``TimeSeriesSplit`` becomes a shuffled ``KFold``; ``shuffle=False`` goes from ``train_test_split``."""
    for call in code.all(cst.Call):
        name = last_name(call)
        if name == "TimeSeriesSplit":
            count = argument(call, "n_splits", 0)
            parts = [*([source(count)] if count else []), "shuffle=True", f"random_state={_seed(code)}"]
            front = dotted(call.func).removesuffix(name)
            needs = () if front else (("sklearn.model_selection", "KFold"),)
            text = source(count).strip().rstrip(",") if count else ""
            parts = [*([text] if text else []), *parts[-2:]]
            yield Change(call, {call: expression(f"{front}KFold({', '.join(parts)})")}, needs=needs)
        shuffled = argument(call, "shuffle")
        if name == "train_test_split" and shuffled and truth(shuffled.value, "False"):
            yield Change(call, {call: without(call, shuffled)})

    yield from _drawn(code)


def _drawn(code: Code) -> Iterator[Change]:
    """Two parts of a table, before and from a quantile of a date on, become ``train_test_split``."""
    lines = [line for line in code.all(cst.SimpleStatementLine) if assigned(line) is not None]
    for line in lines:
        found = assigned(line)
        call = found[1] if found is not None else None
        if (
            found is None
            or not isinstance(call, cst.Call)
            or last_name(call) != "quantile"
            or len(call.args) != 1
        ):
            continue
        share = re.fullmatch(r"1 - ([\w.]+)", source(call.args[0].value))
        held = [one for one in lines if (two := assigned(one)) and _cut(two[1], found[0], late=True)]
        past = [one for one in lines if (two := assigned(one)) and _cut(two[1], found[0], late=False)]
        if share is None or len(held) != 1 or len(past) != 1 or code.block(line) != code.block(held[0]):
            continue
        (test, rows), (train, _) = (assigned(held[0]), assigned(past[0]))  # type: ignore[misc]
        table = source(cst.ensure_type(rows, cst.Subscript).value)
        text = (
            f"{train}, {test} = train_test_split({table}, test_size={share[1]}, random_state={_seed(code)})"
        )
        new = cst.ensure_type(cst.parse_statement(text), cst.SimpleStatementLine)
        first = new.with_changes(leading_lines=line.leading_lines)
        swaps: dict[Any, New] = {line: first, held[0]: GONE, past[0]: GONE}
        yield Change(line, swaps, needs=(("sklearn.model_selection", "train_test_split"),))


def _cut(value: cst.BaseExpression, at: str, *, late: bool) -> bool:
    """Whether a value is the part of a table from a name on, or before it."""
    if not isinstance(value, cst.Subscript) or not isinstance(value.value, cst.Name):
        return False
    signs = ">=?" if late else "<=?"
    return re.search(rf" {signs} {re.escape(at)}\]$", source(value)) is not None


def _seed(code: Code) -> str:
    """Name the seed that the file has, else a usual one."""
    return next((name for name in ("SEED", "RANDOM_STATE", "RANDOM_SEED", "seed") if name in code.words), "0")


@operator(
    "known-then",
    "leakage",
    "major",
    "medium",
    title="A rolling window is centred, so it looks ahead",
    teaches="A window that describes a moment ends before it.",
    source=f"{_KAPOOR}, type L3.1",
    mended="How would you test that a feature of a day does not change when later days do?",
    standing="Change a number of next week. Does the feature of today move?",
    proof=("learns_the_same",),
)
def centred_window(code: Code) -> Iterator[Change]:
    """``rolling`` gets ``center=True``."""
    for call in code.all(cst.Call):
        if last_name(call) == "rolling" and call.args and argument(call, "center") is None:
            yield Change(call, {call: with_argument(call, "center=True")})


@operator(
    "known-then",
    "leakage",
    "major",
    "hard",
    title="A value of the moment itself counts among those before it",
    teaches="What a row is asked about is no part of what is known of it: the window ends before the row.",
    source=f"{_KAPOOR}, type L2",
    mended="When does the number of a row become known, and where is that written down?",
    standing="Change the outcome of one row. Does a feature of the same row move?",
    proof=(
        "learns_the_same",
        "judges_the_same",
    ),
)
def moment_counts_itself(code: Code) -> Iterator[Change]:
    """``shift(1)`` goes, ``closed="left"`` goes, ``side="left"`` becomes ``"right"``, ``allow_exact_matches`` goes."""
    for call in code.all(cst.Call):
        name, front = last_name(call), receiver(call)
        if name == "shift" and front is not None and len(call.args) <= 1:
            by = argument(call, "periods", 0)
            above = code.parents[call]
            if (by is None or source(by.value) == "1") and isinstance(above, cst.Attribute):
                if above.attr.value in {"rolling", "expanding", "ewm", "cumsum", "cummax", "cummin"}:
                    yield Change(call, {call: front})
        closed, side = argument(call, "closed"), argument(call, "side")
        if name == "rolling" and closed and literal(closed.value) == "left":
            yield Change(call, {call: without(call, closed)})
        if name == "searchsorted" and side and literal(side.value) == "left":
            yield Change(call, {side.value: expression('"right"')})
        exact = argument(call, "allow_exact_matches")
        if name == "merge_asof" and exact and truth(exact.value, "False"):
            yield Change(call, {call: without(call, exact)})


@operator(
    "known-then",
    "leakage",
    "critical",
    "medium",
    title="What happened after the moment is not left out",
    teaches="What is summed up for a moment ends at the moment, also in the rows of the past.",
    source=f"{_KAPOOR}, type L3.1",
    mended="How would you make the moment a part of every query, so that nobody can forget it?",
    standing="A row of last year sums up a history. Up to which day?",
    proof=("learns_the_same",),
)
def later_rows_counted(code: Code) -> Iterator[Change]:
    """The term that keeps later rows out goes from a filter of two terms."""
    for piece in code.all(cst.Index):
        for term, rest in terms(piece.value):
            if _after_nought(term):
                yield Change(piece, {piece.value: rest})


def _after_nought(term: cst.BaseExpression) -> bool:
    """Whether a term says that a span of time is positive, as ``age > pd.Timedelta(0)`` does."""
    if not isinstance(term, cst.Comparison) or len(term.comparisons) != 1:
        return False
    right = term.comparisons[0]
    span = re.fullmatch(r"(\w+\.)?[Tt]imedelta\((\w+=)?0\)", source(right.comparator))
    return span is not None and isinstance(right.operator, cst.GreaterThan | cst.GreaterThanEqual)


@operator(
    "known-then",
    "leakage",
    "critical",
    "medium",
    title="Rows are described as of the event, not as of the moment of the forecast",
    teaches="A forecast that is made hours ahead is learnt from and judged on what was known hours ahead.",
    source=f"{_KAPOOR}, type L2",
    mended="Which features change most in the last hours, and what does that say about the figure?",
    standing="At which moment is a row described here, and at which moment is it asked for?",
    proof=("judges_the_same",),
)
def described_at_the_event(code: Code) -> Iterator[Change]:
    """``moment - LEAD`` becomes ``moment``."""
    for node in code.all(cst.BinaryOperation):
        name = source(node.right)
        if isinstance(node.operator, cst.Subtract) and constant(name) and LEAD.search(name):
            yield Change(node, {node: node.left}, rule="as-in-service" if code.judging(node) else "")


@operator(
    "known-then",
    "leakage",
    "critical",
    "medium",
    title="A column of the data that the model did not read is a feature",
    teaches="A column may be a feature when it is filled, with the same meaning, at the moment of the question.",
    source=f"{_KAPOOR}, type L2",
    mended="How would you find out, for every column, when it is filled and by whom?",
    standing="At which moment is this column filled in, and by whom?",
    proof=("learns_the_same",),
)
def further_column_read(code: Code) -> Iterator[Change]:
    """A column of the project's data joins a list or a table of features; a telling one breaks another rule."""
    for line in code.all(cst.SimpleStatementLine):
        found = assigned(line)
        if found is None or not constant(found[0]) or line not in code.module.body:
            continue
        value = found[1]
        if isinstance(value, cst.List):
            yield from _listed(code, line, value)
        elif isinstance(value, cst.Dict):
            yield from _levelled(code, line, value)


PERSONAL: Final = re.compile(
    r"gender|sex$|race|ethnic|religio|national|disab|marital|pregnan|college|school|activit"
)


def _columns(code: Code, known: list[str | None]) -> Iterator[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    """Columns of the table that holds all the known ones: those that no code names, with the known one's values."""
    if not known or None in known:
        return
    for columns in code.tables.values():
        if not all(name in columns for name in known):
            continue
        for name, values in columns.items():
            told = {value for value in values if value}
            listed = any(";" in value for value in columns[known[0] or ""])
            alike = listed == any(";" in value for value in told)
            if name not in code.quoted and name not in code.learnt and told and alike:
                yield name, tuple(sorted(told)), columns[known[0] or ""]
        return


def _listed(code: Code, line: cst.SimpleStatementLine, value: cst.List) -> Iterator[Change]:
    known = [literal(item.value) for item in value.elements]
    for name, own, theirs in _columns(code, known):
        if _numeric(own) == _numeric([one for one in theirs if one]) and not re.search(r"(^|_)id$", name):
            text = source(value).rstrip()
            body = text[1:-1].rstrip()
            end = ",\n]" if body.endswith(",") else "]"
            sep = "\n    " if body.endswith(",") else ", "
            joined = f'[{body}{"" if body.endswith(",") else ","}{sep.lstrip(",")}"{name}"{end}'
            yield _column(line, value, joined, name)


def _levelled(code: Code, line: cst.SimpleStatementLine, value: cst.Dict) -> Iterator[Change]:
    items = [item for item in value.elements if isinstance(item, cst.DictElement)]
    if len(items) != len(value.elements) or not all(isinstance(item.value, cst.List) for item in items):
        return
    known = [literal(item.key) for item in items]
    for name, own, _ in _columns(code, known):
        if 2 <= len(own) <= 15 and not _numeric(own):
            levels = ", ".join(f'"{level}"' for level in own)
            body = source(value).rstrip()[1:-1].rstrip().rstrip(",")
            yield _column(line, value, f'{{{body},\n    "{name}": [{levels}],\n}}', name)


def _column(line: cst.SimpleStatementLine, value: cst.CSTNode, text: str, name: str) -> Change:
    personal = PERSONAL.search(name)
    title = f"Who somebody is, or what tells it, is a feature: `{name}`" if personal else ""
    return Change(line, {value: expression(text)}, rule="even-handed" if personal else "", title=title)


def _numeric(values: tuple[str, ...] | list[str]) -> bool:
    return bool(values) and all(re.fullmatch(r"-?\d+(\.\d*)?(e[+-]?\d+)?", value) for value in values)


# ── kept-apart ───────────────────────────────────────────────────────────────────────────────────────────────────────


@operator(
    "kept-apart",
    "leakage",
    "minor",
    "easy",
    title="What prepares the rows is fitted on all of them, held-out rows included",
    teaches="Scaling, filling and selecting are learning: they belong after the split, on the training rows.",
    source=f"{_KAPOOR}, types L1.2 and L1.3",
    mended="The figure hardly moves. Why mend it all the same, and when would it move much?",
    standing="Which rows is this step fitted on? Which of them are held out?",
)
def prepared_on_all_rows(code: Code) -> Iterator[Change]:
    """The training rows that a scaler, an imputer, a selection or a mean is fitted on become all rows."""
    known = wholes(code)
    for call in code.all(cst.Call):
        name = last_name(call)
        if name in {"fit", "fit_transform"} and _prepares(code, receiver(call)):
            swaps = {use: expression(all_rows) for use, all_rows in _training(code, call, known)}
            if swaps:
                yield Change(call, swaps)
        if name in {"median", "mean", "mode", "std", "quantile"} and not _aggregated(call):
            front = receiver(call)
            rows = front and folds(front)
            if front is not None and rows is not None and _fills(code, call):
                yield Change(call, {front: rows})
            elif isinstance(front, cst.Name) and front.value in known and _fills(code, call):
                yield Change(call, {front: expression(known[front.value])})


def _aggregated(call: cst.Call) -> bool:
    return "groupby" in source(call)


def _fills(code: Code, call: cst.Call) -> bool:
    """Whether a figure is kept under a name by which something is filled or scaled."""
    found = assigned(code.statement(call))
    return found is not None and any(
        last_name(other) in {"fillna", "sub", "div", "where", "clip"}
        and any(found[0] in names_in(arg.value) for arg in other.args)
        for other in code.all(cst.Call)
    )


def _prepares(code: Code, front: cst.BaseExpression | None) -> bool:
    if isinstance(front, cst.Call):
        return FITTED.search(last_name(front)) is not None
    name = source(front) if front is not None else ""
    return any(
        FITTED.search(last_name(found[1])) is not None
        for found in map(assigned, code.all(cst.SimpleStatementLine))
        if found is not None and found[0] == name and isinstance(found[1], cst.Call)
    )


def _training(code: Code, call: cst.Call, known: dict[str, str]) -> Iterator[tuple[cst.BaseExpression, str]]:
    """Each use of training rows in the arguments of a call, with the code of all rows."""
    for node in code.all(cst.Subscript, within=call):
        if (rows := folds(node)) is not None:
            yield node, source(rows)
    for name in code.all(cst.Name, within=call):
        if (name.value in known and not isinstance(code.parents[name], cst.Attribute | cst.Arg)) or (
            isinstance(code.parents[name], cst.Arg) and name.value in known
        ):
            yield name, known[name.value]


@operator(
    "kept-apart",
    "leakage",
    "critical",
    "easy",
    title="The model is fitted on the rows that it is judged on, too",
    teaches="A row that taught the model says nothing about rows that did not.",
    source=f"{_KAPOOR}, type L1.1",
    mended="How would a test in the pipeline notice that a row is on both sides?",
    standing="Which rows is the model of the evaluation fitted on?",
)
def fitted_on_everything(code: Code) -> Iterator[Change]:
    """In an evaluation, ``fit(rows[~held])`` becomes ``fit(rows)``, also where the rows are tidied first."""
    for call in code.all(cst.Call):
        found = assigned(code.statement(call))
        fits = re.fullmatch(r"fit|train|fit_model|train_model", last_name(call)) is not None
        prepares = found is not None and found[1] is call and TRAINED.search(found[0]) is not None
        if not (fits or prepares) or not code.judging(call):
            continue
        for arg in call.args:
            value = arg.value
            if (
                isinstance(value, cst.Subscript)
                and isinstance(value.value, cst.Name)
                and len(value.slice) == 1
            ):
                piece = value.slice[0].slice
                if isinstance(piece, cst.Index) and re.fullmatch(r"~\w+", source(piece.value)):
                    yield Change(call, {value: value.value})


@operator(
    "kept-apart",
    "leakage",
    "minor",
    "hard",
    title="A choice is made on the rows that are reported",
    teaches="A threshold, a strength, a model that is chosen is learnt: choose it on rows that no figure is made of.",
    source="Yang et al., Data Leakage in Notebooks, ASE 2022: multi-test leakage",
    mended="How much does one choice flatter a report of so many rows? How would you measure it?",
    standing="Which rows decided this, and which rows is the report made of?",
)
def chosen_on_the_test_rows(code: Code) -> Iterator[Change]:
    """The rows that are for choosing become those that are for reporting."""
    names = {node.value for node in code.all(cst.Name)}
    pairs = {name: held for name in names if TUNED.search(name) for held in names if _twin(name, held)}
    for line in code.all(cst.SimpleStatementLine):
        if isinstance(line.body[0], cst.Assign) and len(line.body) == 1:
            value = line.body[0].value
            uses = [node for node in code.all(cst.Name, within=value) if node.value in pairs]
            uses += [value] if isinstance(value, cst.Name) and value.value in pairs else []
            if uses and isinstance(value, cst.Call):
                yield Change(line, {node: cst.Name(pairs[node.value]) for node in uses})


def _twin(name: str, held: str) -> bool:
    """Whether a name of held-out rows is that of the rows for choosing, but for the word that tells them apart."""
    return bool(HELD.search(held)) and TUNED.sub("|", name).lower() == HELD.sub("|", held).lower()


@operator(
    "kept-apart",
    "leakage",
    "critical",
    "easy",
    title="Rows are copied before the split, so held-out rows are copied too",
    teaches="Resample the training rows only; what is reported needs the shares that the service will meet.",
    source="Yang et al., Data Leakage in Notebooks, ASE 2022: overlap leakage",
    mended="What would class weights have changed about the scores, and what about the threshold?",
    standing="What share of the rare outcome do the held-out rows hold, and what share will the service meet?",
)
def copied_before_the_split(code: Code) -> Iterator[Change]:
    """``train = copies(train)`` below the split becomes ``copies(rows)`` in it."""
    known = wholes(code)
    for line in code.all(cst.SimpleStatementLine):
        small = line.body[0]
        if not isinstance(small, cst.Assign) or not isinstance(small.value, cst.Call):
            continue
        if not re.search(r"cop(y|ies)|sampl|smote|balanc|augment|duplicat", source(small.value.func).lower()):
            continue
        targets = source(small.targets[0].target).strip("()").split(", ")
        given = [source(arg.value) for arg in small.value.args if arg.keyword is None]
        if given[: len(targets)] != targets or not all(name in known for name in targets):
            continue
        split = next(
            (one for one in code.block(line) if _splits(one, [known[name] for name in targets])), None
        )
        if split is None or split is line:
            continue
        if len(targets) == 1:
            whole = known[targets[0]]
            use = next((node for node in code.all(cst.Name, within=split) if node.value == whole), None)
            if use is not None:
                called = expression(f"{source(small.value.func)}({whole})")
                yield Change(line, {use: called, line: GONE})
        else:
            rows = ", ".join(known[name] for name in targets)
            text = f"{rows} = {source(small.value.func)}({rows})"
            new = cst.ensure_type(cst.parse_statement(text), cst.SimpleStatementLine)
            assert isinstance(split, cst.SimpleStatementLine)
            pair = cst.FlattenSentinel(
                [new.with_changes(leading_lines=split.leading_lines), split.with_changes(leading_lines=[])]
            )
            yield Change(line, {split: pair, line: GONE})


def _splits(line: cst.CSTNode, rows: list[str]) -> bool:
    if not isinstance(line, cst.SimpleStatementLine):
        return False
    text = source(line)
    called = re.search(r"train_test_split\(|\.groupby\(", text) is not None
    return called and all(re.search(rf"\b{re.escape(row)}\b", text) for row in rows)


# ── one-side ─────────────────────────────────────────────────────────────────────────────────────────────────────────

UNGROUPED: Final = {
    "GroupKFold": "KFold",
    "StratifiedGroupKFold": "StratifiedKFold",
    "GroupShuffleSplit": "ShuffleSplit",
}


@operator(
    "one-side",
    "leakage",
    "major",
    "medium",
    title="Rows are split, not groups, so one group stands on both sides",
    teaches="Split by what repeats: the same person on both sides is recognised, not predicted.",
    source=f"{_KAPOOR}, type L3.2",
    mended="How would you notice groups that nobody told you of?",
    standing="Take one group with several rows. In which folds do they stand?",
)
def groups_torn_apart(code: Code) -> Iterator[Change]:
    """``GroupKFold`` becomes ``KFold``, and ``groups=`` goes where it is used."""
    for call in code.all(cst.Call):
        name = last_name(call)
        if name not in UNGROUPED or not isinstance(call.func, cst.Name):
            continue
        swaps: dict[Any, cst.CSTNode] = {call.func: cst.Name(UNGROUPED[name])}
        scope = code.scope(call)
        for other in code.all(cst.Call, within=scope):
            groups = argument(other, "groups")
            if groups is None and last_name(other) == "split":
                groups = argument(other, at=2)
            if groups is not None and code.scope(other) is scope:
                swaps[other] = without(other, groups)
        if (
            len(swaps) > 1
            and call not in swaps
            and not any(call in code.all(cst.Call, within=one) for one in swaps)
        ):
            yield Change(call, swaps, needs=(("sklearn.model_selection", UNGROUPED[name]),))
        elif len(swaps) > 1:
            outer = next(
                node for node in swaps if node is not call.func and call in [*code.all(cst.Call, within=node)]
            )
            assert isinstance(outer, cst.Call)
            new = swaps[outer]
            inner = new.visit(_Renamed(name, UNGROUPED[name]))
            yield Change(call, {outer: inner}, needs=(("sklearn.model_selection", UNGROUPED[name]),))


class _Renamed(cst.CSTTransformer):
    def __init__(self, old: str, new: str) -> None:
        super().__init__()
        self.old, self.new = old, new

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.Name:
        return cst.Name(self.new) if updated_node.value == self.old else updated_node


# ── settled ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@operator(
    "settled",
    "leakage",
    "major",
    "medium",
    title="An outcome that is not known counts as none",
    teaches="Nothing has happened yet is not nothing happened: leave out what cannot be known.",
    source=f"{_TEST_SCORE}, Data tests; label maturity in credit scoring",
    mended="After how long is an outcome known, and who decided that?",
    standing="Take a row of yesterday. Which outcome does it have here, and which will it have?",
)
def unknown_outcome_as_none(code: Code) -> Iterator[Change]:
    """``dropna(subset=outcome)`` becomes ``fillna({outcome: 0})``."""
    for call in code.all(cst.Call):
        subset = argument(call, "subset")
        if last_name(call) != "dropna" or subset is None or not isinstance(call.func, cst.Attribute):
            continue
        value = subset.value
        if isinstance(value, cst.List) and len(value.elements) == 1:
            value = value.elements[0].value
        if (column := literal(value)) and column in code.learnt:
            new = expression(f"{source(call.func.value)}.fillna({{{source(value)}: 0}})")
            yield Change(call, {call: new})


@operator(
    "settled",
    "leakage",
    "major",
    "hard",
    title="No gap is left between what is learnt and what is judged",
    teaches="On the day of the split, the outcomes of the last days were not known yet.",
    source="Lopez de Prado, Advances in Financial Machine Learning, 2018, chapter 7",
    mended="How long must the gap be, and from what does that follow?",
    standing="On the day of the split, which outcomes of the training rows were known?",
)
def no_gap_before_the_held_out(code: Code) -> Iterator[Change]:
    """The gap goes from a split, and training rows are cut by the held-out rows' own date."""
    for call in code.all(cst.Call):
        gap = argument(call, "gap")
        if last_name(call) == "TimeSeriesSplit" and gap is not None:
            yield Change(call, {call: without(call, gap)})
    for node in code.all(cst.BinaryOperation):
        name = source(node.right)
        compared = isinstance(code.parents[node], cst.ComparisonTarget)
        if isinstance(node.operator, cst.Subtract) and compared and constant(name) and MARGIN.search(name):
            yield Change(node, {node: node.left})
    yield from _other_date(code)


def _other_date(code: Code) -> Iterator[Change]:
    """``train = rows[reported < first]`` beside ``test = rows[left >= first]``: the training rows by ``left``."""
    cuts: list[tuple[str, str, cst.BaseExpression, str, bool]] = []
    for line in code.all(cst.SimpleStatementLine):
        found = assigned(line)
        if found is None or not isinstance(found[1], cst.Subscript) or len(found[1].slice) != 1:
            continue
        piece = found[1].slice[0].slice
        if (
            isinstance(piece, cst.Index)
            and isinstance(piece.value, cst.Comparison)
            and len(piece.value.comparisons) == 1
        ):
            right = piece.value.comparisons[0]
            early = isinstance(right.operator, cst.LessThan | cst.LessThanEqual)
            cuts.append((source(found[1].value), found[0], piece.value.left, source(right.comparator), early))
    for rows, name, left, at, early in cuts:
        for other_rows, held, other, other_at, other_early in cuts:
            same = (rows, at) == (other_rows, other_at) and early and not other_early and held != name
            if same and source(left) != source(other):
                yield Change(left, {left: other})


# ── counts-once ──────────────────────────────────────────────────────────────────────────────────────────────────────


@operator(
    "counts-once",
    "leakage",
    "major",
    "hard",
    title="What was sent twice counts twice",
    teaches="Know what a row is: what was sent again or corrected replaces what it corrects.",
    source=_QUALITY,
    mended="Where should this be mended once, so that no reader of the table needs to know of it?",
    standing="What is a row of this table? How would you check that?",
)
def sent_twice_counts_twice(code: Code) -> Iterator[Change]:
    """``drop_duplicates`` with a key goes."""
    for call in code.all(cst.Call):
        front = receiver(call)
        if last_name(call) != "drop_duplicates" or front is None or not _keyed(call):
            continue
        line, found = code.statement(call), assigned(code.statement(call))
        hushed = () if line is None else (line,)
        if line is not None and found is not None and found[1] is call and isinstance(front, cst.Name):
            same = found[0] == front.value
            yield Change(call, {line: GONE} if same else _inlined(code, line, found[0], front))
        elif not isinstance(code.parents[call], cst.Attribute) or not re.search(
            r"\.(set_index|join)", source(code.parents[call])
        ):
            yield Change(call, {call: front}, hushed=hushed)


def _inlined(code: Code, line: cst.SimpleStatementLine, name: str, front: cst.Name) -> dict[Any, New]:
    """Leave out ``name = front``, and call it by its other name wherever it stands."""
    swaps: dict[Any, New] = {line: GONE}
    scope = code.scope(line)
    for node in code.all(cst.Name, within=scope):
        above = code.parents[node]
        word = isinstance(above, cst.Arg) and above.keyword is node
        word = word or (isinstance(above, cst.Attribute) and above.attr is node)
        if node.value == name and not word and line not in code.above(node):
            swaps[node] = cst.Name(front.value)
    return swaps


def _keyed(call: cst.Call) -> bool:
    return argument(call, "subset", 0) is not None


@operator(
    "counts-once",
    "leakage",
    "major",
    "hard",
    title="Of what was corrected, the first line counts",
    teaches="A correction comes later than what it corrects: the last line is the one in force.",
    source=_QUALITY,
    mended="What would happen to a correction that arrives before what it corrects?",
    standing="A line was corrected. Which of the two does this keep?",
)
def first_line_kept(code: Code) -> Iterator[Change]:
    """``keep="last"`` goes from ``drop_duplicates``."""
    for call in code.all(cst.Call):
        keep = argument(call, "keep")
        if last_name(call) in {"drop_duplicates", "duplicated"} and keep and literal(keep.value) == "last":
            line = code.statement(call)
            yield Change(call, {call: without(call, keep)}, hushed=() if line is None else (line,))


# ── one-meaning ──────────────────────────────────────────────────────────────────────────────────────────────────────


@operator(
    "one-meaning",
    "errors",
    "major",
    "medium",
    title="A code for missing is read as a number",
    teaches="A code that stands for nothing is nothing: turn it into an empty value where the table is read.",
    source=_DEBT,
    mended="How would you find such codes in a table that nobody described?",
    standing="What does the smallest value of this column mean?",
)
def code_read_as_number(code: Code) -> Iterator[Change]:
    """``replace(CODE, nan)`` goes, or ``na_values`` from reading."""
    for call in code.all(cst.Call):
        front, values = receiver(call), argument(call, "na_values")
        if values is not None and last_name(call).startswith("read_"):
            yield Change(call, {call: without(call, values)})
        if last_name(call) != "replace" or front is None or len(call.args) != 2:
            continue
        old = argument(call, "to_replace", 0)
        coded = old and (
            isinstance(old.value, cst.Integer | cst.UnaryOperation) or constant(source(old.value))
        )
        if not coded or isinstance(front, cst.SimpleString):
            continue
        line, found = code.statement(call), code.statement(call)
        small = found.body[0] if found else None
        idle = (
            isinstance(small, cst.Assign)
            and small.value is call
            and source(small.targets[0].target) == source(front)
        )
        yield Change(call, {line: GONE} if idle and line is not None else {call: front})


@operator(
    "one-meaning",
    "errors",
    "major",
    "medium",
    title="Some values are read in another unit than they were written in",
    teaches="A column with two units is two columns; bring it into one unit where it is read.",
    source=f"{_DEBT}; {_TEST_SCORE}, Monitor 3",
    mended="How would you notice the next change of unit?",
    standing="In which unit is this column, in the oldest and in the newest rows?",
)
def units_mixed(code: Code) -> Iterator[Change]:
    """``x.where(known, x * RATE)`` becomes ``x``."""
    for call in code.all(cst.Call):
        front, other = receiver(call), argument(call, "other", 1)
        if last_name(call) not in {"where", "mask"} or front is None or other is None:
            continue
        value = other.value
        if not isinstance(value, cst.BinaryOperation):
            continue
        if isinstance(value.operator, cst.Multiply | cst.Divide) and source(value.left) == source(front):
            yield Change(call, {call: front})


@operator(
    "one-meaning",
    "skew",
    "major",
    "hard",
    title="A spread is computed by another formula than the model learnt",
    teaches="Libraries have different defaults; a feature that is computed twice is computed by one function.",
    source="pandas.Series.std and numpy.std: the default of ddof is 1 and 0",
    mended="Where else do the defaults of two libraries differ?",
    standing="By how much does the spread of two numbers change with this argument?",
)
def other_degrees_of_freedom(code: Code) -> Iterator[Change]:
    """``ddof=`` goes."""
    for call in code.all(cst.Call):
        ddof = argument(call, "ddof")
        if ddof is not None and last_name(call) in {"std", "var", "sem", "nanstd", "nanvar"}:
            yield Change(call, {call: without(call, ddof)})


@operator(
    "one-meaning",
    "errors",
    "major",
    "medium",
    title="Local time is read as if it were UTC",
    teaches="A time without its zone is half a time: name the zone where it is read, and compute in UTC.",
    source="Python documentation, datetime: aware and naive objects",
    mended="What happens in the hour that autumn shows twice?",
    standing="A row says noon. Noon where?",
)
def timezone_dropped(code: Code) -> Iterator[Change]:
    """``now(UTC)`` becomes ``now()``, and ``tz_localize(ZONE)`` takes UTC for the zone."""
    for call in code.all(cst.Call):
        name = last_name(call)
        zone = argument(call, "tz", 0)
        if name == "now" and zone is not None and re.search(r"datetime$", source(receiver(call) or call)):
            yield Change(call, {call: without(call, zone)})
        stamped = argument(call, "tz", 1)
        if name == "fromtimestamp" and stamped is not None:
            yield Change(call, {call: without(call, stamped)})
        local = zone is not None and not re.fullmatch(
            r"['\"]UTC['\"]|None|(\w+\.)*(UTC|utc)", source(zone.value)
        )
        if name == "tz_localize" and local:
            kept = call.with_changes(args=[cst.Arg(expression('"UTC"'))])
            yield Change(call, {call: kept})
        if name == "tz_convert" and local and (front := receiver(call)) is not None:
            yield Change(call, {call: front})


@operator(
    "one-meaning",
    "skew",
    "major",
    "medium",
    title="Two spellings of one thing are two things",
    teaches="Bring a text into one form in the one function that training and service share.",
    source=f"{_TEST_SCORE}, Monitor 3",
    mended="Which other spellings does the form let through?",
    standing="Somebody writes the same thing with a capital letter. What is answered?",
)
def spellings_told_apart(code: Code) -> Iterator[Change]:
    """``strip().lower()`` goes, of a text and of a column of texts."""
    for call in code.all(cst.Call):
        inner, whole = _texts(call)
        if not isinstance(inner, cst.Call) or {last_name(call), last_name(inner)} != {"strip", "lower"}:
            continue
        front, _ = _texts(inner)
        if front is None or call.args or inner.args or mentions(call, "environ|argv|input"):
            continue
        line = code.statement(call)
        small = line.body[0] if line else None
        same = isinstance(small, cst.Assign) and small.value is call
        idle = same and whole and source(small.targets[0].target) == source(front)  # type: ignore[union-attr]
        yield Change(call, {line: GONE} if idle and line is not None else {call: front})


def _texts(call: cst.Call) -> tuple[cst.BaseExpression | None, bool]:
    """Find what a method of a text is called on, and whether it is a column of texts."""
    front = receiver(call)
    if isinstance(front, cst.Attribute) and front.attr.value == "str":
        return front.value, True
    return front, False


# ── representative ───────────────────────────────────────────────────────────────────────────────────────────────────


@operator(
    "representative",
    "evaluation",
    "major",
    "hard",
    title="A figure is made of the cases that somebody chose",
    teaches="Those who were chosen differ from those who will come; judge on cases that nobody chose.",
    source=f"{_KAPOOR}, type L3.3",
    mended="What would you ask the owners to record, so that the next figure is about everybody?",
    standing="Who decided which rows the figure is made of?",
)
def judged_by_the_chosen(code: Code) -> Iterator[Change]:
    """A term ``column == value`` goes from the filter of the rows that a figure is made of."""
    for piece in code.all(cst.Index):
        if not code.judging(piece):
            continue
        for term, rest in terms(piece.value):
            line = code.statement(piece)
            if isinstance(term, cst.Comparison) and isinstance(term.comparisons[0].operator, cst.Equal):
                yield Change(piece, {piece.value: rest}, hushed=() if line is None else (line,))
