"""Check seeds: the seed of a grade, and those that each of its checks draws from it."""

from __future__ import annotations

import hashlib
import secrets

__all__ = ["draw_seed", "seed_of"]


def draw_seed() -> int:
    """Draw the seed of a grade; it is recorded, so that the grade can be replayed."""
    return secrets.randbelow(2**31)


def seed_of(name: str, *, seed: int, version: str) -> int:
    """Derive a check's own seed, so that adding a check moves no other; without a name, the one that all share."""
    digest = hashlib.sha256(f"{seed}\0{version}\0{name}".encode()).digest()
    return int.from_bytes(digest[:4], "big") >> 1
