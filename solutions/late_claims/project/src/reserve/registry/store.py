"""The registry: versions of the model, and which of them answers."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from reserve.common.errors import RegistryError
from reserve.registry.files import get_json, put, put_json
from reserve.training.model import Model, read

VERSION = re.compile(r"^v(\d+)$")
VERSIONS, IN_FORCE = "versions", "in_force.json"
MODEL, CARD = "model.json", "card.json"


def versions(registry: str | Path) -> list[str]:
    """List the versions, oldest first; a folder without its model is none."""
    found = (Path(registry) / VERSIONS).glob(f"v*/{MODEL}")
    return sorted((path.parent.name for path in found if VERSION.match(path.parent.name)), key=_number)


def _number(version: str) -> int:
    match = VERSION.match(version)
    if match is None:
        raise RegistryError(f"{version!r} is no version")
    return int(match[1])


def add(registry: str | Path, model: Model, card: dict[str, Any]) -> str:
    """Add a model as the next version, which does not answer yet; returns its name."""
    known = versions(registry)
    version = f"v{_number(known[-1]) + 1 if known else 1}"
    folder = Path(registry) / VERSIONS / version
    put_json(folder / CARD, card | {"version": version})
    put(folder / MODEL, model.written() + "\n")
    return version


def load(registry: str | Path, version: str) -> Model:
    """Read a version.

    Raises
    ------
    RegistryError
        If there is no such version, or its model is torn.
    """
    path = Path(registry) / VERSIONS / version / MODEL
    if not path.is_file():
        raise RegistryError(f"there is no version {version}")
    try:
        return read(path.read_text())
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise RegistryError(f"{version}/{MODEL}: {error}") from error


def card_of(registry: str | Path, version: str) -> dict[str, Any]:
    """Read the card of a version."""
    return get_json(Path(registry) / VERSIONS / version / CARD)


def in_force(registry: str | Path) -> str:
    """Name the version that answers.

    Raises
    ------
    RegistryError
        If none was promoted yet.
    """
    path = Path(registry) / IN_FORCE
    if not path.is_file():
        raise RegistryError("no version is in force; run: python -m reserve promote VERSION")
    return str(get_json(path)["version"])


def promote(registry: str, version: str) -> None:
    """Let a version answer from now on. An older one may be promoted as well, which takes a newer one back.

    Parameters
    ----------
    registry : str
        The folder.
    version : str
        Such as ``"v5"``.
    """
    load(registry, version)
    path = Path(registry) / IN_FORCE
    before = get_json(path) if path.is_file() else {"version": None, "earlier": []}
    earlier = [*before.get("earlier", []), before["version"]] if before["version"] else []
    put_json(path, {"version": version, "earlier": earlier})
