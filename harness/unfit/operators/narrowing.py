"""Narrowings: fixes of a planted mistake that go only part of the way, for the corpus."""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

from unfit.operators.code import SERVING
from unfit.operators.suggestions import Target
from unfit.planting.differences import hunks
from unfit.planting.notebook_documents import cell_sources, rewrite

__all__ = ["Narrowing", "narrowings"]

MOST: Final = 2
"""How many are written for a defect: a corpus needs two wrong fixes of each."""


@dataclass(frozen=True)
class Narrowing:
    """A fix that leaves a part of the mistake standing.

    Parameters
    ----------
    name : str
        Words with underscores, that say how far it goes.
    why : str
        What is still wrong.
    tree : mapping of str to bytes
        What is handed in.
    """

    name: str
    why: str
    tree: Mapping[str, bytes]


@dataclass(frozen=True)
class _Turn:
    """One way to half mend, as a change of the lines that would mend it."""

    name: str
    why: str
    pattern: str
    put: str


_CORRECTED: Final = (
    _Turn(
        "whole_lines",
        "Only lines that are equal in every column count once. A correction differs from what it corrects.",
        r"\.drop_duplicates\([^()]*\)",
        ".drop_duplicates()",
    ),
    _Turn(
        "none_of_both",
        "A row that was corrected is left out, with its correction.",
        r"keep=\"last\"",
        "keep=False",
    ),
)
TURNS: Final[dict[str, tuple[_Turn, ...]]] = {
    "sent-twice-counts-twice": _CORRECTED,
    "first-line-kept": _CORRECTED,
    "spellings-told-apart": (
        _Turn(
            "blanks_only",
            "Blanks around a text go, and capitals stay.",
            r"\.((?:str\.)?)strip\(\)\.(?:str\.)?lower\(\)",
            r".\1strip()",
        ),
        _Turn(
            "capitals_only",
            "Capitals go, and blanks around a text stay.",
            r"\.((?:str\.)?)strip\(\)\.(?:str\.)?lower\(\)",
            r".\1lower()",
        ),
    ),
    "drawn-without-a-seed": (
        _Turn(
            "drawn_seed",
            "The seed itself is drawn, so that every run has another.",
            r"random_state=[\w.\[\]\"]+",
            'random_state=__import__("random").randrange(1000)',
        ),
        _Turn(
            "one_generator",
            "Everything draws from one generator that nobody seeds.",
            r"random_state=[\w.\[\]\"]+",
            'random_state=__import__("numpy").random.mtrand._rand',
        ),
    ),
    "code-read-as-number": (
        _Turn(
            "code_as_nought",
            "The code becomes nought, which is a number as well.",
            r"\.replace\(([^,()]+), [\w.]+\)",
            r".replace(\1, 0)",
        ),
        _Turn(
            "clipped_at_nought",
            "Negative values become nought, which is a number as well.",
            r"\.replace\(-?[^,()]+, [\w.]+\)",
            ".clip(0)",
        ),
    ),
    "unknown-outcome-as-none": (
        _Turn(
            "largest_outcome",
            "What is not known yet becomes the largest one, and is learnt from.",
            r"(\w+)\.dropna\(subset=\[?(\"\w+\")\]?\)",
            r"\1.fillna({\2: \1[\2].max()})",
        ),
        _Turn(
            "usual_outcome",
            "What is not known yet becomes the most frequent one, and is learnt from.",
            r"(\w+)\.dropna\(subset=\[?(\"\w+\")\]?\)",
            r"\1.fillna({\2: \1[\2].mode()[0]})",
        ),
    ),
    "metric-arguments-swapped": (
        _Turn(
            "named_the_wrong_way",
            "The arguments are named, and each gets the name of the other.",
            r"\b(\w+)\(([^(),]+), ([^(),]+)\)",
            r"\1(y_true=\3, y_pred=\2)",
        ),
        _Turn(
            "mean_of_both_ways",
            "The figure is the mean of both orders of the arguments.",
            r"\b(\w+)\(([^(),]+), ([^(),]+)\)",
            r"(0.5 * \1(\2, \3) + 0.5 * \1(\3, \2))",
        ),
    ),
    "written-in-place": (
        _Turn(
            "deleted_first",
            "The old file is deleted before the new one is there.",
            r"(?m)^( *)(\w+) = (\w+)\.with_suffix\([^()]*\)$",
            r"\1\3.unlink(missing_ok=True)" + "\n" + r"\g<0>",
        ),
    ),
    "failure-ends-well": (
        _Turn(
            "only_said",
            "The failure is printed, and the run ends with 0 still.",
            r"(?m)^( *)return [1-9]\d*$",
            r'\1print("failed")' + "\n" + r"\1return 0",
        ),
        _Turn(
            "false_returned",
            "The run ends with False, which is 0 to whoever started it.",
            r"return [1-9]\d*",
            "return False",
        ),
    ),
}
"""Half fixes of one operator's mistake; each is a change of the fixed lines."""

SIZED: Final = re.compile(r"DataFrame|Series|ndarray|[Ll]ist|Sequence|tuple")
SERVED: Final = ("few", "{name} are few", "len({name}) <= 3"), ("many", "{name} are many", "len({name}) > 3")
LEARNT: Final = (
    ("large_tables", "there are a hundred thousand {name}", "len({name}) > 100_000"),
    ("tiny_tables", "there are fewer than ten {name}", "len({name}) < 10"),
)
"""By size: the name, in words, and the condition under which the mistake is mended."""


def narrowings(
    operator: str, mended: Mapping[str, bytes], shipped: Mapping[str, bytes], targets: Mapping[Target, str]
) -> tuple[Narrowing, ...]:
    """Write fixes of one defect that go only part of the way.

    Parameters
    ----------
    operator : str
        The name of the operator that planted it.
    mended, shipped : mapping of str to bytes
        The tree with all defects but this one, and with all of them.
    targets : mapping
        The files and cells that it changes.

    Returns
    -------
    narrowings : tuple of Narrowing
        Two at most. Ways that are known for the operator come first, then a fix for some sizes of the input only.
    """
    found: list[Narrowing] = []
    for file, cell in targets:
        before, after = _text(mended, file, cell), _text(shipped, file, cell)
        for name, why, text in (*_turned(operator, before, after), *_by_size(before, after)):
            if text not in {before, after} and _parses(text) and len(found) < MOST:
                tree = dict(shipped) | {file: _with(mended, file, cell, text)}
                found.append(Narrowing(name, why, tree))
    return tuple(found)


def _text(tree: Mapping[str, bytes], file: str, cell: str | None) -> str:
    return tree[file].decode() if cell is None else cell_sources(tree[file], file).get(cell, "")


def _with(tree: Mapping[str, bytes], file: str, cell: str | None, text: str) -> bytes:
    return text.encode() if cell is None else rewrite(tree[file], file, {cell: text})


def _parses(text: str) -> bool:
    try:
        ast.parse(text)
    except SyntaxError:
        return False
    return True


def _turned(operator: str, before: str, after: str) -> Iterator[tuple[str, str, str]]:
    """Change the lines that would mend it, by what is known of the operator."""
    lines = before.splitlines(keepends=True)
    changes = list(hunks(lines, after.splitlines(keepends=True)))
    for turn in TURNS.get(operator, ()):
        for start, end, _ in changes:
            own = "".join(lines[start:end])
            turned = re.sub(turn.pattern, turn.put, own)
            if turned != own:
                yield turn.name, turn.why, "".join([*lines[:start], turned, *lines[end:]])


def _by_size(before: str, after: str) -> Iterator[tuple[str, str, str]]:
    """Mend it only where the rows at hand are few or many."""
    try:
        one, other = ast.parse(before), ast.parse(after)
    except SyntaxError:
        return
    for group in _changed(one, other):
        name = _sized(group.function)
        ways = SERVED if re.search(SERVING, group.function.name.lower()) else LEARNT
        for way, said, condition in ways if name else ():
            why = f"It is mended only where {said.format(name=name)}."
            yield way, why, group.under(condition.format(name=name), before.splitlines(), after.splitlines())


Statements = list[ast.stmt]


@dataclass(frozen=True)
class _Group:
    """Statements of a function that differ.

    Parameters
    ----------
    function : FunctionDef
    at : int
        Lines that stand in front of them where it is mended.
    mended, planted : list of stmt
    """

    function: ast.FunctionDef
    at: int
    mended: Statements
    planted: Statements

    def under(self, condition: str, before: list[str], after: list[str]) -> str:
        """Write a condition around what mends it, with what is planted as the other branch."""
        until = self.mended[-1].end_lineno or self.at if self.mended else self.at
        mine = before[self.at : until]
        theirs = after[self.planted[0].lineno - 1 : self.planted[-1].end_lineno] if self.planted else []
        block = mine or theirs
        indent = block[0][: len(block[0]) - len(block[0].lstrip())]
        new = [
            f"{indent}if {condition if mine else f'not ({condition})'}:",
            textwrap.indent("\n".join(block), "    "),
        ]
        if mine and theirs:
            new += [f"{indent}else:", textwrap.indent("\n".join(theirs), "    ")]
        return "\n".join([*before[: self.at], *new, *before[until:]]) + "\n"


def _changed(one: ast.AST, other: ast.AST, function: ast.FunctionDef | None = None) -> Iterator[_Group]:
    """Go through the statements of functions that differ, in as small groups as can be."""
    for name in ("body", "orelse", "finalbody", "handlers"):
        ours, theirs = getattr(one, name, None), getattr(other, name, None)
        if not isinstance(ours, list) or not isinstance(theirs, list):
            continue
        texts = [[ast.unparse(node) for node in nodes] for nodes in (ours, theirs)]
        for kind, start, end, first, last in SequenceMatcher(
            None, texts[0], texts[1], autojunk=False
        ).get_opcodes():
            mine, yours = ours[start:end], theirs[first:last]
            if kind == "equal":
                continue
            if len(mine) == len(yours) == 1 and _same_head(mine[0], yours[0]):
                inner = mine[0] if isinstance(mine[0], ast.FunctionDef) else function
                yield from _changed(mine[0], yours[0], inner)
            elif function is not None and name != "handlers":
                at = ours[start].lineno - 1 if start < len(ours) else ours[-1].end_lineno
                yield _Group(function, at, mine, yours)


def _same_head(one: ast.AST, other: ast.AST) -> bool:
    """Whether two statements, or two handlers, differ in the blocks below them only."""
    if type(one) is not type(other) or not hasattr(one, "body"):
        return False
    return _head(one) == _head(other)


def _head(node: ast.AST) -> list[str]:
    blocks = {"body", "orelse", "finalbody", "handlers"}
    parts = [value for name, value in ast.iter_fields(node) if name not in blocks]
    flat = [part for value in parts for part in (value if isinstance(value, list) else [value])]
    return [ast.dump(part) if isinstance(part, ast.AST) else repr(part) for part in flat]


def _sized(function: ast.FunctionDef) -> str:
    """Name the last argument of a function that has a length; empty where none is known to have one."""
    given = [*function.args.posonlyargs, *function.args.args]
    told = {one.arg: ast.unparse(one.annotation) for one in given if one.annotation}
    sized = [name for name, kind in told.items() if SIZED.search(kind) and "None" not in kind]
    return sized[-1] if sized else ""
