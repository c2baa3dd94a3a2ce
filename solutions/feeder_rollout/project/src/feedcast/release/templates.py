"""The settings of a release, as they stand in ``release.toml``: what belongs to a version or is secret is a name."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from feedcast.common.errors import ReleaseError
from feedcast.release.cluster import Cluster

FILE = Path(__file__).parent / "release.toml"
FIELD = re.compile(r"\{(\w+)(?::([\w-]+))?\}")


@lru_cache(maxsize=1)
def _template() -> dict[str, str]:
    return dict(tomllib.loads(FILE.read_text(encoding="utf-8"))["settings"])


def settings(card: Mapping[str, Any]) -> dict[str, str]:
    """Return the settings of a version, by its card; names of secrets stay names.

    Raises
    ------
    ReleaseError
        If the card lacks something that a setting names.
    """

    def filled(match: re.Match[str]) -> str:
        name, secret = match.groups()
        if secret is not None:
            return match.group(0)
        if name not in card:
            raise ReleaseError(f"the card of {card.get('version')!r} has no {name!r}")
        return str(card[name])

    return {key: FIELD.sub(filled, value) for key, value in _template().items()}


def renewed(own: Mapping[str, str], cluster: Cluster) -> dict[str, str]:
    """Return settings of an earlier release, with secrets as they are now."""
    secret = {key: value for key, value in _template().items() if key in own and "{secret:" in value}
    return {**own, **rendered(secret, cluster)}


def rendered(template: Mapping[str, str], cluster: Cluster) -> dict[str, str]:
    """Return settings as pods get them."""

    def looked_up(match: re.Match[str]) -> str:
        return cluster.secret(match.group(2)) if match.group(1) == "secret" else match.group(0)

    return {key: FIELD.sub(looked_up, value) for key, value in template.items()}
