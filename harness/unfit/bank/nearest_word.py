"""The nearest right word for a wrong one."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

__all__ = ["nearest"]


def nearest(wrong: str, right: Iterable[str]) -> str:
    """Name the nearest of `right`, or all of them where they are few, as the end of a sentence.

    Examples
    --------
    >>> nearest("fixd", ["fixed", "planted"])
    '; the nearest is `fixed`'
    """
    choices = sorted(set(right))
    close = difflib.get_close_matches(wrong, choices, n=1, cutoff=0.5)
    if not close:
        folded = {choice.casefold(): choice for choice in choices}
        close = [
            folded[word] for word in difflib.get_close_matches(wrong.casefold(), folded, n=1, cutoff=0.5)
        ]
    if close:
        return f"; the nearest is `{close[0]}`"
    few = 12
    if 0 < len(choices) <= few:
        return f"; there is {', '.join(f'`{choice}`' for choice in choices)}"
    return ""
