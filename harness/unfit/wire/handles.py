"""Handles: what crosses the bridge by reference."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

from unfit.errors import WireError

__all__ = ["Double", "Folder", "Handles", "relative"]

LONGEST_PATH = 1024


@dataclass(eq=False)
class Folder:
    """A folder of files, which the submission sees as a path and the grader as opaque bytes.

    Parameters
    ----------
    files : dict of str to bytes
        What the folder holds, by path relative to it.
    writable : bool, default=False
        Whether a call may change a folder that already holds files. An empty one is written by the call that gets it.

    Attributes
    ----------
    held : dict of str to bytes
        After a call that could write: what somebody reads by then who had opened the files before it. A file that was
        replaced is read as it was; one that was written in place is not.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    writable: bool = False
    held: dict[str, bytes] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        for path in self.files:
            relative(path)

    @property
    def open(self) -> bool:
        """Whether the next call may write into it."""
        return self.writable or not self.files


@dataclass(frozen=True, eq=False)
class Double:
    """A stand-in that the grader answers for, so that what it counted cannot be forged.

    Parameters
    ----------
    target : object
        What answers, in the grader.
    methods : tuple of str
        The methods of it that a submission may call, with plain data both ways.
    """

    target: Any
    methods: tuple[str, ...]

    def __post_init__(self) -> None:
        for name in self.methods:
            if not name.isidentifier() or name.startswith("__"):
                raise ValueError(f"a double's method must be a plain name. Got {name!r} instead.")


class Handles(Protocol):
    """What turns handles into references while encoding, and references into objects while decoding."""

    def refer(self, handle: Folder | Double) -> dict[str, Any]:
        """Describe a handle in plain data."""

    def resolve(self, reference: dict[str, Any]) -> Any:
        """Make the object that a reference stands for."""


def relative(path: str) -> str:
    """Return ``path`` when it stays inside the folder that it is relative to.

    Raises
    ------
    WireError
        If it is absolute, climbs, is empty or too long.
    """
    parts = path.split("/")
    if not path or len(path) > LONGEST_PATH or "\0" in path or any(part in {"", ".", ".."} for part in parts):
        raise WireError(f"not a path inside the folder: {path[:80]!r}")
    return path
