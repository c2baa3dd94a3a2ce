"""Brief: any plain value, or a list of names, as one short line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

__all__ = ["brief", "some_of"]


def brief(value: Any, *, most: int = 200) -> str:
    """Write a value as text of bounded length; it never raises.

    Parameters
    ----------
    value : object
        Text stays as it is; anything else is written as Python writes it.
    most : int, default=200
        Longest text in characters.

    Returns
    -------
    text : str
    """
    try:
        text = (
            value if isinstance(value, str) else str(value) if isinstance(value, Exception) else repr(value)
        )
    except Exception as error:  # noqa: BLE001 - Python refuses to write very long integers, for one
        text = f"a value of type {type(value).__name__} that cannot be written ({type(error).__name__})"
    return text if len(text) <= most else f"{text[: most - 3]}..."


def some_of(names: Sequence[Any], most: int, *, joint: str = ", ", write: Callable[[Any], str] = str) -> str:
    """Name the first few, and count the others.

    Parameters
    ----------
    names : sequence
        Names, or anything that can be written as text.
    most : int
        How many are named.
    joint : str, default=", "
        What stands between two of them.
    write : callable, default=str
        Writes one of them; it is asked for those that are named only.

    Returns
    -------
    text : str
        ``"a, b and 7 more"``; all of them where they are no more than `most`.
    """
    told = joint.join(map(write, names[:most]))
    return f"{told} and {len(names) - most:,} more" if len(names) > most else told
