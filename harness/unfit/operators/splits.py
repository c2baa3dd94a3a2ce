"""What a file splits into training and other rows, and by which names it calls them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import libcst as cst

from unfit.operators.code import Code
from unfit.operators.syntax import assigned, last_name, source

__all__ = ["HELD", "TRAINED", "TUNED", "folds", "halves", "wholes"]

TRAINED: Final = re.compile(r"(^|_)(train|training|past|earlier|fit)(_|$|ing)", re.IGNORECASE)
HELD: Final = re.compile(r"(^|_)(test|held|heldout|holdout|latest|later)(_|$)", re.IGNORECASE)
TUNED: Final = re.compile(
    r"(^|_)(tune|tuning|val|valid|validation|dev|calib|calibration)(_|$)", re.IGNORECASE
)


def wholes(code: Code) -> dict[str, str]:
    """Find, for each name of training rows, the code of all the rows that they were taken from."""
    found: dict[str, str] = {}
    for targets, call in _unpacked(code):
        if last_name(call) == "train_test_split":
            given = [arg.value for arg in call.args if arg.keyword is None]
            for at, value in enumerate(given):
                if 2 * at < len(targets) and isinstance(value, cst.Name):
                    found[targets[2 * at]] = source(value)
    found |= _subsets(code)
    found |= _groups(code)
    return {name: whole for name, whole in found.items() if TRAINED.search(name)}


def _unpacked(code: Code) -> Iterator[tuple[list[str], cst.Call]]:
    for node in code.all(cst.Assign):
        target = node.targets[0].target
        if isinstance(target, cst.Tuple) and isinstance(node.value, cst.Call):
            yield [source(item.value) for item in target.elements], node.value


def _subsets(code: Code) -> dict[str, str]:
    """``train = rows[...]`` where another name, of held-out rows, is a part of the same rows."""
    parts: dict[str, list[str]] = {}
    for line in code.all(cst.SimpleStatementLine):
        found = assigned(line)
        if found is None:
            continue
        name, value = found
        if isinstance(value, cst.Subscript) and isinstance(value.value, cst.Name | cst.Attribute):
            parts.setdefault(source(value.value), []).append(name)
    return {
        name: whole
        for whole, names in parts.items()
        if any(HELD.search(name) for name in names)
        for name in names
        if TRAINED.search(name)
    }


def _groups(code: Code) -> dict[str, str]:
    """``train, test = parts["train"], parts["test"]`` of ``parts = dict(list(rows.groupby(...)))``."""
    origin = {}
    for line in code.all(cst.SimpleStatementLine):
        found = assigned(line)
        match = found and re.search(r"(\w+)\.groupby\(", source(found[1]))
        if found and match and found[0] not in origin:
            origin[found[0]] = match[1]
    found_ = {}
    for node in code.all(cst.Assign):
        target, value = node.targets[0].target, node.value
        if not isinstance(target, cst.Tuple) or not isinstance(value, cst.Tuple):
            continue
        for name, part in zip(target.elements, value.elements, strict=False):
            if isinstance(part.value, cst.Subscript) and source(part.value.value) in origin:
                found_[source(name.value)] = origin[source(part.value.value)]
    return found_


def halves(code: Code) -> tuple[str, ...]:
    """Every name of held-out rows in the file."""
    names = {source(node) for node in code.all(cst.Name)}
    return tuple(sorted(name for name in names if HELD.search(name)))


def folds(node: cst.BaseExpression) -> cst.BaseExpression | None:
    """Return ``rows`` of ``rows.iloc[train]``, ``rows[train]`` or ``rows.loc[train.index]``; none for anything else."""
    if not isinstance(node, cst.Subscript) or not node.slice:
        return None
    piece = node.slice[0].slice
    if not isinstance(piece, cst.Index):
        return None
    name = source(piece.value).removesuffix(".index")
    if not name.isidentifier() or not TRAINED.search(name):
        return None
    rows = node.value
    if isinstance(rows, cst.Attribute) and rows.attr.value in {"iloc", "loc"}:
        rows = rows.value
    return rows if isinstance(rows, cst.Name | cst.Attribute) else None
