"""Reading a manifest: TOML into a record, with errors that name file, key, value and what was meant."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from unfit.bank.nearest_word import nearest
from unfit.errors import ManifestError
from unfit.records import Record

__all__ = ["read_manifest"]

R = TypeVar("R", bound=Record)

SHOWN = 10
"""Mistakes named in one error; the rest are counted."""
NAMES = ("id", "name", "call", "path")
"""Fields by which an item of a list is called in an error, instead of its number."""


def read_manifest(path: Path, record: type[R], *, shown: str = "") -> R:
    """Read one manifest.

    Parameters
    ----------
    path : Path
        The TOML file.
    record : type of Record
        What it must hold.
    shown : str, default=""
        How to call the file in errors; the path by default.

    Returns
    -------
    manifest : Record

    Raises
    ------
    ManifestError
        If the file is missing, is not TOML, or breaks its format; names file, key, value and the nearest right one.
    """
    shown = shown or str(path)
    try:
        text = path.read_text("utf-8-sig")
    except FileNotFoundError:
        raise ManifestError(
            f"{shown}: the file does not exist", fix=f"write it; {_minimum(record)}"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ManifestError(f"{shown}: cannot be read: {error}", fix="save it as a UTF-8 text file") from None
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ManifestError(f"{shown}: is not TOML: {error}", fix=_mend_line(text, str(error))) from None
    except RecursionError:
        raise ManifestError(
            f"{shown}: is nested too deep to be read", fix="close each list before the next one opens"
        ) from None
    _check_format(shown, data, record)
    try:
        return record.model_validate(data)
    except ValidationError as error:
        raise _translated(shown, data, record, error) from None


def _minimum(record: type[Record]) -> str:
    needed = [field.alias or name for name, field in record.model_fields.items() if field.is_required()]
    return f"it needs at least {', '.join(f'`{name}`' for name in needed)}"


def _mend_line(text: str, message: str) -> str:
    found = re.search(r"line (\d+)", message)
    lines = text.splitlines()
    if found is None or not 0 < int(found[1]) <= len(lines):
        return "mend the syntax at the end of the file; a string may be left open"
    return f"mend the syntax of line {found[1]}: {lines[int(found[1]) - 1].strip()}"


def _check_format(shown: str, data: Mapping[str, Any], record: type[Record]) -> None:
    """Refuse another format before anything else is judged by the rules of this one."""
    (known,) = get_args(record.model_fields["format"].annotation)
    if "format" not in data:
        raise ManifestError(f"{shown}: `format` is missing", fix=f"begin the file with: format = {known}")
    if data["format"] != known or isinstance(data["format"], bool):
        raise ManifestError(
            f"{shown}: `format` = {data['format']!r} is not known; this version of unfit reads format {known}",
            fix=f"write `format = {known}`, or use the version of unfit that the bank was written for",
        )


def _translated(shown: str, data: Any, record: type[Record], error: ValidationError) -> ManifestError:
    mistakes = [_sentence(data, record, mistake) for mistake in error.errors(include_url=False)]
    kept = [f"{shown}: {mistake}" for mistake in mistakes[:SHOWN]]
    if len(mistakes) > SHOWN:
        kept.append(f"{shown}: and {len(mistakes) - SHOWN} more")
    keys = "the key" if len(mistakes) == 1 else "the keys"
    return ManifestError("\n".join(kept), fix=f"mend {keys} in {shown}")


def _sentence(data: Any, record: type[Record], mistake: Any) -> str:
    """Say one of pydantic's errors in the words of the file."""
    loc: tuple[int | str, ...] = tuple(part for part in mistake["loc"] if part != "[key]")
    key, kind, context = _dotted(data, loc), mistake["type"], mistake.get("ctx", {})
    value = mistake["input"]
    if kind == "extra_forbidden":
        owner = _record_at(record, loc[:-1])
        known = [field.alias or name for name, field in owner.model_fields.items()] if owner else []
        return f"`{key}` = {_short(value)}: unknown key{nearest(str(loc[-1]), known)}"
    if kind == "missing":
        return f"`{key}` is missing"
    if kind == "literal_error":
        choices = re.findall(r"'([^']*)'", context["expected"])
        hint = nearest(str(value), choices)
        return f"`{key}` = {_short(value)}: must be {context['expected']}{hint if 'nearest' in hint else ''}"
    if kind == "value_error":
        reason = str(context["error"])
        return f"{_prefix(key, reason)}{reason}"
    if kind == "string_pattern_mismatch":
        return f"`{key}` = {_short(value)}: must match {context['pattern']}"
    text = mistake["msg"]
    return f"`{key}` = {_short(value)}: {text[:1].lower()}{text[1:]}"


def _prefix(key: str, reason: str) -> str:
    """Name the key, unless the reason does; a reason within the contract names it from there on."""
    if reason.startswith("`"):
        return f"`{key}`, " if key else ""
    return f"`{key}`: " if key else ""


def _short(value: Any) -> str:
    text = repr(value)
    limit = 80
    return text if len(text) <= limit else f"{text[: limit - 4]} ..."


def _dotted(data: Any, loc: Sequence[int | str]) -> str:
    """Write a place as ``defect[scaler-sees-holdout].edit[1].fixed``; numbers start at one."""
    key, here = "", data
    for part in loc:
        if isinstance(part, int):
            here = here[part] if isinstance(here, (list, tuple)) and part < len(here) else None
            key += f"[{_name_of(here, part)}]"
        else:
            here = here.get(part) if isinstance(here, dict) else None
            key += f".{part}" if key else part
    return key


def _name_of(item: Any, number: int) -> str:
    if isinstance(item, dict):
        for name in NAMES:
            if isinstance(item.get(name), str):
                return str(item[name])
    return str(number + 1)


def _record_at(record: type[BaseModel], loc: Sequence[int | str]) -> type[BaseModel] | None:
    """Find the record that a place in the data belongs to."""
    here: type[BaseModel] | None = record
    for part in loc:
        if isinstance(part, int) or here is None:
            continue
        for name, field in here.model_fields.items():
            if part in {name, field.alias}:
                here = _record_in(field.annotation)
                break
    return here


def _record_in(annotation: Any) -> type[BaseModel] | None:
    """Find the record inside ``tuple[Record, ...]``, ``dict[str, Record]`` and their like."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _record_in(part))), None)
