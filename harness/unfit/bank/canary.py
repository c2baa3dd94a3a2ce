"""Canaries: a mark in the hidden half of an exercise by which a copy of it is known wherever it turns up."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping

__all__ = ["CANARY", "canaries_in", "with_own_canary"]

CANARY = re.compile(r"unfit-canary-[0-9a-f]{8,}")


def canaries_in(tree: Mapping[str, bytes]) -> dict[str, str]:
    """Find canaries.

    Parameters
    ----------
    tree : mapping of str to bytes
        Files by path.

    Returns
    -------
    canaries : dict of str to str
        The first of each file that has one, by path.
    """
    found = {path: CANARY.search(content.decode("utf-8", "replace")) for path, content in tree.items()}
    return {path: match[0] for path, match in found.items() if match}


def with_own_canary(tree: Mapping[str, bytes]) -> dict[str, bytes]:
    """Give a copied tree a canary of its own, so that what leaks later tells which exercise it was.

    Parameters
    ----------
    tree : mapping of str to bytes
        Files by path; each canary in them is replaced by one fresh one.
    """
    own = f"unfit-canary-{secrets.token_hex(8)}"
    return {**tree, **{path: CANARY.sub(own, tree[path].decode()).encode() for path in canaries_in(tree)}}
