"""Files of the registry: JSON that is there whole or not at all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from reserve.common.errors import RegistryError


def put(path: Path, text: str) -> None:
    """Write a file beside its place and move it there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    part.write_text(text)
    part.replace(path)


def put_json(path: Path, told: Any) -> None:
    """Write plain values."""
    put(path, json.dumps(told, indent=1, sort_keys=True) + "\n")


def get_json(path: Path) -> dict[str, Any]:
    """Read an object.

    Raises
    ------
    RegistryError
        If the file is not there, or is torn.
    """
    try:
        told = json.loads(path.read_text())
    except (OSError, json.JSONDecodeError) as error:
        raise RegistryError(f"{path.name}: {error}") from error
    if not isinstance(told, dict):
        raise RegistryError(f"{path.name}: no object")
    return told
