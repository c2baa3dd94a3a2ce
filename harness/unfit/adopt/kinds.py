"""Kinds: expressions of the contract for what was seen, and for what an annotation says."""

from __future__ import annotations

import ast
import re
from typing import Any, Final

from unfit.adopt.recorder import joined

__all__ = ["PLAIN", "Kinds", "annotated"]

PLAIN: Final = frozenset({"str", "int", "float", "bool", "None", "date", "datetime"})
BUILT_IN: Final = frozenset({"Table", "Folder", "Any", "Literal", "List", "Dict"})

Shape = dict[str, Any]


class Kinds:
    """The named types of a contract, collected while its expressions are written.

    Attributes
    ----------
    records : dict of str to dict of str to str
        Type by field, by name of the record.
    """

    def __init__(self) -> None:
        self.records: dict[str, dict[str, str]] = {}
        self._classes: dict[str, tuple[str, Shape]] = {}

    def of(self, shape: Shape, name: str) -> str:
        """Write the type of what was seen.

        Parameters
        ----------
        shape : dict
            What the recorder wrote down.
        name : str
            The argument or the function that it belongs to, after which a record is called.
        """
        kind = self._of(shape, name)
        return f"{kind} | None" if shape.get("optional") and kind not in {"Any", "None"} else kind

    def _of(self, shape: Shape, name: str) -> str:
        match shape["kind"]:
            case "folder":
                return "Folder"
            case "enum":
                return _choice(shape)
            case "list":
                return f"list[{self.of(shape['of'], singular(name))}]"
            case "dict":
                return f"dict[str, {self.of(shape['of'], singular(name))}]"
            case "record" if ":" in shape.get("made_of", ""):
                return self._of_a_class(shape)
            case "record" if shape["fields"]:
                return self._record(shape["fields"], name)
            case "table" if all(field.isidentifier() for field in shape["fields"]) and shape["fields"]:
                return f"Table[{self._record(shape['fields'], singular(name))}]"
            case kind if kind in PLAIN:
                return str(kind)
        return "Any"

    def _of_a_class(self, shape: Shape) -> str:
        """Write the type of an object: all that was seen of one class is one type."""
        made = shape["made_of"]
        own = re.split(r"[:.]", made)[-1]
        name, before = self._classes.get(made, (own, None))
        if before is None:
            while name in self.records or name in BUILT_IN:
                name += "2"
        known = joined([before, shape]) if before else shape
        self._classes[made] = name, known
        self.records[name] = {field: self.of(told, field) for field, told in known["fields"].items()}
        return name

    def _record(self, fields: dict[str, Shape], name: str) -> str:
        told = {field: self.of(shape, field) for field, shape in fields.items()}
        wanted = camel(name)
        number = 1
        while self.records.get(wanted, told) != told or wanted in BUILT_IN:
            number += 1
            wanted = f"{camel(name)}{number}"
        self.records[wanted] = told
        return wanted


def _choice(shape: Shape) -> str:
    """Write the type of a member of an enumeration: its values, or the kinds of them where they are many."""
    kinds = sorted({type(value).__name__ for value in shape["values"]})
    if shape["closed"] and set(kinds) <= {"str", "int"}:
        return f"Literal[{', '.join(map(repr, shape['values']))}]"
    return " | ".join(kinds)


def annotated(node: ast.expr | None) -> str:
    """Write the type that an annotation says where it is one of plain values; else nothing."""
    try:
        told = ast.unparse(node) if node else ""
        parts = [part.strip("' \"") for part in re.sub(r"Optional\[(\w+)\]", r"\1 | None", told).split("|")]
    except ValueError:
        return ""
    return " | ".join(parts) if parts and set(parts) <= PLAIN else ""


def singular(name: str) -> str:
    """Name one of several things."""
    if name.endswith("ies"):
        return f"{name[:-3]}y"
    if name.endswith("s") and not name.endswith(("ss", "us", "is")) and len(name) > 3:
        return name[:-1]
    return f"{name}_row" if not name.endswith("_row") else name


def camel(name: str) -> str:
    """Write a name as that of a type."""
    return "".join(part.capitalize() for part in re.split(r"[^A-Za-z0-9]+", name) if part) or "Record"
