"""The contract: the entry points that a submission must keep, with their types in plain data."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Annotated, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from unfit.bank.nearest_word import nearest
from unfit.records import Record

__all__ = [
    "BUILT_IN",
    "Contract",
    "Entry",
    "Function",
    "NotebookEntry",
    "RelativePath",
    "Sentence",
    "type_names",
]

BUILT_IN = frozenset(
    {
        "str",
        "int",
        "float",
        "bool",
        "None",
        "list",
        "dict",
        "Literal",
        "date",
        "datetime",
        "Table",
        "Folder",
        "Any",
    }
)
"""Names of the type language; all others are defined in ``contract.types``."""


def _relative(path: str) -> str:
    """Refuse a path that does not stay below its folder."""
    parts = path.split("/")
    if path != "." and ("\\" in path or "\0" in path or any(part in {"", ".", ".."} for part in parts)):
        raise ValueError("must be a relative path with forward slashes that stays in its folder")
    return path


Sentence = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
RelativePath = Annotated[str, StringConstraints(min_length=1), AfterValidator(_relative)]
Identifier = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]
TypeExpression = Annotated[str, StringConstraints(min_length=1)]
Seconds = Annotated[float, Field(gt=0)]


class Function(Record):
    """What a function takes and gives."""

    arguments: dict[Identifier, TypeExpression] = Field(default={})
    """Type by argument, in order."""
    returns: TypeExpression = "None"
    seconds: Seconds = 10
    """Processor seconds at the stated size; at least five times what the slowest right fix needs."""
    size: str = ""
    """The size that `seconds` holds for, in words."""


class Entry(Function):
    """A function of the submission's modules."""

    call: Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][\w.]*:[A-Za-z_][\w.]*$")]
    """``package.module:function``."""
    does: Sentence
    """What it does, in one sentence."""


class NotebookEntry(Record):
    """A notebook that the grader runs top to bottom."""

    path: RelativePath
    does: Sentence
    """What it does, in one sentence."""
    reads: tuple[RelativePath, ...] = ()
    """Input files that the grader replaces."""
    seconds: Seconds = 30
    """Processor seconds for one run."""
    size: str = ""
    """The size that `seconds` holds for, in words."""
    defines: dict[Identifier, TypeExpression] = Field(default={})
    """Type by name that exists after a run."""
    functions: dict[Identifier, Function] = Field(default={})
    """Functions that can be called after a run."""


class Contract(Record):
    """Everything that a submission must keep."""

    paths: tuple[RelativePath, ...] = ("src",)
    """Folders of the submission that go on ``sys.path``."""
    entry: tuple[Entry, ...] = ()
    notebook: tuple[NotebookEntry, ...] = ()
    types: dict[Identifier, dict[Identifier, TypeExpression]] = Field(default={})
    """Records by name: type by field, in Python's annotation syntax."""

    @model_validator(mode="after")
    def _names_are_defined(self) -> Self:
        if not self.entry and not self.notebook:
            raise ValueError("needs an [[contract.entry]] or a [[contract.notebook]]")
        for name in self.types:
            if name in BUILT_IN:
                raise ValueError(
                    f"`types.{name}` hides a type of the contract's language; choose another name"
                )
        for key, expression in self._expressions():
            for name in sorted(type_names(expression, key=key)):
                if name not in self.types:
                    hint = nearest(name, [*BUILT_IN, *self.types])
                    raise ValueError(f"`{key}` = {expression!r}: the type `{name}` is not defined{hint}")
        return self

    @property
    def needed(self) -> tuple[str, ...]:
        """Paths that a submission must have: its folders of code, its notebooks and what they read."""
        read = (path for notebook in self.notebook for path in (notebook.path, *notebook.reads))
        return (*self.paths, *read)

    def _expressions(self) -> Iterator[tuple[str, str]]:
        for entry in self.entry:
            yield from _of_function(f"entry[{entry.call}]", entry)
        for notebook in self.notebook:
            yield from (
                (f"notebook[{notebook.path}].defines.{name}", kind) for name, kind in notebook.defines.items()
            )
            for name, function in notebook.functions.items():
                yield from _of_function(f"notebook[{notebook.path}].functions.{name}", function)
        for record, fields in self.types.items():
            yield from ((f"types.{record}.{name}", kind) for name, kind in fields.items())


def _of_function(key: str, function: Function) -> Iterator[tuple[str, str]]:
    yield from ((f"{key}.arguments.{name}", kind) for name, kind in function.arguments.items())
    yield f"{key}.returns", function.returns


def type_names(expression: str, *, key: str = "type") -> frozenset[str]:
    """Names in a type expression that ``contract.types`` has to define.

    Parameters
    ----------
    expression : str
        A type in Python's annotation syntax, such as ``"Table[Referral] | None"``.
    key : str, default="type"
        What to call the expression in an error.

    Returns
    -------
    names : frozenset of str
        Without the names of the type language itself.

    Raises
    ------
    ValueError
        If the expression is not one of the type language.

    Examples
    --------
    >>> sorted(type_names("dict[str, list[Scored]] | Literal['held'] | None"))
    ['Scored']
    """
    try:
        tree = ast.parse(expression.strip(), mode="eval").body
    except SyntaxError as error:
        raise ValueError(f"`{key}` = {expression!r} is not a type: {error.msg}") from None
    names: set[str] = set()
    if not _collect(tree, names):
        raise ValueError(f"`{key}` = {expression!r} is not a type of the contract's language")
    return frozenset(names - BUILT_IN)


def _collect(node: ast.expr, names: set[str]) -> bool:
    """Add the names below `node`; false where it is no type."""
    match node:
        case ast.Name(id=name):
            names.add(name)
            return True
        case ast.Constant(value=None):
            return True
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return _collect(left, names) and _collect(right, names)
        case ast.Subscript(value=ast.Name(id="Literal"), slice=inside):
            values = inside.elts if isinstance(inside, ast.Tuple) else [inside]
            return all(isinstance(value, (ast.Constant, ast.UnaryOp)) for value in values)
        case ast.Subscript(value=ast.Name(id=("list" | "dict" | "Table") as outer), slice=inside):
            parts = inside.elts if isinstance(inside, ast.Tuple) else [inside]
            return len(parts) == (2 if outer == "dict" else 1) and all(
                _collect(part, names) for part in parts
            )
        case _:
            return False
