"""Operators for figures: what is reported of held-out rows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

import libcst as cst

from unfit.operators.changing import Change
from unfit.operators.code import Code
from unfit.operators.operator import operator
from unfit.operators.syntax import expression, last_name, literal, receiver, source, statement

LOPSIDED: Final = frozenset(
    {"recall_score", "precision_score", "r2_score", "mean_absolute_percentage_error", "explained_variance_score",
     "confusion_matrix", "fbeta_score", "classification_report", "mean_pinball_loss"}
)  # fmt: skip
"""Metrics of scikit-learn that say something else when their arguments change places, without an error."""
RANKED: Final = frozenset({"roc_auc_score", "average_precision_score"})
"""Metrics that take scores, and give a number for labels too."""
DECIDED: Final = re.compile(r"pred|label|decision|decid|shortlist|flag|approved|selected|alarm|mailed|called")


@operator(
    "figure-follows",
    "evaluation",
    "major",
    "medium",
    title="A metric gets its arguments the wrong way round",
    teaches="Name the arguments of a metric that is not symmetric, and recompute one figure by hand.",
    source="scikit-learn, model evaluation: every metric takes y_true before y_pred",
    mended="Which metrics forgive a swap, and which do not?",
    standing="Compute this figure by hand from the rows. Does it agree with the report?",
)
def metric_arguments_swapped(code: Code) -> Iterator[Change]:
    """The first two arguments of a metric that is not symmetric change places."""
    for call in code.all(cst.Call):
        first_two = call.args[:2]
        if (
            last_name(call) not in LOPSIDED
            or len(first_two) < 2
            or any(arg.keyword or arg.star for arg in first_two)
        ):
            continue
        one, other = (arg.value for arg in first_two)
        yield Change(call, {one: other.deep_clone(), other: one.deep_clone()})


@operator(
    "figure-follows",
    "evaluation",
    "major",
    "medium",
    title="A ranking is judged by labels instead of scores",
    teaches="The area under a curve takes scores; given yes and no it is the mean of two rates, at one bar.",
    source="scikit-learn, roc_auc_score: y_score; Fawcett, An introduction to ROC analysis, 2006",
    mended="What does the figure of yes and no measure, and when would that be the figure to report?",
    standing="How many different values can the second argument take?",
)
def ranking_of_hard_labels(code: Code) -> Iterator[Change]:
    """The scores of a ranking metric become ``predict(...)``, a column of decisions, or ``scores >= 0.5``."""
    for call in code.all(cst.Call):
        if last_name(call) not in RANKED or len(call.args) < 2 or not code.judging(call):
            continue
        scores = call.args[1].value
        yield Change(call, {scores: expression(_decided(code, scores))})


def _decided(code: Code, scores: cst.BaseExpression) -> str:
    text = source(scores)
    if ".predict_proba(" in text:
        return re.sub(r"\.predict_proba\((.*)\)\[:, 1\]$", r".predict(\1)", text)
    if isinstance(scores, cst.Subscript) and (column := _column(scores)):
        for table in code.all(cst.Dict):
            keys = [literal(item.key) for item in table.elements if isinstance(item, cst.DictElement)]
            decided = next((key for key in keys if key and DECIDED.search(key)), None)
            if column in keys and decided:
                return f'{source(scores.value)}["{decided}"]'
    simple = isinstance(scores, cst.Name | cst.Attribute | cst.Call | cst.Subscript)
    return f"{text if simple else f'({text})'} >= 0.5"


def _column(node: cst.Subscript) -> str | None:
    piece = node.slice[0].slice if len(node.slice) == 1 else None
    return literal(piece.value) if isinstance(piece, cst.Index) else None


@operator(
    "fit-for-purpose",
    "evaluation",
    "major",
    "easy",
    title="The headline is accuracy, where one outcome is rare",
    teaches="On a rare outcome accuracy is high for a model that finds none: report what the decision rests on.",
    source="Zinkevich, Rules of Machine Learning, 2017, rule 39",
    mended="Which figure did you put in its place, and what does it leave out?",
    standing="What does the headline say of a model that never says yes?",
)
def accuracy_as_headline(code: Code) -> Iterator[Change]:
    """A ranking metric becomes ``accuracy_score``, in the name of the metric too."""
    for call in code.all(cst.Call):
        name = last_name(call)
        if (
            name not in RANKED
            or len(call.args) != 2
            or not code.judging(call)
            or not isinstance(call.func, cst.Name)
        ):
            continue
        named = next((literal(one.key) for one in code.above(call) if isinstance(one, cst.DictElement)), None)
        if named not in {None, "value", "score", "metric", "figure"}:
            continue  # the contract calls the figure by its name
        truth, scores = call.args
        text = _decided(code, scores.value)
        new = expression(f"accuracy_score({source(truth.value)}, {text})")
        swaps: dict[Any, cst.CSTNode] = {call: new}
        for word in code.all(cst.SimpleString):
            said = literal(word) or ""
            own = code.scope(word) is code.scope(call) and call not in code.above(word)
            if (
                own
                and said
                and said in {name, name.removesuffix("_score"), "auc", "roc auc"}
                and _names_metric(code, word)
            ):
                swaps[word] = cst.SimpleString('"accuracy"')
        yield Change(call, swaps, needs=(("sklearn.metrics", "accuracy_score"),))


def _names_metric(code: Code, word: cst.SimpleString) -> bool:
    item = code.parents[word]
    return isinstance(item, cst.DictElement) and item.value is word


@operator(
    "fit-for-purpose",
    "evaluation",
    "major",
    "medium",
    title="An error of logarithms is reported as if it were one of the things themselves",
    teaches="Report an error in the unit in which it costs.",
    source=f"{'Breck et al., The ML Test Score, IEEE Big Data 2017'}, Model 2",
    mended="For whom is the error of logarithms the better figure?",
    standing="In which unit is this figure? What does it say about the dearest tenth?",
)
def error_of_logarithms(code: Code) -> Iterator[Change]:
    """Where the target is learnt as a logarithm, the error is one of logarithms too."""
    metrics = {
        "mean_absolute_error",
        "mean_squared_error",
        "median_absolute_error",
        "root_mean_squared_error",
    }
    for call in code.all(cst.Call):
        scope = code.scope(call)
        logged = re.search(r"\bnp\.log(1p)?\(", source(scope)) is not None
        if last_name(call) in metrics and len(call.args) >= 2 and logged and code.judging(call):
            one, other = (arg.value for arg in call.args[:2])
            if "np.log" not in source(call):
                yield Change(call, {part: expression(f"np.log({source(part)})") for part in (one, other)})


@operator(
    "fit-for-purpose",
    "evaluation",
    "minor",
    "hard",
    title="A share of all is the mean of the shares of parts",
    teaches="A ratio of sums weighs what is large; a mean of ratios lets a quiet day count as much as a busy one.",
    source="Simpson 1951; Good & Mittal 1987, the amalgamation of tables",
    mended="When would the mean of the shares be the figure to report?",
    standing="A day with one row and a day with a thousand: how much does each count?",
)
def mean_of_shares(code: Code) -> Iterator[Change]:
    """``a.sum() / b.sum()`` becomes ``(a / b).mean()``."""
    for node in code.all(cst.BinaryOperation):
        sides = [
            side
            for side in (node.left, node.right)
            if isinstance(side, cst.Call) and last_name(side) == "sum"
        ]
        if not isinstance(node.operator, cst.Divide) or len(sides) != 2 or any(side.args for side in sides):
            continue
        one, other = (receiver(side) for side in sides)
        if isinstance(one, cst.Subscript) and isinstance(other, cst.Subscript):
            if source(one.value) == source(other.value):
                yield Change(node, {node: expression(f"({source(one)} / {source(other)}).mean()")})


@operator(
    "uncertainty",
    "fairness",
    "major",
    "medium",
    title="Small groups are left out of the report",
    teaches="A small group needs a wide interval, and not silence: what nobody reports, nobody mends.",
    source="Wilson, Probable inference, JASA 1927; Mitchell et al., Model cards, FAccT 2019",
    mended="When is it right to leave a small group out of a report?",
    standing="For which groups is there no figure, and what will a reader conclude from that?",
)
def small_groups_left_out(code: Code) -> Iterator[Change]:
    """Groups of fewer than thirty rows are passed over."""
    for loop in code.all(cst.For):
        target = loop.target
        if (
            ".groupby(" not in source(loop.iter)
            or not isinstance(target, cst.Tuple)
            or len(target.elements) != 2
        ):
            continue
        rows = source(target.elements[1].value)
        body = loop.body
        figured = re.search(rf"\b{re.escape(rows)}\b[^\n]*\.(mean|quantile|std)\(", source(body)) is not None
        if figured and rows.isidentifier() and isinstance(body, cst.IndentedBlock) and "len(" in source(body):
            skip = statement(f"if len({rows}) < 30:\n    continue\n")
            yield Change(loop, {body.body[0]: cst.FlattenSentinel([skip, body.body[0]])})
