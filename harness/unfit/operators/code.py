"""Code of a fixed project, as operators read it: one syntax tree a file, a notebook as one module of its cells."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath
from typing import Final, TypeVar

import libcst as cst
from libcst.metadata import MetadataWrapper, ParentNodeProvider, PositionProvider

from unfit.errors import PlantingError
from unfit.operators.notebook_module import joined, place_in
from unfit.planting.notebook_documents import is_notebook, read_notebook

__all__ = ["Code", "Words", "code_of", "sources"]

Node = TypeVar("Node", bound=cst.CSTNode)
Statement = cst.SimpleStatementLine | cst.BaseCompoundStatement
Words = frozenset[str]

SERVING: Final = (
    "serv|scor|predict|infer|answer|quote|forecast|recommend|night|api|live|online|request|respond|form"
)
JUDGING: Final = "eval|report|metric|judg|valid|backtest|held|figure|audit"
WATCHING: Final = "monitor|watch|drift|alert|outcome|alarm"


class _Walk(cst.CSTVisitor):
    """Numbers nodes in the order of the text, so that what stands in what is a matter of two comparisons."""

    def __init__(self) -> None:
        super().__init__()
        self.entered: dict[cst.CSTNode, int] = {}
        self.left: dict[cst.CSTNode, int] = {}

    def on_visit(self, node: cst.CSTNode) -> bool:
        self.entered[node] = len(self.entered)
        return not isinstance(node, cst.BaseParenthesizableWhitespace)

    def on_leave(self, original_node: cst.CSTNode) -> None:
        self.left[original_node] = len(self.entered)


@dataclass(frozen=True)
class Code:
    """One file of a fixed project.

    Parameters
    ----------
    file : str
        Path in the project.
    text : str
        The source; of a notebook, its code cells with a mark in front of each.
    module : Module
        Its syntax tree.
    parents : mapping of CSTNode to CSTNode
    lines : mapping of CSTNode to (int, int)
        Line and column at which each node begins.
    elsewhere : frozenset of str
        Every word of the project's other files.
    learnt : frozenset of str
        Columns that models of the project are fitted to or figures are held against.
    quoted : frozenset of str
        Every word that stands between quotes in the project's code.
    tables : mapping
        For each table of the project's data, its columns with a few values of each.
    """

    file: str
    text: str
    module: cst.Module
    parents: Mapping[cst.CSTNode, cst.CSTNode]
    lines: Mapping[cst.CSTNode, tuple[int, int]]
    elsewhere: Words
    learnt: Words
    quoted: Words
    tables: Mapping[str, Mapping[str, tuple[str, ...]]]

    @cached_property
    def _walk(self) -> _Walk:
        walk = _Walk()
        self.module.visit(walk)
        return walk

    @cached_property
    def _kinds(self) -> dict[type[cst.CSTNode], list[cst.CSTNode]]:
        return {}

    @cached_property
    def words(self) -> Words:
        """Every word of the file."""
        return frozenset(re.findall(r"[A-Za-z_]\w*", self.text))

    @property
    def notebook(self) -> bool:
        """Whether it is a notebook."""
        return is_notebook(self.file)

    def all(self, kind: type[Node], *, within: cst.CSTNode | None = None) -> Iterator[Node]:
        """Go through the nodes of a kind, in the order of the text."""
        walk = self._walk
        if kind not in self._kinds:
            self._kinds[kind] = [node for node in walk.entered if isinstance(node, kind)]
        first, last = (
            (0, len(walk.entered)) if within is None else (walk.entered[within] + 1, walk.left[within])
        )
        for node in self._kinds[kind]:
            if first <= walk.entered[node] < last:
                assert isinstance(node, kind)
                yield node

    def above(self, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """Go from a node's parent to the module."""
        while (parent := self.parents.get(node)) is not None:
            yield parent
            node = parent

    def nearest(self, node: cst.CSTNode, kind: type[Node]) -> Node | None:
        """Find what a node stands in, of a kind."""
        return next((one for one in self.above(node) if isinstance(one, kind)), None)

    def statement(self, node: cst.CSTNode) -> cst.SimpleStatementLine | None:
        """Find the line that a node stands in; none where it heads a compound statement."""
        for one in (node, *self.above(node)):
            if isinstance(one, cst.SimpleStatementLine):
                return one
            if isinstance(one, cst.BaseCompoundStatement):
                return None
        return None

    def block(self, node: cst.CSTNode) -> tuple[cst.CSTNode, ...]:
        """List the statements of the block that a statement stands in."""
        parent = self.parents[node]
        return tuple(getattr(parent, "body", ()))

    def function(self, node: cst.CSTNode) -> str:
        """Name the innermost function or method that a node stands in."""
        found = self.nearest(node, cst.FunctionDef)
        if found is None:
            return ""
        owner = self.nearest(found, cst.ClassDef)
        return f"{owner.name.value}.{found.name.value}" if owner else found.name.value

    def scope(self, node: cst.CSTNode) -> cst.CSTNode:
        """Find the function that a node stands in, else the module."""
        return self.nearest(node, cst.FunctionDef) or self.module

    def source(self, node: cst.CSTNode) -> str:
        """Write a node as it stands in the text."""
        return self.module.code_for_node(node)

    def named(self, node: cst.CSTNode, words: str) -> bool:
        """Whether the file, the cell or a function around a node is called by one of some words."""
        names = [PurePosixPath(self.file).stem, self.cell_of(node)[0] or ""]
        names += [
            one.name.value for one in self.above(node) if isinstance(one, cst.FunctionDef | cst.ClassDef)
        ]
        return any(re.search(words, name.lower()) for name in names)

    def serving(self, node: cst.CSTNode) -> bool:
        """Whether a node seems to answer requests."""
        return self.named(node, SERVING)

    def judging(self, node: cst.CSTNode) -> bool:
        """Whether a node seems to make a figure."""
        return self.named(node, JUDGING)

    def watching(self, node: cst.CSTNode) -> bool:
        """Whether a node seems to watch the service."""
        return self.named(node, WATCHING)

    def cell_of(self, node: cst.CSTNode) -> tuple[str | None, int]:
        """Find the cell of a node, and its line there; of a text file, no cell and the line."""
        line = self.lines[node][0] if node in self.lines else 1
        return place_in(self.text, line) if self.notebook else (None, line)


def sources(tree: Mapping[str, bytes]) -> dict[str, str]:
    """Read the code of a fixed project that a defect may stand in: no tests, nothing that installs it.

    Returns
    -------
    sources : dict of str to str
        By path; a notebook as one module.
    """
    found = {}
    for path, content in sorted(tree.items()):
        if _tested(path):
            continue
        if is_notebook(path):
            cells = read_notebook(content, path)["cells"]
            found[path] = joined(
                {cell["id"]: cell["source"] for cell in cells if cell["cell_type"] == "code"}
            )
        elif path.endswith(".py"):
            found[path] = _decoded(path, content)
    return found


def _tested(path: str) -> bool:
    parts = PurePosixPath(path).parts
    name = parts[-1]
    return (
        any(part in {"tests", "test", "docs", "examples"} for part in parts[:-1])
        or name.startswith("test_")
        or name.endswith("_test.py")
        or name in {"conftest.py", "setup.py", "noxfile.py"}
    )


def _decoded(path: str, content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise PlantingError(f"{path} is no UTF-8 text: {error}", fix="save it as UTF-8") from None


def code_of(
    file: str,
    text: str,
    *,
    elsewhere: Words = frozenset(),
    learnt: Words = frozenset(),
    quoted: Words = frozenset(),
    tables: Mapping[str, Mapping[str, tuple[str, ...]]] | None = None,
) -> Code:
    """Parse one file.

    Raises
    ------
    PlantingError
        If it does not parse; names the line, of a notebook also the cell.
    """
    wrapper = MetadataWrapper(_parsed(file, text))
    parents = wrapper.resolve(ParentNodeProvider)
    ranges = wrapper.resolve(PositionProvider)
    lines = {node: (span.start.line, span.start.column) for node, span in ranges.items()}
    return Code(file, text, wrapper.module, parents, lines, elsewhere, learnt, quoted, tables or {})


def _parsed(file: str, text: str) -> cst.Module:
    try:
        compile(text, file, "exec", dont_inherit=True)
        module = cst.parse_module(text)
    except cst.ParserSyntaxError as error:
        line, what = error.raw_line, "this is no Python"
    except SyntaxError as error:
        line, what = error.lineno or 1, error.msg
    except ValueError as error:
        line, what = 1, str(error)
    else:
        return module
    cell, at = place_in(text, line) if is_notebook(file) else (None, line)
    where = f"{file}:{at}" if cell is None else f"{file} cell `{cell}` line {at}"
    raise PlantingError(f"{where}: does not parse: {what}", fix="mend the syntax of the fixed project")
