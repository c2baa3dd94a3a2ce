"""Adopt: make an exercise of a team's own project."""

from __future__ import annotations

from unfit.adopt.adopting import Adopted, adopt, offer

__all__ = ["Adopted", "adopt", "offer"]
