"""Which files of a submission are files that were handed out, and lie elsewhere now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher
from pathlib import PurePosixPath

__all__ = ["moved_files"]

# Half of the lines in common, as Git asks of a renamed file.
ALIKE = 0.5
# Comparing is quadratic: of more pairs, or of larger files, only those with equal content are found.
MOST_PAIRS = 400
MOST_BYTES = 100_000


def moved_files(shipped: Mapping[str, bytes], submitted: Mapping[str, bytes]) -> dict[str, str]:
    """Find the files that a candidate moved: gone from where they lay, and much the same elsewhere.

    Parameters
    ----------
    shipped, submitted : mapping of str to bytes
        Contents by path, of what was handed out and of what came back.

    Returns
    -------
    moved : dict of str to str
        The new path by the old one. Empty files are never moved, since any two of them are equal.
    """
    gone = sorted(path for path in shipped if path not in submitted and shipped[path].strip())
    new = sorted(path for path in submitted if path not in shipped and submitted[path].strip())
    found: dict[str, str] = {}
    for _, old, path in sorted(_pairs(gone, new, shipped, submitted), reverse=True):
        if old not in found and path not in found.values():
            found[old] = path
    return found


def _pairs(
    gone: list[str], new: list[str], shipped: Mapping[str, bytes], submitted: Mapping[str, bytes]
) -> Iterator[tuple[tuple[float, bool], str, str]]:
    """Give each pair of files that are alike, with how much they are and whether they have the same name."""
    many = len(gone) * len(new) > MOST_PAIRS
    for old in gone:
        for path in new:
            before, after = shipped[old], submitted[path]
            same_kind = PurePosixPath(old).suffix == PurePosixPath(path).suffix
            if before == after:
                share = 1.0
            elif many or not same_kind or max(len(before), len(after)) > MOST_BYTES:
                continue
            else:
                share = _share(before.splitlines(), after.splitlines())
            if share >= ALIKE:
                yield (share, PurePosixPath(old).name == PurePosixPath(path).name), old, path


def _share(before: list[bytes], after: list[bytes]) -> float:
    """Share of lines in common, in order."""
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    return matcher.ratio() if matcher.quick_ratio() >= ALIKE else 0.0
