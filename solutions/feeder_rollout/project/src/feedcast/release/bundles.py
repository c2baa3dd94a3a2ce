"""Bundles: all that a pod needs of a version, in files of text."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from feedcast.common.errors import ReleaseError
from feedcast.registry import store

MANIFEST = "manifest.json"
LARGEST = 5_000_000


def files(registry: str | Path, version: str, settings: Mapping[str, str]) -> dict[str, str]:
    """Make the bundle of a version.

    Parameters
    ----------
    registry : str or Path
    version : str
    settings : mapping of str to str
        What the bundle is made for; it is told in the manifest.

    Returns
    -------
    files : dict of str to str
        Contents by name, with a manifest that has the digest of each.

    Raises
    ------
    ReleaseError
        If it would be too large.
    """
    model, card = store.model_of(registry, version), store.card_of(registry, version)
    content = {
        "model.json": json.dumps(model.as_dict(), sort_keys=True),
        "card.json": json.dumps(card, sort_keys=True),
    }
    manifest = {
        "version": version,
        "form": card["form"],
        "files": {name: digest(text) for name, text in content.items()},
        "settings": dict(settings),
    }
    content[MANIFEST] = json.dumps(manifest, indent=1, sort_keys=True)
    size = sum(len(text) for text in content.values())
    if size > LARGEST:
        raise ReleaseError(f"the bundle of {version} has {size} letters, where {LARGEST} are the most")
    return content


def digest(text: str) -> str:
    """Return the digest of a text."""
    return hashlib.sha256(text.encode()).hexdigest()


def faults(content: Mapping[str, str]) -> list[str]:
    """List what is wrong with a bundle; nothing where it is whole."""
    if MANIFEST not in content:
        return ["there is no manifest"]
    told = json.loads(content[MANIFEST])["files"]
    found = [f"{name} is not there" for name in told if name not in content]
    found += [f"{name} is not in the manifest" for name in content if name not in {*told, MANIFEST}]
    found += [
        f"{name} is another one" for name, wanted in told.items() if name in content and digest(content[name]) != wanted
    ]
    return sorted(found)
