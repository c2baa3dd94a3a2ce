"""A difference in words: where two values part, for a reader."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from unfit.brief import brief, some_of

__all__ = ["contrast"]

SHORT = 60
LONGEST = 200
Alike = Callable[[Any, Any], bool]


def contrast(seen: Any, expected: Any, *, alike: Alike, unit: str = "") -> tuple[str, str | None]:
    """Say what was seen and what was expected.

    Parameters
    ----------
    seen, expected : object
        Two plain values.
    alike : callable
        Whether two of them are the same.
    unit : str, optional
        What the items of a list are, or what is counted, in the plural: ``"referrals"``.

    Returns
    -------
    seen : str
        A value that fits on a line as it is. Of a long list how much of it is right, and what is not.
    expected : str or None
        ``None`` where the first text says it already: "30 of 90 referrals; missing R-00060 and 59 more".
    """
    if isinstance(seen, Mapping) and isinstance(expected, Mapping):
        return _mappings(seen, expected, alike)
    noun = f" {unit}" if unit else ""
    if not (_is_list(seen) and _is_list(expected)):
        return _alone(seen, noun), _alone(expected, noun)
    shown, wanted = (", ".join(map(_brief, values)) for values in (seen, expected))
    if max(len(shown), len(wanted)) <= SHORT:
        return shown or "nothing", wanted or "nothing"
    if alike(seen, expected):
        return f"all {len(expected):,}{noun}", None
    if not expected:
        return f"{len(seen):,}{noun} where none was expected: {_some(seen)}", None
    if not seen:
        return f"none of {len(expected):,}{noun}", None
    if _are_names(expected) and len(set(expected)) == len(expected) and _are_names(seen):
        return _names(seen, expected, noun), None
    return _places(seen, expected, noun, alike), None


def _names(seen: Sequence[Any], expected: Sequence[Any], noun: str) -> str:
    """Compare two lists of names, such as ids: what is missing, what is too much, then the order."""
    times, wanted = Counter(seen), set(expected)
    wrong = {
        "missing": [name for name in expected if name not in times],
        "not expected": [name for name in times if name not in wanted],
        "more than once": [name for name in expected if times[name] > 1],
    }
    parts = [f"{what} {_some(names)}" for what, names in wrong.items() if names]
    if not parts:
        at = next(at for at, pair in enumerate(zip(seen, expected, strict=True)) if pair[0] != pair[1])
        parts = [f"in another order: {_brief(seen[at])} is in place of {_brief(expected[at])}"]
    right = len(expected) - len(wrong["missing"])
    return "; ".join([f"{right:,} of {len(expected):,}{noun}", *parts])


def _places(seen: Sequence[Any], expected: Sequence[Any], noun: str, alike: Alike) -> str:
    """Compare two lists place by place."""
    apart = [at for at, pair in enumerate(zip(seen, expected, strict=False)) if not alike(pair[0], pair[1])]
    told = [f"{len(seen):,} of {len(expected):,}{noun}"] if len(seen) != len(expected) else []
    if apart:
        first = apart[0]
        count = f"{len(apart):,} of {len(expected):,}{noun} differ" if not told else f"{len(apart):,} differ"
        told += [count, f"number {first + 1} is {_brief(seen[first], 60)}, not {_brief(expected[first], 60)}"]
    return "; ".join(told) or "of another kind"


def _mappings(seen: Mapping[Any, Any], expected: Mapping[Any, Any], alike: Alike) -> tuple[str, str | None]:
    """Compare two mappings by the entries that differ; whole where they are short."""
    if max(len(brief(seen)), len(brief(expected))) <= SHORT or alike(seen, expected):
        return _brief(seen), _brief(expected)
    keys = [key for key in {**expected, **seen} if not alike(seen.get(key), expected.get(key))]
    key = keys[0]
    more = f"; {len(keys) - 1:,} more entries differ" if len(keys) > 1 else ""
    return f"{key}: {_brief(seen.get(key), 60)}, not {_brief(expected.get(key), 60)}{more}", None


def _alone(value: Any, noun: str) -> str:
    if isinstance(value, str) and not value.strip():
        return "an empty text"
    counted = isinstance(value, int | float | np.number) and not isinstance(value, bool)
    return f"{_brief(value)}{noun}" if counted else _brief(value)


def _is_list(value: Any) -> bool:
    return isinstance(value, list | tuple)


def _are_names(values: Sequence[Any]) -> bool:
    return all(isinstance(value, str | int) and not isinstance(value, bool) for value in values)


def _some(names: Sequence[Any]) -> str:
    return some_of(names, 1, write=lambda name: _brief(name, 40))


def _brief(value: Any, most: int = LONGEST) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, pd.DataFrame):
        return f"a table of {len(value):,} rows and {value.shape[1]:,} columns"
    plain = value.tolist() if isinstance(value, np.ndarray | np.generic) else value
    if isinstance(plain, Mapping):
        text = ", ".join(f"{key}: {_brief(item)}" for key, item in plain.items()) or "nothing"
    else:
        text = brief(plain, most=most)
    return brief(text, most=most)
