"""Text from a submission, made harmless to look at: nothing in it can hide, reorder or overwrite."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["block", "is_odd", "line", "mark", "unwrapped", "visible"]

# Letters and marks that draw nothing, though Unicode files them under printable categories.
_BLANKS = frozenset(map(ord, "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")).union(
    range(0x180B, 0x1810), range(0xFE00, 0xFE0E), range(0xE0100, 0xE01F0)
)
# Honest scripts stack two or three marks on a letter; a tower of them climbs over the neighbouring lines.
_MOST_MARKS = 3
# A line this long that stops in the middle of a sentence was broken by an editor, not by its author.
_WRAPPED = re.compile(r"(?m)^(.{59,}[^.!?:;|\s])[ \t]*\n(?=[^\W\d_])")


def is_odd(character: str) -> bool:
    """Whether a character controls, hides or reorders instead of showing itself."""
    if character in "\n\t" or (character.isprintable() and ord(character) not in _BLANKS):
        return False
    return unicodedata.category(character) != "Zs"


def mark(character: str) -> str:
    """Name a character instead of showing it, as ``⟨U+202E⟩``."""
    return f"⟨U+{ord(character):04X}⟩"


def visible(text: str) -> str:
    """Name every control, direction, blank and stacked character; keep line ends and tabs."""
    if text.isascii() and text.isprintable():
        return text
    pieces, marks = [], 0
    for character in text:
        marks = marks + 1 if unicodedata.combining(character) else 0
        odd = marks > _MOST_MARKS or is_odd(character)
        pieces.append(mark(character) if odd else character)
    return "".join(pieces)


def line(text: str, *, most: int = 400) -> str:
    """Make one visible line of a text, at most so many characters long."""
    flat = re.sub(r"[ \t\r\n]+", " ", text[: 4 * most]).strip()
    short = flat if len(flat) <= most and len(text) <= 4 * most else f"{flat[:most].rstrip()} …"
    return visible(short)


def block(text: str, *, most: int = 8000) -> str:
    """Make visible lines of a text; of a long one the head and, where an error's name stands, the tail."""
    whole = text.replace("\r\n", "\n").strip("\n")
    if len(whole) > most:
        head, tail = whole[: most // 2], whole[-most // 2 :]
        whole = f"{head}\n… {len(whole) - most:,} characters left out …\n{tail}"
    return visible(whole)


def unwrapped(text: str) -> str:
    """Join lines that an editor broke at its right edge; lists, tables, short lines and whole sentences stay."""
    return _WRAPPED.sub(r"\1 ", text.replace("\r\n", "\n"))
