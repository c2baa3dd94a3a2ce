"""How easily a page of Markdown reads: Flesch's reading ease of its prose, and its longest sentence."""

from __future__ import annotations

import re

import textstat
from markdown_it import MarkdownIt
from markdown_it.token import Token

__all__ = ["ease", "longest", "prose"]

MARKDOWN = MarkdownIt("commonmark").enable("table")
APART = {"table_open": "table_close", "heading_open": "heading_close"}


def prose(markdown: str) -> str:
    """Take the prose out of a page: no code, table, heading, picture or address; the words of a link stay."""
    paragraphs: list[str] = []
    until = ""
    for token in MARKDOWN.parse(markdown):
        until = until or APART.get(token.type, "")
        if token.type == until:
            until = ""
        elif token.type == "inline" and not until:
            words = " ".join("".join(_spoken(part) for part in token.children or ()).split())
            if words:
                paragraphs.append(words if words.endswith((".", "!", "?")) else f"{words.rstrip(':;,')}.")
    return "\n\n".join(paragraphs)


def _spoken(part: Token) -> str:
    match part.type:
        case "text":
            return part.content
        case "code_inline":
            return "this"  # a name in code is read as one word
        case "softbreak" | "hardbreak":
            return " "
        case _:
            return ""


def ease(markdown: str) -> float:
    """Flesch's reading ease: 60 to 70 is plain English, 30 to 50 is hard; higher is easier."""
    return float(textstat.flesch_reading_ease(prose(markdown)))


def longest(markdown: str) -> str:
    """Return the sentence of the most words, or nothing where there is no prose."""
    sentences = re.split(r"(?<=[.!?])\s+", prose(markdown))
    return max(sentences, key=lambda sentence: len(sentence.split()))
