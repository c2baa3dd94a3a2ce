"""Mentions: files, lines, cells and names that a text points to."""

# ruff: noqa: RUF001 - the dashes and quotes of many keyboards are what is read here

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path

__all__ = ["BARE", "PATH", "STOP_WORDS", "Mentions", "begins_with_place", "has_place", "mentions"]

SUFFIXES = "py|ipynb|toml|csv|md|json|jsonl|sql|ya?ml|cfg|ini|txt|parquet|log"
PATH = re.compile(
    rf"(?<![\w@/.+-])(?:\.?/)?(?:[\w.+-]+[/\\])*[\w+-][\w.+-]*\.(?:{SUFFIXES})(?![\w/])", re.IGNORECASE
)
LEADING = re.compile(rf"[\s`\"'(\[„«“‘»]*{PATH.pattern}", re.IGNORECASE)
BARE = re.compile(
    r"(?<![\w@/.:+-])(?:(?:src|notebooks|tests|data)/|[\w+-]+/[\w+-]+/)(?:[\w+-]+/)*[\w+-]+(?![\w/.])"
)
NUMBER = r"\d{1,6}"
SPAN = rf"(?P<first>{NUMBER})(?:-?ish)?(?:\s*(?:-|–|—|to|à|bis|\.\.)\s*L?(?P<last>{NUMBER}))?"
AFTER_PATH = re.compile(rf"(?:::?|#L?|@|\s+\(?L|\[)\s*{SPAN}\b(?!\.\d)")
WORDED = re.compile(
    rf"\b(?:lines?|ll?\.|ln\.?|L|line\s+(?:no\.?|number)s?|rows?\s+no\.?|zeilen?|lignes?|l[ií]neas?|around|near)\s*+[:#~≈]?+\s*+"
    rf"{SPAN}(?P<more>(?:\s*+(?:,|and|&|\+|und|et|y)\s*+{NUMBER}(?:\s*+[-–]\s*+{NUMBER})?)*)",
    re.IGNORECASE,
)
LONE = re.compile(rf"^\s*[(\[]?{SPAN}[)\]]?\s*$")
CELL = re.compile(
    r"\bIn\s*\[\s*(\d+)\s*\]|\b(?:cell|celda|zelle|cellule)s?\b(?:\W{0,4}(?:id|no|number|named|called|with\s+id)\b)?+"
    r"\W{0,5}([\w-]++)|(?<![\w.-])(\d+|[a-z][\w-]*)(?:st|nd|rd|th)?\W{1,4}(?=cell\b)",
    re.IGNORECASE,
)
NAME = re.compile(
    r"`([^`\n]{1,80})`|(?<![\w.])([A-Za-z_][\w.]{0,80})\(|\b([A-Za-z]\w*_\w+)\b|\b([a-z]+(?:[A-Z][a-z0-9]+)+|[A-Z][a-z]+(?:[A-Z]\w+)+)\b"
)
NEAR = 24
"""So many signs apart, two places are quoted as one."""


def _stop_words() -> frozenset[str]:
    """Read scikit-learn's list of English stop words without loading the library, which takes a second."""
    library = find_spec("sklearn")
    for folder in (library and library.submodule_search_locations) or ():
        path = Path(folder) / "feature_extraction" / "_stop_words.py"
        spec = spec_from_file_location("unfit_stop_words", path) if path.is_file() else None
        if spec and spec.loader:
            module = module_from_spec(spec)
            spec.loader.exec_module(module)
            return frozenset(module.ENGLISH_STOP_WORDS)
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS  # noqa: PLC0415 - see above

    return frozenset(ENGLISH_STOP_WORDS)


STOP_WORDS = _stop_words()
NO_CELLS = STOP_WORDS | {"code", "id", "later", "earlier", "markdown", "needs", "notebook"}
"""Words beside "cell" that are no name of one."""


@dataclass(frozen=True)
class Mentions:
    """What a text points to, as written.

    Parameters
    ----------
    paths : tuple of str
        With forward slashes.
    lines : tuple of (int, int)
        First and last.
    cells : tuple of str
        Ids or numbers.
    names : tuple of str
        Identifiers in backticks, before a parenthesis, or with an underscore or a hump.
    written : str
        The stretch of text that holds paths and lines.
    rest : str
        The text without them.
    """

    paths: tuple[str, ...]
    lines: tuple[tuple[int, int], ...]
    cells: tuple[str, ...]
    names: tuple[str, ...]
    written: str
    rest: str


def mentions(text: str) -> Mentions:
    """Find everything that a text points to."""
    text = text.replace("\\", "/")[:4_000]
    spans: list[tuple[int, int]] = []
    lines: list[tuple[int, int]] = []
    paths: list[str] = []

    def free(found: re.Match[str]) -> bool:
        return not any(first <= found.start() < last for first, last in spans)

    for found in filter(free, itertools.chain(PATH.finditer(text), BARE.finditer(text))):
        paths.append(found[0].removeprefix("./"))
        end = found.end()
        if after := AFTER_PATH.match(text, end + (text[end : end + 1] in {"`", ")"})):
            lines.append(_span(after))
            end = after.end()
        spans.append((found.start(), end))
    for found in filter(free, WORDED.finditer(text)):
        lines.append(_span(found))
        lines += [(int(number), int(number)) for number in re.findall(NUMBER, found["more"] or "")]
        spans.append(found.span())
    if not spans and (lone := LONE.match(text)):
        lines.append(_span(lone))
        spans.append(lone.span())
    cells = (next(filter(None, found.groups())) for found in CELL.finditer(text))
    return Mentions(
        paths=tuple(dict.fromkeys(paths)),
        lines=tuple(lines),
        cells=tuple(dict.fromkeys(cell for cell in cells if cell.casefold() not in NO_CELLS)),
        names=tuple(dict.fromkeys(name for groups in NAME.findall(text) for name in groups if name)),
        written=_written(text, sorted(spans)),
        rest=_without(text, sorted(spans)),
    )


def begins_with_place(text: str) -> bool:
    """Tell whether a text begins with a file, as compilers write it: ``"`a.py:31`: too short"``."""
    return LEADING.match(text.replace("\\", "/")) is not None


def has_place(text: str) -> bool:
    """Tell whether a text names a file."""
    return PATH.search(text.replace("\\", "/")) is not None


def _span(found: re.Match[str]) -> tuple[int, int]:
    first = int(found["first"])
    return first, max(first, int(found["last"] or first))


def _written(text: str, spans: list[tuple[int, int]]) -> str:
    """Cut out the stretch from the first path or line to the last one near it."""
    start, end = spans[0] if spans else (0, 0)
    for first, last in spans[1:]:
        if first - end <= NEAR:
            end = max(end, last)
    return text[start:end].strip(" `")


def _without(text: str, spans: list[tuple[int, int]]) -> str:
    for first, last in reversed(spans):
        text = text[:first] + text[last:]
    return text
