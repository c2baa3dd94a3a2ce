"""Parts: a file cut into what a commit can bring of it, with what each part needs of other parts."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from unfit.planting.notebook_documents import cell_sources, is_notebook, rewrite

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

__all__ = ["FilePart", "Imported", "can_be_cut", "cut", "joined"]

OPENINGS = {
    ".md": re.compile(r"^#{1,6}\s+(?P<name>.+?)\s*#*$"),
    ".toml": re.compile(r"^\[{1,2}\s*(?P<name>[\w.\"' -]+?)\s*\]{1,2}\s*(?:#.*)?$"),
    "Makefile": re.compile(r"^(?P<name>[\w./-]+)\s*:(?!=)"),
}
"""The line that opens a part, by how the file's name ends."""
ROWS = (".csv", ".jsonl")
HUNDRED = 100
NEWLINE = "\n"
FENCE = re.compile(r"^\s*(```|~~~)")


@dataclass(frozen=True)
class Imported:
    """A name that an import binds.

    Parameters
    ----------
    bound : str
    module : str
        As it is written; with leading dots where it is relative.
    name : str
        What is taken out of the module; empty for the module itself.
    """

    bound: str
    module: str
    name: str = ""


@dataclass(frozen=True)
class FilePart:
    """A piece of a file.

    Parameters
    ----------
    text : str
        As it stands in the file; of a notebook the source of a cell.
    names : frozenset of str
        By which a commit can name it.
    kind : {"named", "always", "import", "loose"}
        "always" is there as soon as the file is, "import" as far as it is used, "loose" with the last that it uses.
    binds, uses : frozenset of str
        Names of the module that it defines, and that it reads.
    attributes : frozenset of (str, str)
        What it reads of a name: ``store.read``.
    imports : tuple of Imported
    """

    text: str
    names: frozenset[str] = frozenset()
    kind: Literal["named", "always", "import", "loose"] = "named"
    binds: frozenset[str] = frozenset()
    uses: frozenset[str] = frozenset()
    attributes: frozenset[tuple[str, str]] = frozenset()
    imports: tuple[Imported, ...] = field(default=())


def can_be_cut(path: str) -> bool:
    """Whether a file of this name has parts that a commit can name."""
    return path.endswith((".py", ".ipynb", *OPENINGS, *ROWS))


def cut(path: str, content: bytes) -> tuple[FilePart, ...]:
    """Cut a file into its parts, in order.

    Parameters
    ----------
    path : str
        Its name tells how: Python by top-level statements, notebooks by cells, Markdown by headings, TOML by tables,
        a Makefile by targets, tables of data by the share of their rows, such as ``60 %``; any other file is one part.
    content : bytes
        A file of a bank.
    """
    if is_notebook(path):
        sources = cell_sources(content, path)
        return tuple(replace(_read(text, text), names=frozenset({cell})) for cell, text in sources.items())
    if path.endswith(".py"):
        return tuple(_statements(content.decode()))
    for ending, opening in OPENINGS.items():
        if path.endswith(ending):
            return tuple(_sections(content.decode(), opening))
    if path.endswith(ROWS):
        return tuple(_rows(content.decode(), headed=path.endswith(".csv")))
    return (FilePart("", kind="always"),)


def joined(
    path: str, content: bytes, parts: Sequence[FilePart], kept: Collection[int], wanted: Collection[str]
) -> bytes:
    """Put some parts of a file together.

    Parameters
    ----------
    path, content
        The file.
    parts : sequence of FilePart
        All of its parts, in order.
    kept : collection of int
        Which of them.
    wanted : collection of str
        Imported names that another file takes from here.
    """
    if len(kept) == len(parts):
        return content
    if is_notebook(path):
        cells = cell_sources(content, path)
        return rewrite(content, path, {cell: None for at, cell in enumerate(cells) if at not in kept})
    used = set(wanted).union(*(parts[at].uses for at in kept))
    texts, skipped = list[str](), ""
    for at, part in enumerate(parts):
        text = _as_used(part, used) if part.kind == "import" else part.text if at in kept else ""
        texts.append(skipped + text if text and not _blank(text) else text)
        skipped = "" if text or part.kind != "import" else skipped or _blank(part.text)
    return f"{''.join(texts).strip(NEWLINE)}\n".encode()


def _blank(text: str) -> str:
    """Return the empty lines that a text begins with."""
    return text[: len(text) - len(text.lstrip(NEWLINE))]


def _sections(text: str, opening: re.Pattern[str]) -> Iterator[FilePart]:
    """Cut a text before each line that opens a part, but within a fenced block."""
    name, lines, fenced = "", list[str](), False
    for line in text.splitlines(keepends=True):
        fenced ^= bool(FENCE.match(line))
        found = None if fenced else opening.match(line)
        if found:
            if lines:
                yield _section(name, lines)
            name, lines = found["name"], []
        lines.append(line)
    if lines:
        yield _section(name, lines)


def _section(name: str, lines: Iterable[str]) -> FilePart:
    return FilePart("".join(lines), frozenset({name} - {""}), kind="named" if name else "always")


def _rows(text: str, *, headed: bool) -> Iterator[FilePart]:
    """Cut a table into hundredths of its rows; each is named by its own percentage and all above it."""
    lines = text.splitlines(keepends=True)
    if headed:
        yield FilePart("".join(lines[:1]), kind="always")
        lines = lines[1:]
    for share in range(1, HUNDRED + 1):
        first, last = (len(lines) * end // HUNDRED for end in (share - 1, share))
        names = frozenset(f"{above} %" for above in range(share, HUNDRED + 1))
        yield FilePart("".join(lines[first:last]), names)


def _statements(text: str) -> Iterator[FilePart]:
    """Cut a module before each top-level statement; comments and empty lines go with what follows them."""
    body, lines = ast.parse(text).body, text.splitlines(keepends=True)
    groups: list[list[ast.stmt]] = []
    for node in body:
        same_line = groups and node.lineno <= _last(groups[-1][-1])
        describes = groups and _is_text(node) and isinstance(groups[-1][-1], ast.Assign | ast.AnnAssign)
        if same_line or describes:
            groups[-1].append(node)
        else:
            groups.append([node])
    start = 0
    for number, group in enumerate(groups):
        end = len(lines) if number == len(groups) - 1 else _last(group[-1])
        yield _part(group, "".join(lines[start:end]), first=number == 0)
        start = end
    if not groups:
        yield FilePart(text, kind="always")


def _last(node: ast.stmt) -> int:
    return node.end_lineno or node.lineno


def _is_text(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def _part(nodes: list[ast.stmt], text: str, *, first: bool) -> FilePart:
    read = _read("\n".join(map(ast.unparse, nodes)), text)
    node = nodes[0]
    if (first and _is_text(node)) or (isinstance(node, ast.ImportFrom) and node.module == "__future__"):
        return FilePart(text, kind="always")
    if isinstance(node, ast.Import | ast.ImportFrom):
        return replace(read, kind="import")
    return replace(read, names=read.binds, kind="named" if read.binds else "loose")


def _read(code: str, text: str) -> FilePart:
    """Find what a piece of code binds, reads and imports; nothing where it is no Python."""
    try:
        tree = ast.parse(code)
    except SyntaxError:
        return FilePart(text)
    nodes = list(ast.walk(tree))
    listed = {
        item.value
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
        for item in ast.walk(node.value)
        if isinstance(item, ast.Constant) and isinstance(item.value, str)
    }
    reads = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    return FilePart(
        text,
        binds=frozenset(_bound(tree.body)),
        uses=frozenset(reads | listed),
        attributes=frozenset(
            (node.value.id, node.attr)
            for node in nodes
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
        ),
        imports=tuple(one for node in nodes for one in _imported(node)),
    )


def _bound(body: Iterable[ast.AST]) -> Iterator[str]:
    """Name what statements define at their own level, within blocks too."""
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.Import | ast.ImportFrom):
            yield from (one.bound for one in _imported(node))
        elif not isinstance(node, ast.Lambda):
            yield from _bound(ast.iter_child_nodes(node))


def _imported(node: ast.AST) -> Iterator[Imported]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield Imported(alias.asname or alias.name.split(".")[0], alias.name)
    elif isinstance(node, ast.ImportFrom):
        module = "." * node.level + (node.module or "")
        for alias in node.names:
            yield Imported(alias.asname or alias.name, module, alias.name)


def _as_used(part: FilePart, used: Collection[str]) -> str:
    """Write an import with the names that are used only; nothing where none is."""
    kept = [one.bound in used for one in part.imports]
    if all(kept) or not any(kept):
        return part.text if all(kept) else ""
    (node,) = ast.parse(part.text).body
    assert isinstance(node, ast.Import | ast.ImportFrom)
    node.names = [alias for alias, stays in zip(node.names, kept, strict=True) if stays]
    return f"{_blank(part.text)}{ast.unparse(node)}\n"
