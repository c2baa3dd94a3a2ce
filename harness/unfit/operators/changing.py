"""A change of one file: the nodes that it swaps, and what it would leave behind."""

from __future__ import annotations

import ast
import re
import sys
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

import libcst as cst

from unfit.operators.code import Code
from unfit.operators.notebook_module import is_mark
from unfit.operators.syntax import source

__all__ = ["GONE", "Change", "New", "compiles", "planted"]

New = cst.CSTNode | cst.RemovalSentinel | cst.FlattenSentinel[Any]
GONE = cst.RemovalSentinel.REMOVE


@dataclass(frozen=True)
class Change:
    """What an operator would do in one place.

    Parameters
    ----------
    at : CSTNode
        Where a reader looks.
    swaps : mapping of CSTNode to CSTNode
        What stands where; `GONE` where nothing does.
    needs : tuple of (str, str)
        Names to import, as (module, name).
    rule, title : str
        Where they are not those of the operator.
    hushed : collection of CSTNode
        Statements whose comments, above them, would tell.
    """

    at: cst.CSTNode
    swaps: Mapping[Any, New]
    needs: tuple[tuple[str, str], ...] = ()
    rule: str = ""
    title: str = ""
    hushed: Collection[cst.CSTNode] = ()


class _Swap(cst.CSTTransformer):
    def __init__(self, swaps: Mapping[Any, New], hushed: Collection[cst.CSTNode]) -> None:
        super().__init__()
        self.swaps, self.hushed = swaps, hushed

    def on_leave(self, original_node: cst.CSTNode, updated_node: cst.CSTNode) -> New:  # type: ignore[override]
        new = self.swaps.get(original_node, updated_node)
        if original_node in self.hushed and isinstance(
            new, cst.SimpleStatementLine | cst.BaseCompoundStatement
        ):
            return new.with_changes(
                leading_lines=[line for line in new.leading_lines if line.comment is None]
            )
        return new


def planted(code: Code, change: Change) -> str | None:
    """Write the file with a change, without the names that it leaves unused.

    Returns
    -------
    text : str or None
        None where the change is none, or where its result would not compile.
    """
    try:
        text = _imported(
            _swapped(code.module, change.swaps, change.hushed),
            change.needs,
            frozenset(PurePosixPath(code.file).parts),
        )
    except cst.CSTValidationError:
        return None
    if not compiles(text) or _same(code.text, text):
        return None
    return _tidied(code, text)


def compiles(text: str) -> bool:
    """Whether a text is a module that Python would compile."""
    try:
        compile(text, "planted", "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return False
    return True


def _same(one: str, other: str) -> bool:
    return ast.dump(ast.parse(one)) == ast.dump(ast.parse(other))


def _swapped(module: cst.Module, swaps: Mapping[Any, New], hushed: Collection[cst.CSTNode] = ()) -> str:
    """Swap nodes; the blank lines above a statement that goes stay where they were."""
    kept = dict(swaps)
    for node in swaps:
        if kept[node] is GONE and isinstance(node, cst.SimpleStatementLine | cst.BaseCompoundStatement):
            _hand_down(module, node, kept)
    changed = module.visit(_Swap(kept, hushed))
    return changed.code


def _hand_down(module: cst.Module, gone: cst.CSTNode, swaps: dict[Any, New]) -> None:
    """Give the blank lines above a statement to the next one, where that has fewer."""
    found = _Blocks(gone)
    module.visit(found)
    after = found.after
    while after is not None and swaps.get(after) is GONE:
        found = _Blocks(after)
        module.visit(found)
        after = found.after
    if after is None or after in swaps or not hasattr(after, "leading_lines"):
        return
    blank = [line for line in getattr(gone, "leading_lines", ()) if line.comment is None]
    own = [line for line in after.leading_lines if line.comment is None]
    if len(blank) > len(own):
        swaps[after] = after.with_changes(
            leading_lines=[*blank, *(line for line in after.leading_lines if line.comment is not None)]
        )


class _Blocks(cst.CSTVisitor):
    """Finds the statement that follows another one."""

    def __init__(self, wanted: cst.CSTNode) -> None:
        super().__init__()
        self.wanted = wanted
        self.after: cst.CSTNode | None = None

    def on_visit(self, node: cst.CSTNode) -> bool:
        if isinstance(node, cst.Module | cst.IndentedBlock):
            body = list(node.body)
            if self.wanted in body:
                at = body.index(self.wanted)  # type: ignore[arg-type]
                self.after = body[at + 1] if at + 1 < len(body) else None
        return self.after is None


def _imported(text: str, needs: tuple[tuple[str, str], ...], own: Collection[str]) -> str:
    """Add imports, each to one of the same module where there is one, else below the first imports."""
    for module, name in needs:
        if name in _bound(text):
            continue
        text = cst.parse_module(text).visit(_Import(module, name, own)).code
    return text


def _bound(text: str) -> set[str]:
    """Names that a module imports or defines at its top."""
    found: set[str] = set()
    for node in ast.parse(text).body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            found |= {alias.asname or alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Assign):
            found |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return found


class _Import(cst.CSTTransformer):
    """Adds one name to the imports of a module."""

    def __init__(self, module: str, name: str, own: Collection[str]) -> None:
        super().__init__()
        self.module, self.name, self.own = module, name, own
        self.done = False

    def leave_ImportFrom(self, original_node: cst.ImportFrom, updated_node: cst.ImportFrom) -> cst.ImportFrom:
        if self.done or isinstance(updated_node.names, cst.ImportStar) or updated_node.relative:
            return updated_node
        if original_node.module is None or source(original_node.module) != self.module:
            return updated_node
        self.done = True
        names = [*updated_node.names, cst.ImportAlias(cst.Name(self.name))]
        names.sort(key=lambda alias: _isorted(source(alias.name)))
        comma = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
        listed = [alias.with_changes(comma=comma) for alias in names[:-1]]
        return updated_node.with_changes(
            names=[*listed, names[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)]
        )

    def leave_Module(self, original_node: cst.Module, updated_node: cst.Module) -> cst.Module:
        if self.done:
            return updated_node
        line = f"from {self.module} import {self.name}" if self.module else f"import {self.name}"
        new = cst.ensure_type(cst.parse_statement(line), cst.SimpleStatementLine)
        body = list(updated_node.body)
        imports = _first_imports(body)
        before = [at for at in imports if self._after(body[at])]
        if before:
            at = before[-1] + 1
            if (
                _top(body[before[-1]]) in _STANDARD
                and (self.module or self.name).partition(".")[0] not in _STANDARD
            ):
                new = new.with_changes(leading_lines=[cst.EmptyLine(indent=False)])
        elif imports:
            at = imports[0]
            first = cst.ensure_type(body[at], cst.SimpleStatementLine)
            new = new.with_changes(leading_lines=first.leading_lines)
            body[at] = first.with_changes(leading_lines=[])
        else:
            at = 1 if body and _is_text(body[0]) else 0
        return updated_node.with_changes(body=[*body[:at], new, *body[at:]])

    def _after(self, node: cst.CSTNode) -> bool:
        """Whether an import of the same block sorts in front of the new one."""
        line = source(node).strip()
        plain = line.startswith("import ")
        theirs = _top(node)
        if theirs in self.own:
            return False
        mine = self.module.partition(".")[0] or self.name
        standard = theirs in _STANDARD
        if (mine in _STANDARD) != standard:
            return standard
        if plain == (not self.module):
            return line.lower() < (f"from {self.module}" if self.module else f"import {self.name}").lower()
        return plain


def _first_imports(body: list[cst.SimpleStatementLine | cst.BaseCompoundStatement]) -> list[int]:
    """Places of the imports at the top, up to the first statement that is none."""
    imports = [at for at, node in enumerate(body) if _is_import(node)]
    return [at for number, at in enumerate(imports) if at == imports[0] + number]


def _top(node: cst.CSTNode) -> str:
    """Name the outermost package of an import."""
    return re.split(r"[\s,.]+", source(node).strip())[1]


_STANDARD = frozenset(sys.stdlib_module_names)


def _isorted(name: str) -> tuple[int, str]:
    """Order constants first, then classes, then the rest, as the usual formatters do."""
    rank = 0 if name.isupper() else 1 if name[:1].isupper() else 2
    return rank, name


def _is_import(node: cst.CSTNode) -> bool:
    return isinstance(node, cst.SimpleStatementLine) and isinstance(node.body[0], cst.Import | cst.ImportFrom)


def _is_text(node: cst.CSTNode) -> bool:
    return (
        isinstance(node, cst.SimpleStatementLine)
        and isinstance(node.body[0], cst.Expr)
        and isinstance(node.body[0].value, cst.SimpleString | cst.ConcatenatedString)
        and not is_mark(source(node))
    )


# ── what is left behind ──────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class _Uses:
    """How often each name is read, and each attribute, and what functions read of their own names."""

    names: Counter[str] = field(default_factory=Counter)
    attributes: Counter[str] = field(default_factory=Counter)
    local: frozenset[tuple[str, str]] = frozenset()
    exported: frozenset[str] = frozenset()


def _uses(text: str) -> _Uses:
    names: Counter[str] = Counter()
    attributes: Counter[str] = Counter()
    exported: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            names[node.id] += 1
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
            attributes[node.attr] += 1
        elif isinstance(node, ast.Assign) and any(
            isinstance(target, ast.Name) and target.id == "__all__" for target in node.targets
        ):
            exported |= {item.value for item in ast.walk(node) if isinstance(item, ast.Constant)}  # type: ignore[misc]
    return _Uses(names, attributes, frozenset(_local(ast.parse(text))), frozenset(exported))


def _local(tree: ast.AST, outer: str = "") -> Iterator[tuple[str, str]]:
    """Go through the names that each function reads, with the function's own name and those around it."""
    for node in ast.iter_child_nodes(tree):
        named = isinstance(node, ast.FunctionDef | ast.ClassDef)
        inner = f"{outer}.{node.name}" if isinstance(node, ast.FunctionDef | ast.ClassDef) else outer
        if isinstance(node, ast.FunctionDef):
            for one in ast.walk(node):
                if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Load):
                    yield inner, one.id
        yield from _local(node, inner if named else outer)


def _tidied(code: Code, text: str) -> str | None:
    """Leave out imports, constants, private functions and local names that nothing reads any more."""
    before = _uses(code.text)
    for _ in range(8):
        now = _uses(text)
        unused = {name for name in before.names if not now.names[name] and name not in now.exported}
        lost = {name for name in before.attributes if not now.attributes[name]} - code.elsewhere
        sweep = _Sweep(unused, lost, before.local - now.local, code.elsewhere)
        tidier = cst.parse_module(text)
        tidier.visit(sweep)
        if not sweep.swaps:
            return text
        text = _swapped(tidier, sweep.swaps)
        if not compiles(text):
            return None
    return text


class _Sweep(cst.CSTVisitor):
    """Finds what gives a name a value that nothing reads."""

    def __init__(
        self,
        unused: Collection[str],
        lost: Collection[str],
        idle: Collection[tuple[str, str]],
        elsewhere: Collection[str],
    ) -> None:
        super().__init__()
        self.unused, self.lost, self.idle, self.elsewhere = unused, lost, idle, elsewhere
        self.swaps: dict[Any, New] = {}
        self.inside: list[type[cst.CSTNode]] = []
        self.names: list[str] = []

    def visit_ClassDef(self, node: cst.ClassDef) -> None:
        self.inside.append(cst.ClassDef)
        self.names.append(node.name.value)

    def leave_ClassDef(self, original_node: cst.ClassDef) -> None:
        self.inside.pop()
        self.names.pop()

    def visit_FunctionDef(self, node: cst.FunctionDef) -> bool:
        name = node.name.value
        if not self.inside and name.startswith("_") and name in self.unused and name not in self.elsewhere:
            self.swaps[node] = GONE
            return False
        self.inside.append(cst.FunctionDef)
        self.names.append(name)
        return True

    def leave_FunctionDef(self, original_node: cst.FunctionDef) -> None:
        if original_node not in self.swaps:
            self.inside.pop()
            self.names.pop()

    def visit_Module(self, node: cst.Module) -> None:
        self._block(node.body)

    def visit_IndentedBlock(self, node: cst.IndentedBlock) -> None:
        self._block(node.body)

    def _block(self, body: Collection[cst.CSTNode]) -> None:
        lines = list(body)
        for at, node in enumerate(lines):
            if not isinstance(node, cst.SimpleStatementLine) or len(node.body) != 1:
                continue
            small = node.body[0]
            if isinstance(small, cst.Import | cst.ImportFrom):
                self._import(node, small)
            elif self._idle(small) and len(lines) > 1:
                self.swaps[node] = GONE
                if at + 1 < len(lines) and _is_text(lines[at + 1]):
                    self.swaps[lines[at + 1]] = GONE

    def _idle(self, small: cst.BaseSmallStatement) -> bool:
        """Whether a statement gives a value to nothing that is read."""
        if isinstance(small, cst.Assign) and len(small.targets) == 1:
            target: cst.BaseExpression = small.targets[0].target
        elif isinstance(small, cst.AnnAssign) and small.value is not None:
            target = small.target
        else:
            return False
        if isinstance(target, cst.Name):
            if self.inside and self.inside[-1] is cst.ClassDef:
                return False
            if self.inside:
                return (".".join(["", *self.names]), target.value) in self.idle
            return target.value in self.unused and target.value not in self.elsewhere
        if not isinstance(target, cst.Attribute) or not isinstance(target.value, cst.Name):
            return False
        return target.attr.value in self.lost and target.attr.value.startswith("_")

    def _import(self, line: cst.SimpleStatementLine, small: cst.Import | cst.ImportFrom) -> None:
        if isinstance(small.names, cst.ImportStar):
            return
        if isinstance(small, cst.ImportFrom) and small.module and source(small.module) == "__future__":
            return
        kept = [alias for alias in small.names if self._bound(alias) not in self.unused]
        if not kept:
            self.swaps[line] = GONE
        elif len(kept) < len(small.names):
            last = kept[-1].with_changes(comma=small.names[-1].comma)
            self.swaps[small] = small.with_changes(names=[*kept[:-1], last])

    @staticmethod
    def _bound(alias: cst.ImportAlias) -> str:
        if alias.asname is not None:
            return source(alias.asname.name)
        return source(alias.name).partition(".")[0]
