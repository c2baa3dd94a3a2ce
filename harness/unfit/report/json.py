"""A grade as canonical JSON, in both directions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from unfit.brief import some_of
from unfit.errors import UnfitError, UsageError
from unfit.grades import Grade

__all__ = ["load_grade", "render_json", "schema"]

FORMAT: int = Grade.model_fields["format"].default
_MOST_COMPLAINTS = 3
_NAME_ONE = "name the grade.json that `unfit grade` wrote"


def render_json(grade: Grade) -> str:
    """Dump a grade: fields in the order of the records, mappings sorted, ASCII only, a newline at the end.

    ASCII keeps direction and other invisible characters of a submission visible in a terminal and in a diff;
    a number that is not finite becomes ``null``, so that every JSON reader takes the file.
    """
    plain = json.loads(grade.model_dump_json())
    plain["timings"]["checks"] = dict(sorted(plain["timings"]["checks"].items()))
    return json.dumps(plain, indent=2, allow_nan=False) + "\n"


def load_grade(path: Path) -> Grade:
    """Read a grade from a file.

    Raises
    ------
    UsageError
        If there is no such file.
    UnfitError
        If it is not JSON, not a grade, or a grade of another format; the message names the place.
    """
    plain = _read(path)
    if not isinstance(plain, dict) or "format" not in plain:
        raise UnfitError(f"{path}: is JSON, but no grade", fix=_NAME_ONE)
    if plain["format"] != FORMAT:
        raise UnfitError(
            f"{path}: is a grade of format {plain['format']!r}; this kit reads format {FORMAT}",
            fix=f"read it with the kit that wrote it (version {plain.get('kit', 'unknown')}), or grade again",
        )
    try:
        return Grade.model_validate(plain)
    except ValidationError as error:
        raise UnfitError(
            f"{path}: is not a whole grade: {_complaints(error)}",
            fix="grade the submission again; a grade is never edited by hand",
        ) from error


def schema() -> dict[str, Any]:
    """Describe the JSON of a grade as JSON Schema, draft 2020-12."""
    described = Grade.model_json_schema(mode="serialization")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **described}


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except FileNotFoundError as error:
        raise UsageError(f"{path}: there is no such file", fix=_NAME_ONE) from error
    except OSError as error:
        raise UnfitError(f"{path}: could not be read: {error.strerror or error}") from error
    except (ValueError, RecursionError) as error:
        raise UnfitError(
            f"{path}: is not JSON: {error}", fix="grade the submission again; grades are written whole"
        ) from error


def _complaints(error: ValidationError) -> str:
    found = error.errors(include_url=False, include_context=False, include_input=False)
    return some_of(
        found,
        _MOST_COMPLAINTS,
        joint="; ",
        write=lambda item: f"`{'.'.join(str(part) for part in item['loc'])}`: {item['msg']}",
    )
