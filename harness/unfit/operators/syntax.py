"""Small pieces of syntax that operators read and build."""

from __future__ import annotations

import re
from collections.abc import Iterable

import libcst as cst

__all__ = [
    "argument",
    "assigned",
    "bare",
    "constant",
    "dotted",
    "expression",
    "last_name",
    "literal",
    "mentions",
    "names_in",
    "receiver",
    "source",
    "statement",
    "terms",
    "truth",
    "with_argument",
    "without",
]

_BLANK = cst.Module([])


def source(node: cst.CSTNode) -> str:
    """Write a node as code."""
    return _BLANK.code_for_node(node)


def expression(text: str) -> cst.BaseExpression:
    """Read an expression."""
    return cst.parse_expression(text)


def statement(text: str) -> cst.SimpleStatementLine | cst.BaseCompoundStatement:
    """Read one statement."""
    return cst.parse_statement(text)


def dotted(node: cst.CSTNode | None) -> str:
    """Write a chain of names with dots, as ``np.random.default_rng``; empty for anything else."""
    if isinstance(node, cst.Name):
        return node.value
    if isinstance(node, cst.Attribute) and (front := dotted(node.value)):
        return f"{front}.{node.attr.value}"
    return ""


def last_name(call: cst.CSTNode | None) -> str:
    """Name what is called, without what stands in front of the last dot."""
    func = call.func if isinstance(call, cst.Call) else call
    if isinstance(func, cst.Attribute):
        return func.attr.value
    return func.value if isinstance(func, cst.Name) else ""


def receiver(call: cst.Call) -> cst.BaseExpression | None:
    """What stands in front of the last dot of what is called."""
    return call.func.value if isinstance(call.func, cst.Attribute) else None


def argument(call: cst.Call, keyword: str = "", at: int | None = None) -> cst.Arg | None:
    """Find an argument by its keyword, or by its place among those without one."""
    for arg in call.args:
        if keyword and arg.keyword is not None and arg.keyword.value == keyword:
            return arg
    plain = [arg for arg in call.args if arg.keyword is None and not arg.star]
    return plain[at] if at is not None and at < len(plain) else None


def without(call: cst.Call, *gone: cst.Arg | None) -> cst.Call:
    """Leave arguments out, and keep the layout of the others."""
    kept = [arg for arg in call.args if arg not in gone]
    if kept and call.args:
        kept[-1] = kept[-1].with_changes(
            comma=call.args[-1].comma, whitespace_after_arg=call.args[-1].whitespace_after_arg
        )
    return call.with_changes(args=kept)


def with_argument(call: cst.Call, text: str) -> cst.Call:
    """Add a keyword argument at the end, or put it in the place of its namesake."""
    (new,) = cst.ensure_type(expression(f"f({text})"), cst.Call).args
    name = new.keyword.value if new.keyword else ""
    old = argument(call, name)
    if old is not None:
        return call.with_changes(
            args=[arg if arg is not old else arg.with_changes(value=new.value) for arg in call.args]
        )
    if not call.args:
        return call.with_changes(args=[new])
    *front, last = call.args
    space = front[-1].comma if front else cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
    comma = space if isinstance(space, cst.Comma) else cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
    new = new.with_changes(comma=last.comma, whitespace_after_arg=last.whitespace_after_arg)
    plain = cst.SimpleWhitespace("")
    return call.with_changes(args=[*front, last.with_changes(comma=comma, whitespace_after_arg=plain), new])


def literal(node: cst.CSTNode | None) -> str | None:
    """Read a text that stands in the code; none for anything else."""
    if isinstance(node, cst.SimpleString) and isinstance(node.evaluated_value, str):
        return node.evaluated_value
    return None


def truth(node: cst.CSTNode | None, name: str) -> bool:
    """Whether an argument's value is one name, such as ``None`` or ``False``."""
    return isinstance(node, cst.Name) and node.value == name


def constant(name: str) -> bool:
    """Whether a name is written as those of constants are."""
    return bool(re.fullmatch(r"[A-Z][A-Z0-9_]*", name))


def assigned(node: cst.CSTNode | None) -> tuple[str, cst.BaseExpression] | None:
    """Read a statement that gives one name a value; none for any other."""
    if not isinstance(node, cst.SimpleStatementLine) or len(node.body) != 1:
        return None
    small = node.body[0]
    if (
        isinstance(small, cst.Assign)
        and len(small.targets) == 1
        and isinstance(small.targets[0].target, cst.Name)
    ):
        return small.targets[0].target.value, small.value
    if isinstance(small, cst.AnnAssign) and isinstance(small.target, cst.Name) and small.value is not None:
        return small.target.value, small.value
    return None


def names_in(node: cst.CSTNode) -> frozenset[str]:
    """Every word of a piece of code that is no text."""
    bare = re.sub(r"(\"\"\".*?\"\"\"|'[^'\n]*'|\"[^\"\n]*\")", "", source(node), flags=re.DOTALL)
    return frozenset(re.findall(r"[A-Za-z_]\w*", bare))


def mentions(node: cst.CSTNode, words: str) -> bool:
    """Whether code holds a word, texts included."""
    return re.search(words, source(node).lower()) is not None


def bare(node: cst.BaseExpression) -> cst.BaseExpression:
    """Take the brackets from what stood beside another term."""
    return node.with_changes(lpar=[], rpar=[])


def terms(node: cst.BaseExpression) -> Iterable[tuple[cst.BaseExpression, cst.BaseExpression]]:
    """Go through the terms of ``a & b`` or ``a and b``, each with what is left without it."""
    both = isinstance(node, cst.BinaryOperation) and isinstance(node.operator, cst.BitAnd)
    both = both or (isinstance(node, cst.BooleanOperation) and isinstance(node.operator, cst.And))
    if not both:
        return
    assert isinstance(node, cst.BinaryOperation | cst.BooleanOperation)
    yield node.right, bare(node.left)
    yield node.left, bare(node.right)
    for term, rest in terms(node.left):
        yield term, node.with_changes(left=rest)
