"""The registry: a folder with one folder for each version."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from feedcast.common.errors import RegistryError
from feedcast.common.files import put_json
from feedcast.training.model import Model, read

VERSIONS = "versions"


def versions(registry: str | Path) -> list[str]:
    """List the versions, oldest first."""
    names = [path.parent.name for path in (Path(registry) / VERSIONS).glob("v*/card.json")]
    return sorted(names, key=number)


def number(version: str) -> int:
    """Return the number of a version.

    Raises
    ------
    RegistryError
        If it is no name of a version.
    """
    if not version.startswith("v") or not version[1:].isdigit():
        raise RegistryError(f"{version!r} is no version")
    return int(version[1:])


def following(registry: str | Path) -> str:
    """Return the name of the next version."""
    there = versions(registry)
    return f"v{number(there[-1]) + 1 if there else 1}"


def add(registry: str | Path, version: str, model: Model, card: dict[str, Any]) -> None:
    """Add a version; its card comes last, so that what has a card is whole."""
    folder = Path(registry) / VERSIONS / version
    put_json(folder / "model.json", model.as_dict())
    put_json(folder / "card.json", card)


def model_of(registry: str | Path, version: str) -> Model:
    """Read the model of a version."""
    return read(_content(registry, version, "model.json"))


def card_of(registry: str | Path, version: str) -> dict[str, Any]:
    """Read the card of a version."""
    return _content(registry, version, "card.json")


def _content(registry: str | Path, version: str, name: str) -> dict[str, Any]:
    number(version)
    path = Path(registry) / VERSIONS / version / name
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, json.JSONDecodeError) as error:
        raise RegistryError(f"{version} has no {name} that can be read: {error}") from error


def remove(registry: str | Path, version: str) -> None:
    """Remove a version."""
    number(version)
    shutil.rmtree(Path(registry) / VERSIONS / version)
