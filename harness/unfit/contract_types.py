"""The types of a contract: what entry points take and return, and whether a value keeps to it."""

from __future__ import annotations

import ast
import datetime as dt
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Annotated, Any, Final, Literal

import numpy as np
import pandas as pd
from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    TypeAdapter,
    ValidationError,
    with_config,
)
from pydantic_core import ErrorDetails, PydanticCustomError
from typing_extensions import TypedDict

from unfit.brief import brief
from unfit.errors import ManifestError

__all__ = ["ContractBroken", "Types", "table_of"]


class ContractBroken(Exception):
    """A value is not what the contract promises: the submission's fault, named by place."""


def _no_nan(value: Any) -> Any:
    """Read what pandas uses for a missing value as null."""
    if value is None or value is pd.NaT or value is pd.NA:
        return None
    return None if isinstance(value, float) and math.isnan(value) else value


def _number(value: Any) -> Any:
    value = _no_nan(value)
    if isinstance(value, bool):
        return float(value)
    return _bounded(value)


def _whole(value: Any) -> Any:
    value = _no_nan(value)
    if isinstance(value, bool):
        return int(value)
    return _bounded(int(value) if isinstance(value, float) and value.is_integer() else value)


def _bounded(value: Any) -> Any:
    """Refuse a whole number that no column of a table could hold."""
    if isinstance(value, int) and not -LARGEST <= value <= LARGEST:
        raise PydanticCustomError("too_large", "a whole number of at most 64 bits")
    return value


def _plain(value: Any) -> Any:
    """Refuse such a number anywhere in a value of any type; what it holds besides is not looked at."""
    waiting = [value]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            waiting.extend(part.values())
        elif isinstance(part, list | tuple):
            waiting.extend(part)
        else:
            _bounded(part)
    return value


def _truth(value: Any) -> Any:
    value = _no_nan(value)
    return bool(value) if isinstance(value, int | float) and value in {0, 1} else value


_STRICT = Field(strict=True)
LARGEST: Final = 2**63 - 1
"""Largest whole number that is taken, in either direction."""
_PLAIN: dict[str, Any] = {
    "str": Annotated[str, _STRICT],
    "int": Annotated[int, _STRICT, BeforeValidator(_whole)],
    "float": Annotated[float, Field(strict=True, allow_inf_nan=False), BeforeValidator(_number)],
    "bool": Annotated[bool, _STRICT, BeforeValidator(_truth)],
    "date": dt.date,
    "datetime": dt.datetime,
    "Any": Annotated[Any, AfterValidator(_plain)],
    "None": Annotated[None, BeforeValidator(_no_nan)],
    "Folder": Any,
}


@dataclass(frozen=True)
class _Column:
    name: str
    values: TypeAdapter[list[Any]]
    numeric: bool


def table_of(value: Any) -> pd.DataFrame:
    """Read a table in any of the shapes that count as one.

    Parameters
    ----------
    value : DataFrame, list of dict, or dict of list
        What an entry point returned.

    Returns
    -------
    table : DataFrame
        With a plain row number as its index; a named index becomes a column.

    Raises
    ------
    ContractBroken
        If the value has none of these shapes.
    """
    if isinstance(value, pd.DataFrame):
        named = [name for name in value.index.names if name is not None and name not in value.columns]
        return value.reset_index(drop=not named)
    if isinstance(value, list) and all(isinstance(row, dict) for row in value):
        return pd.DataFrame(value)
    if isinstance(value, dict) and _is_columns(list(value.values())):
        return pd.DataFrame(value)
    raise ContractBroken(f"must be a table: a DataFrame or a list of records. Got {_describe(value)}.")


def _is_columns(columns: list[Any]) -> bool:
    return (
        all(isinstance(column, list) for column in columns) and len({len(column) for column in columns}) <= 1
    )


class Types:
    """The named types of one contract, ready to check values.

    Parameters
    ----------
    records : mapping of str to mapping of str to str
        Fields and their types, in Python's annotation syntax, by record name.
    source : str
        The manifest's path, for errors.

    Raises
    ------
    ManifestError
        If an expression is not in the contract's type language or names an unknown type.
    """

    def __init__(self, records: Mapping[str, Mapping[str, str]], *, source: str) -> None:
        self._records = records
        self._source = source
        self._annotations: dict[str, Any] = {}
        self._building: list[str] = []
        self._adapters: dict[str, TypeAdapter[Any]] = {}
        for name in records:
            self._named(name)

    def accept(self, expression: str, value: Any) -> Any:
        """Check a value against a type and bring it to its normal form.

        Raises
        ------
        ContractBroken
            Naming the place that breaks the type, what it must be, and what it is.
        """
        if expression not in self._adapters:
            self._adapters[expression] = TypeAdapter(self.annotation(expression))
        try:
            return self._adapters[expression].validate_python(value)
        except ValidationError as error:
            raise ContractBroken(_sentence(error.errors(include_url=False))) from None
        except Exception as error:  # whatever a library makes of a strange value, it means one thing here
            raise ContractBroken(f"cannot be read: {type(error).__name__}: {brief(error)}") from error

    def annotation(self, expression: str) -> Any:
        """Turn a type expression into an annotation that pydantic can check."""
        try:
            return self._resolve(ast.parse(expression, mode="eval").body)
        except SyntaxError:
            raise ManifestError(
                f"{self._source}: contract: `{expression}` is not a type",
                fix="write it as a Python annotation, for example: list[str], float | None, Table[Row]",
            ) from None

    def _named(self, name: str) -> Any:
        if name in _PLAIN:
            return _PLAIN[name]
        if name not in self._records:
            known = ", ".join([*self._records, *_PLAIN])
            raise ManifestError(
                f"{self._source}: contract: no type is called `{name}`",
                fix=f"use one of {known}, or define it under [contract.types.{name}]",
            )
        if name in self._building:
            raise ManifestError(
                f"{self._source}: contract: type `{name}` contains itself",
                fix="flatten it; contracts describe plain, finite data",
            )
        if name not in self._annotations:
            self._building.append(name)
            self._annotations[name] = self._record(name)
            self._building.pop()
        return self._annotations[name]

    def _record(self, name: str) -> Any:
        fields = {field: self.annotation(kind) for field, kind in self._records[name].items()}
        record = TypedDict(name, fields)  # type: ignore[misc]
        return with_config(ConfigDict(extra="allow"))(record)

    def _resolve(self, node: ast.expr) -> Any:
        match node:
            case ast.Name(id=name):
                return self._named(name)
            case ast.Constant(value=None):
                return _PLAIN["None"]
            case ast.BinOp(left=left, op=ast.BitOr(), right=right):
                return self._union(left, right)
            case ast.Subscript(value=ast.Name(id="Table"), slice=ast.Name(id=row)):
                return Annotated[Any, PlainValidator(self._table(row))]
            case ast.Subscript(value=ast.Name(id="list"), slice=item):
                return list[self._resolve(item)]  # type: ignore[misc]
            case ast.Subscript(value=ast.Name(id="dict"), slice=ast.Tuple(elts=[ast.Name(id="str"), item])):
                return dict[str, self._resolve(item)]  # type: ignore[misc]
            case ast.Subscript(value=ast.Name(id="Literal"), slice=choices):
                values = choices.elts if isinstance(choices, ast.Tuple) else [choices]
                return Literal[tuple(ast.literal_eval(value) for value in values)]
            case _:
                raise ManifestError(
                    f"{self._source}: contract: `{ast.unparse(node)}` is not in the contract's type language",
                    fix="use str, int, float, bool, date, datetime, None, A | B, list[T], dict[str, T], "
                    "Literal['a', 'b'], Table[Row], Folder, Any, or a name of [contract.types]",
                )

    def _union(self, left: ast.expr, right: ast.expr) -> Any:
        sides = [self._resolve(side) for side in (left, right)]
        return reduce(lambda one, other: one | other, sides)

    def _table(self, row: str) -> Any:
        self._named(row)
        columns = [
            _Column(name, _list_of(self.annotation(kind)), _numeric(kind))
            for name, kind in self._records.get(row, {}).items()
        ]

        def check(value: Any) -> pd.DataFrame:
            try:
                return _typed(table_of(value), columns)
            except ContractBroken as broken:
                raise PydanticCustomError("table", "{why}", {"why": str(broken)}) from None

        return check


def _list_of(item: Any) -> TypeAdapter[list[Any]]:
    return TypeAdapter(list[item])


def _numeric(kind: str) -> bool:
    return {part.strip() for part in kind.split("|")} <= {"int", "float", "None"}


def _typed(table: pd.DataFrame, columns: list[_Column]) -> pd.DataFrame:
    """Check the promised columns and give them one dtype each, whichever library made them."""
    missing = [column.name for column in columns if column.name not in table.columns]
    if missing and not (table.empty and not len(table.columns)):
        seen = ", ".join(map(str, table.columns)) or "none"
        raise ContractBroken(f"must have the columns {', '.join(missing)}. Got the columns {seen}.")
    if not table.columns.is_unique:
        raise ContractBroken("must not have two columns of one name.")
    typed = {}
    for column in columns:
        cells = [_cell(cell) for cell in table.get(column.name, pd.Series(dtype=object))]
        try:
            values = column.values.validate_python(cells)
        except ValidationError as error:
            raise ContractBroken(_cell_sentence(column.name, error.errors(include_url=False))) from None
        typed[column.name] = _series(values, numeric=column.numeric)
    return table.assign(**typed) if len(table.columns) else pd.DataFrame(typed)


def _series(values: list[Any], *, numeric: bool) -> pd.Series[Any]:
    if numeric:
        return pd.Series(pd.to_numeric(pd.Series(values, dtype=object)))
    return pd.Series(values, dtype=object)


def _cell(cell: Any) -> Any:
    if isinstance(cell, np.generic):
        cell = cell.item()
    return cell.to_pydatetime() if isinstance(cell, pd.Timestamp) and cell is not pd.NaT else _no_nan(cell)


def _cell_sentence(column: str, errors: list[ErrorDetails]) -> str:
    first = errors[0]
    row = next((part for part in first["loc"] if isinstance(part, int)), 0)
    return f"row {row}, column `{column}`: {_reason(errors)}"


def _sentence(errors: list[ErrorDetails]) -> str:
    place = "".join(_places(errors[0]["loc"]))
    return f"{place.lstrip('.') + ': ' if place else ''}{_reason(errors)}"


def _places(location: tuple[int | str, ...]) -> Iterator[str]:
    for part in location:
        if isinstance(part, int):
            yield f"[{part}]"
        elif part.isidentifier() and part not in _PLAIN:
            yield f".{part}"


def _reason(errors: list[ErrorDetails]) -> str:
    """Say what a value must be; the branches of a union share one place."""
    same = [error for error in errors if error["input"] is errors[0]["input"]]
    if errors[0]["type"] == "missing":
        return "is missing."
    if errors[0]["type"] == "table":
        return errors[0]["msg"]
    wishes = dict.fromkeys(_wish(error) for error in same)
    return f"must be {' or '.join(wishes)}. Got {_describe(errors[0]['input'])}."


def _wish(error: ErrorDetails) -> str:
    names = {
        "string_type": "text",
        "int_type": "a whole number",
        "float_type": "a number",
        "finite_number": "a finite number",
        "bool_type": "true or false",
        "none_required": "null",
        "list_type": "a list",
        "dict_type": "a record",
    }
    if error["type"] == "literal_error":
        return f"{error['ctx']['expected']}"
    return names.get(error["type"], error["msg"][:1].lower() + error["msg"][1:])


def _describe(value: Any) -> str:
    if value is None:
        return "null"
    text = value if not isinstance(value, str) else repr(value[:61])
    return f"{brief(text, most=60)} ({type(value).__name__})"
