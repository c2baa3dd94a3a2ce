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
    """List the versions, oldest first."""
    folder = Path(registry) / VERSIONS
    found = [path.name for path in folder.glob("v*") if VERSION.match(path.name)] if folder.is_dir() else []
    return sorted(found, key=_number)


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
    put(folder / MODEL, model.written() + "\n")
    put_json(folder / CARD, card | {"version": version})
    return version


def load(registry: str | Path, version: str) -> Model:
    """Read a version.

    Raises
    ------
    RegistryError
        If there is no such version.
    """
    path = Path(registry) / VERSIONS / version / MODEL
    if not path.is_file():
        raise RegistryError(f"there is no version {version}")
    return read(path.read_text())


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
    if version not in versions(registry):
        raise RegistryError(f"there is no version {version}")
    path = Path(registry) / IN_FORCE
    before = get_json(path) if path.is_file() else {"version": None, "earlier": []}
    earlier = [*before.get("earlier", []), before["version"]] if before["version"] else []
    put_json(path, {"version": version, "earlier": earlier})
