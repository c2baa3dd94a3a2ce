"""Names of paths in a submission: which are clean, which are junk, which are the same."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["Bad", "clean", "junk", "key", "shown"]

LONGEST_SHOWN = 160
HIDDEN = {
    "Cc",
    "Cf",
    "Cs",
    "Zl",
    "Zp",
}  # control, format (bidi, zero width), undecodable bytes, line separators
DRIVE = re.compile(r"[A-Za-z]:")
JUNK = frozenset(
    {
        ".git", ".hg", ".svn", ".jj",
        ".venv", "venv", ".tox", ".nox", ".eggs", "node_modules",
        "__pycache__", ".ipynb_checkpoints", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".hypothesis",
        ".coverage", "htmlcov", ".import_linter_cache", ".cache", ".direnv",
        ".devcontainer", ".idea", ".vscode", "__macosx", ".ds_store", "thumbs.db", "desktop.ini", "icon\r",
    }
)  # fmt: skip
JUNK_ENDINGS = (".pyc", ".pyo", ".egg-info")


class Bad(ValueError):
    """A name that cannot be taken, and why.

    Parameters
    ----------
    what : str
        To be put behind the name.
    hostile : bool, default=False
        Whether it points out of the submission.
    """

    def __init__(self, what: str, *, hostile: bool = False) -> None:
        super().__init__(what)
        self.hostile = hostile


def clean(raw: str, *, depth: int, part_bytes: int, path_bytes: int) -> tuple[str, ...]:
    """Split a relative path into parts in Unicode's composed form, and refuse what is not plain.

    Raises
    ------
    Bad
        Saying what is wrong, to be put behind the name.
    """
    if raw.startswith(("/", "\\")) or DRIVE.match(raw):
        raise Bad("is an absolute path", hostile=True)
    parts = tuple(part for part in raw.split("/") if part not in {"", "."})
    if ".." in parts or ".." in raw.split("\\"):
        raise Bad("leads out of its folder", hostile=True)
    if any(junk(part) for part in parts):
        return parts
    if "\\" in raw:
        raise Bad("has a backslash in its name")
    if any("\udc80" <= letter <= "\udcff" for letter in raw):
        raise Bad("has a name that is not UTF-8")
    if any(unicodedata.category(letter) in HIDDEN for letter in raw):
        raise Bad("has a control or invisible character in its name")
    parts = tuple(unicodedata.normalize("NFC", part) for part in parts)
    if any(len(part.encode()) > part_bytes for part in parts) or len("/".join(parts).encode()) > path_bytes:
        raise Bad(f"has too long a name: {part_bytes} bytes a part and {path_bytes} in all are allowed")
    if len(parts) > depth:
        raise Bad(f"lies more than {depth} folders deep")
    return parts


def junk(part: str) -> str:
    """Name the kind of junk that a part of a path is, or answer with an empty text."""
    folded = part.casefold()
    if folded in JUNK:
        return part
    if part.startswith("._") and len(part) > len("._"):
        return "._*"  # resource forks that macOS packs beside each file
    return next((f"*{ending}" for ending in JUNK_ENDINGS if folded.endswith(ending)), "")


def key(part: str) -> str:
    """Fold what some file systems hold for one name: case, and composed or decomposed letters."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", part).casefold())


def shown(name: str) -> str:
    """Make an untrusted name fit to be printed: nothing invisible, nothing endless."""
    text = "".join(
        letter if letter.isprintable() else ascii(letter)[1:-1] for letter in name[: LONGEST_SHOWN + 1]
    )
    return text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 1] + "…"
