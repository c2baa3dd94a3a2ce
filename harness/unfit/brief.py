"""Brief: any plain value as one short line, whatever it is."""

from __future__ import annotations

from typing import Any

__all__ = ["brief"]


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
