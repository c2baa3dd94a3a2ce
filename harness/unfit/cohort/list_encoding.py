"""The encoding of a list: its text, in whatever encoding a spreadsheet saved it."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Collection, Sequence
from itertools import pairwise
from pathlib import Path

from unfit.errors import UsageError

__all__ = ["decoded"]

MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\0\0", "utf-32"),
    (b"\0\0\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
OLDER = {
    "cp1252": "Windows-1252 (western Europe)",
    "mac_roman": "Mac Roman",
    "cp1250": "Windows-1250 (central Europe)",
    "cp1251": "Windows-1251 (Cyrillic)",
    "cp1253": "Windows-1253 (Greek)",
    "cp1254": "Windows-1254 (Turkish)",
    "cp1257": "Windows-1257 (Baltic)",
    "cp932": "Shift-JIS (Japanese)",
    "gb18030": "GB 18030 (Chinese)",
    "cp949": "Windows-949 (Korean)",
    "cp850": "DOS 850",
}
"""What spreadsheets write that do not write Unicode; of two that fit, the earlier is taken."""
WORD = re.compile(r"[^\s,;|\"'()/\\.\-]+")
INSIDE = frozenset("\u2019\u02bc\u00b7")
"""What may stand between the letters of a name, other than letters: the apostrophe, and the dot of Catalan."""
OPENING = "\u2018\u201a\u201c\u201e\u00ab\u2013\u2014"
CLOSING = "\u2019\u201c\u201d\u00bb\u2013\u2014\u2026"
SIGNS = OPENING + CLOSING + "\u20ac\u00a3\u00a7\u00b0\u00bd\u00d7"
"""What may stand alone, or beside a number."""
MOST_MARKED = 2
MOST_SHOWN, MOST_SEARCHED = 3, 5000


def decoded(source: Path) -> tuple[str, str]:
    """Read a list, and say in which encoding where that was a guess.

    UTF-8 and UTF-16 are known by what they are. Of older encodings, the one is taken in which most names of files are
    found below the list's folder, and in which the words look like words.

    Returns
    -------
    text : str
    said : str
        A sentence for the reader, who can see whether the names are right; empty where nothing was guessed.

    Raises
    ------
    UsageError
        If no encoding gives words.
    """
    content = source.read_bytes()
    encoding = next((name for mark, name in MARKS if content.startswith(mark)), "") or _unmarked(content)
    try:
        return content.decode(encoding).lstrip("\ufeff"), ""
    except UnicodeDecodeError as error:
        start = error.start
    readings = {name: text for name in OLDER if (text := _read(content, name)) is not None}
    there = _names_below(source.parent)
    best = max(readings, key=lambda name: _fit(readings[name], there), default="")
    line = content[:start].count(b"\n") + 1
    if not best or _fit(readings[best], there) < (0, 0):
        raise UsageError(
            f"{source}:{line}: is not written in UTF-8, and no older encoding makes words of it",
            fix="save it as `CSV UTF-8`, or as `Unicode text`",
        )
    shown = ", ".join(f"`{word}`" for word in _telling(readings[best])[:MOST_SHOWN])
    said = (
        f"{source}: is not UTF-8; read as {OLDER[best]}, so it says {shown}. "
        "If that is wrong, save it as `CSV UTF-8` and run the same command again"
    )
    return readings[best], said


def _unmarked(content: bytes) -> str:
    """Tell UTF-16 without a mark by its zeros."""
    halves = content[:200:2].count(0), content[1:200:2].count(0)
    return "utf-8" if not any(halves) else "utf-16-be" if halves[0] > halves[1] else "utf-16-le"


def _read(content: bytes, encoding: str) -> str | None:
    try:
        return unicodedata.normalize("NFC", content.decode(encoding))
    except UnicodeDecodeError:
        return None


def _names_below(folder: Path) -> set[str]:
    """List the names below a folder that tell encodings apart."""
    names: set[str] = set()
    seen = 0
    for _, folders, files in os.walk(folder):
        seen += len(folders) + len(files)
        names.update(unicodedata.normalize("NFC", name) for name in (*folders, *files) if not name.isascii())
        if seen > MOST_SEARCHED:
            break
    return names


def _fit(text: str, there: Collection[str]) -> tuple[int, int]:
    """Count the names of files that a reading holds, and how many of its words are none."""
    return sum(name in text for name in there), -sum(map(_is_broken, _telling(text)))


def _telling(text: str) -> list[str]:
    return list(dict.fromkeys(word for word in WORD.findall(text) if not word.isascii()))


def _is_broken(word: str) -> bool:
    """Whether a word looks as if another encoding had been meant."""
    core = word.lstrip(OPENING).rstrip(CLOSING)
    if not core.strip(f"{SIGNS}0123456789"):
        return False
    letters = [one for one in core if one not in INSIDE]
    if not all(unicodedata.category(one)[0] in "LM" or one.isdecimal() for one in letters):
        return True
    rises = any(a.islower() and b.isupper() and not b.isascii() for a, b in pairwise(letters))
    return rises or len({_script(one) for one in letters if one.isalpha()}) > 1 or _is_crowded(letters)


def _is_crowded(letters: Sequence[str]) -> bool:
    """Whether more letters carry marks than in any name of the Latin script."""
    odd = sum(not one.isascii() for one in letters)
    return odd > MOST_MARKED and 2 * odd > len(letters) + 1 and _script(letters[0]) == "LATIN"


def _script(letter: str) -> str:
    name = unicodedata.name(letter, "").split(" ")[0].split("-")[0]
    return "CJK" if name in {"HIRAGANA", "KATAKANA"} else name
