"""The recorder: runs an example beside a project, and writes down what its entry points take and give.

It is copied beside the project and imported there, so it needs nothing of the kit.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
import functools
import importlib
import inspect
import os
import runpy
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import PurePath
from typing import Any

MOST_ROWS = 500
MOST_VALUES = 20
MOST_FIELDS = 60


def observe(example: str, entries: list[str]) -> dict[str, Any]:
    """Run an example, and return for each entry what its calls looked like.

    Parameters
    ----------
    example : str
        The script.
    entries : list of str
        ``module:function`` or ``module:Class.method``.
    """
    calls: list[Any] = []
    for entry in entries:
        _watch(entry, calls)
    project = os.getcwd()
    with tempfile.TemporaryDirectory() as scratch:
        ROOTS[:] = [os.path.join(scratch, "project"), project]
        shutil.copytree(project, ROOTS[0])
        os.chdir(ROOTS[0])  # an example may write beside the code
        sys.path.insert(0, os.path.dirname(os.path.abspath(example)))
        runpy.run_path(example, run_name="__main__")
        os.chdir(project)
    return {"calls": calls}


def watched(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function of a notebook so that its calls are noted in `CALLS`."""
    ROOTS[:] = [os.getcwd()] * 2
    return _recorded(name, function, CALLS, built=None)


CALLS: list[Any] = []
"""What the functions of a notebook were asked."""
ROOTS: list[str] = []
"""Where the example runs, and where the project is."""
WRITTEN: dict[str, None] = {}
"""Folders that the example made and handed over."""


def _within(path: Any) -> str:
    """Return a path below the project as one that is relative to it; others as they are."""
    text: str = os.fspath(path)
    for root in ROOTS:
        if text == root or text.startswith(f"{root}{os.sep}"):
            return os.path.relpath(text, root)
    return text


def _is_written(value: Any) -> bool:
    """Whether a value is a folder that the example made, and not one of the project."""
    if not isinstance(value, str | PurePath) or not os.path.isdir(value):
        return False
    path = _within(os.path.abspath(value))
    return os.path.isabs(path) or not os.path.isdir(os.path.join(ROOTS[1], path))


def _folders(values: Mapping[str, Any]) -> dict[str, Any]:
    """Describe those of some values that are folders which the example made."""
    found = {name: os.path.abspath(value) for name, value in values.items() if _is_written(value)}
    WRITTEN.update(dict.fromkeys(found.values()))
    return {name: {"kind": "folder", "path": path} for name, path in found.items()}


def _within_lists(values: Mapping[str, Any]) -> dict[str, dict[int, tuple[str, str, str]]]:
    """Find items of lists that name a folder which the example made: what is before, the folder, what is after."""
    return {
        name: {number: found for number, item in enumerate(value) if (found := _split(item))}
        for name, value in values.items()
        if isinstance(value, list | tuple)
    }


def _split(item: Any) -> tuple[str, str, str] | None:
    """Split a text, such as ``--model=/tmp/m/a.bin``, at the folder that it names, or in which lies what it names."""
    if not isinstance(item, str | PurePath):
        return None
    option, equals, path = os.fspath(item).rpartition("=")
    known = [one for one in WRITTEN if os.path.abspath(path).startswith(f"{one}{os.sep}")]
    if not known and not _is_written(path):
        return None
    folder = max(known, key=len, default=os.path.abspath(path))
    WRITTEN[folder] = None
    return option + equals, folder, os.path.abspath(path).removeprefix(folder)


def _watch(entry: str, calls: list[Any]) -> None:
    module, _, path = entry.partition(":")
    owner: Any = importlib.import_module(module)
    *classes, name = path.split(".")
    for one in classes:
        owner = getattr(owner, one)
    function = inspect.getattr_static(owner, name)
    kind = type(function) if isinstance(function, staticmethod | classmethod) else None
    inner = function.__func__ if kind else function
    recorded = _recorded(entry, inner, calls, built=owner if classes and kind is None else None)
    setattr(owner, name, kind(recorded) if kind else recorded)
    if not classes:
        for other in list(sys.modules.values()):
            if getattr(other, name, None) is function:
                setattr(other, name, recorded)


def _recorded(entry: str, function: Callable[..., Any], calls: list[Any], built: Any) -> Callable[..., Any]:
    signature = inspect.signature(function)
    made = _remembering(built) if built is not None else {}

    def asked(args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
        bound = _named(signature, args, kwargs)
        init = made.get(id(args[0]), {}) if built is not None and args else {}
        return {
            "entry": entry,
            "arguments": {name: shape(value) for name, value in bound.items()},
            "given": {name: plain(value) for name, value in bound.items()},
            "made_with": {name: shape(value) for name, value in init.items()},
            "made_given": {name: plain(value) for name, value in init.items()},
            "values": (bound, init),
        }

    def answered(call: dict[str, Any], result: Any) -> Any:
        result = list(result) if inspect.isgenerator(result) else result
        bound, init = call.pop("values")
        call["arguments"] |= _folders(bound)
        call["made_with"] |= _folders(init)
        call["within"] = _within_lists(bound)
        call["returns"] = shape(result)
        call["ended"] = result if isinstance(result, int) else None
        call["rows"] = len(result) if hasattr(result, "__len__") else None
        call["said"] = _said(plain(result))
        calls.append(call)
        return result

    @functools.wraps(function)
    async def awaited(*args: Any, **kwargs: Any) -> Any:
        call = asked(args, kwargs)
        return answered(call, await function(*args, **kwargs))

    @functools.wraps(function)
    def called(*args: Any, **kwargs: Any) -> Any:
        call = asked(args, kwargs)
        return answered(call, function(*args, **kwargs))

    return awaited if inspect.iscoroutinefunction(function) else called


def _said(result: Any) -> dict[str, str]:
    """Return those fields of text of a result's rows that say the same in all of them."""
    rows = result.to_dict("records") if hasattr(result, "to_dict") else result
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        return {}
    first = {name: value for name, value in rows[0].items() if isinstance(value, str) and value}
    return {name: value for name, value in first.items() if all(row.get(name) == value for row in rows)}


def _named(signature: inspect.Signature, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
    """Return what was given by name, without the object itself and without what has no name."""
    bound = signature.bind(*args, **kwargs).arguments
    named: dict[str, Any] = {}
    for name, value in bound.items():
        kind = signature.parameters[name].kind
        if kind is inspect.Parameter.VAR_KEYWORD:
            named |= value
        elif kind is not inspect.Parameter.VAR_POSITIONAL and name not in {"self", "cls"}:
            named[name] = value
    return named


def _remembering(owner: Any) -> dict[int, dict[str, Any]]:
    """Remember with what the objects of a class are made."""
    made: dict[int, dict[str, Any]] = {}
    real = owner.__init__
    if real is object.__init__:
        return made
    signature = inspect.signature(real)

    @functools.wraps(real)
    def again(self: Any, *args: Any, **kwargs: Any) -> None:
        bound = dict(signature.bind(self, *args, **kwargs).arguments)
        made[id(self)] = dict(list(bound.items())[1:])
        real(self, *args, **kwargs)

    owner.__init__ = again
    return made


def shape(value: Any, depth: int = 0) -> dict[str, Any]:
    """Describe a value: its kind, its fields or its items."""
    kind = _scalar(value)
    if kind:
        return {"kind": kind}
    if depth > 6:
        return {"kind": "Any"}
    if isinstance(value, enum.Enum):
        return _choice(value)
    if isinstance(value, PurePath):
        return {"kind": "str", "made_of": "path"}
    named = type(value).__name__
    if named == "DataFrame" and hasattr(value, "columns"):
        return _table(value)
    if named in {"Series", "ndarray"}:
        items = [shape(item, depth + 1) for item in value.tolist()[:MOST_ROWS]]
        return {"kind": "list", "of": joined(items), "made_of": named}
    fields = _fields(value)
    if fields is not None:
        told = {name: shape(item, depth + 1) for name, item in fields.items()}
        coerces = {"coerces": True} if hasattr(value, "model_dump") else {}
        return {"kind": "record", "fields": told, "made_of": _class_of(value), **coerces}
    if isinstance(value, list | tuple | set | frozenset):
        items = [shape(item, depth + 1) for item in list(value)[:MOST_ROWS]]
        return {"kind": "list", "of": joined(items), "made_of": named}
    return (
        _mapping(value, depth) if isinstance(value, Mapping) else {"kind": "Any", "made_of": _class_of(value)}
    )


def _mapping(value: Mapping[Any, Any], depth: int) -> dict[str, Any]:
    keys = list(value)
    told = {key: shape(value[key], depth + 1) for key in keys[:MOST_ROWS]}
    if all(isinstance(key, str) and key.isidentifier() for key in keys) and len(keys) <= MOST_FIELDS:
        return {"kind": "record", "fields": told, "made_of": "dict"}
    if all(isinstance(key, str) for key in keys):
        return {"kind": "dict", "of": joined(told.values())}
    return {"kind": "Any", "made_of": _class_of(value)}


def _choice(value: enum.Enum) -> dict[str, Any]:
    """Describe a member of an enumeration by the values of all of them, where these are plain."""
    values = [one.value for one in type(value)]
    if not all(isinstance(one, str | int | float) for one in values):
        return {"kind": "Any", "made_of": _class_of(value)}
    closed = not isinstance(value, enum.Flag) and len(values) <= MOST_VALUES
    return {"kind": "enum", "made_of": _class_of(value), "values": values, "closed": closed}


def _class_of(value: Any) -> str:
    return f"{type(value).__module__}:{type(value).__qualname__}"


def _scalar(value: Any) -> str:
    if value is None or type(value).__name__ in {"NaTType", "NAType"}:
        return "None"
    if isinstance(value, enum.Enum):
        return ""
    for kind in (bool, int, float, str):
        if isinstance(value, kind):
            return kind.__name__
    if type(value).__module__ == "numpy" and hasattr(value, "item"):
        return _scalar(value.item())
    if isinstance(value, dt.datetime):
        return "datetime"
    return "date" if isinstance(value, dt.date) else ""


def _fields(value: Any) -> dict[str, Any] | None:
    """Return the fields of a dataclass, a named tuple or a model of pydantic."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {one.name: getattr(value, one.name) for one in dataclasses.fields(value)}
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return dict(value._asdict())
    if hasattr(value, "model_dump") and hasattr(type(value), "model_fields"):
        return {name: getattr(value, name) for name in type(value).model_fields}
    return None


def _table(frame: Any) -> dict[str, Any]:
    fields = {str(name): joined(map(shape, frame[name].head(MOST_ROWS).tolist())) for name in frame.columns}
    for name, told in fields.items():
        if told["kind"] == "float" and frame[name].isna().any():
            told["optional"] = True
    return {"kind": "table", "fields": fields, "made_of": "DataFrame"}


def joined(shapes: Any) -> dict[str, Any]:
    """Describe several values at once."""
    found: dict[str, Any] = {}
    optional = False
    for one in shapes:
        if one["kind"] == "None":
            optional = True
        elif not found:
            found = dict(one)
        else:
            found = _union(found, one)
    found = found or {"kind": "None" if optional else "Any"}
    if (optional and found["kind"] != "None") or found.get("optional"):
        found["optional"] = True
    return found


def _union(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    kinds = {one["kind"], other["kind"]}
    optional = {"optional": True} if one.get("optional") or other.get("optional") else {}
    if one["kind"] in {"record", "enum"} and one.get("made_of") != other.get("made_of"):
        optional["mixed"] = True
    if kinds == {"int", "float"}:
        return {"kind": "float", **optional}
    if len(kinds) > 1:
        return {"kind": "Any", **optional}
    if one["kind"] == "record":
        fields = {}
        for name in {**one["fields"], **other["fields"]}:
            both = [shape["fields"].get(name, {"kind": "None"}) for shape in (one, other)]
            fields[name] = joined(both)
        return {**one, "fields": fields, **optional}
    if one["kind"] == "enum":
        values = list(dict.fromkeys([*one["values"], *other["values"]]))
        return {**one, "values": values, "closed": one["closed"] and other["closed"], **optional}
    if "of" in one:
        return {**one, "of": joined([one["of"], other["of"]]), **optional}
    return {**one, **optional}


def plain(value: Any, depth: int = 0) -> Any:
    """Return a value as plain data, or what says that it is none."""
    value = value.value if isinstance(value, enum.Enum) else value
    if isinstance(value, str | PurePath):
        return _within(value)
    if _scalar(value) == "None":
        return None
    if _scalar(value) or isinstance(value, dt.time | dt.timedelta):
        return value.item() if type(value).__module__ == "numpy" else value
    named = type(value).__name__
    if named == "DataFrame" and hasattr(value, "head"):
        return value.head(MOST_ROWS)
    if named in {"Series", "ndarray"}:
        return plain(value.tolist(), depth + 1)
    fields = _fields(value)
    if fields is None and isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
        fields = dict(value)
    if depth > 6:
        return {"unknown": named}
    if fields is not None:
        return {key: plain(item, depth + 1) for key, item in fields.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item, depth + 1) for item in list(value)[:MOST_ROWS]]
    return {"unknown": named}
