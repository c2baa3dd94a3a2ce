"""Drafts: findings while they are read."""

# ruff: noqa: RUF001 - the dashes and quotes of many keyboards are what is read here

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

from unfit.grades import Finding
from unfit.review.blocks import unmarked
from unfit.review.labels import SHORT
from unfit.review.mentions import has_place, leading_place, mentions
from unfit.review.titles import (
    LONGEST_TITLE,
    all_tags,
    first_sentence,
    hinted_category,
    named_place,
    put_off_in,
    stated,
    tags_of,
)
from unfit.review.words import NO_VALUE, category_of, group_of, quoteless, severity_of

__all__ = ["Draft", "finished"]

LEFT = re.compile(
    r"^\W*(?:defer|put off|postpon|not (?:fixed|mended|done)|open|left|later|won['’]?t|todo|skipp)",
    re.IGNORECASE,
)


@dataclass
class Draft:
    """A finding while it is read."""

    title: str
    line: int
    level: int
    origin: Literal["heading", "item", "text", "row"]
    depth: int = 0
    firm: bool = False
    groups: tuple[str, ...] = ()
    opening: bool = False
    labelled: bool = False
    tags: dict[str, str] = field(default_factory=dict)
    parts: dict[str, list[str]] = field(default_factory=dict)
    current: str = "harm"

    def add(self, name: str, text: str) -> None:
        """Put a text under a field; text without a label goes on in the field before it."""
        if name:
            self.current, self.labelled = name, True
        elif self.current in SHORT and self.parts.get(self.current):
            more = self.current == "where" and has_place(text) and len(text) < LONGEST_TITLE
            self.current = self.current if more else "harm"
        text = unmarked(text).strip()
        if text:
            self.parts.setdefault(self.current, []).append(text)

    @property
    def is_group(self) -> bool:
        """Whether it is a heading over findings rather than one of them."""
        if self.origin != "heading" or self.labelled:
            return False
        return not self.parts or group_of(self.title) is not None

    @property
    def is_list_of_findings(self) -> bool:
        """Whether plain list items below it are findings: it names a category, a severity or a file."""
        names = group_of(self.title) is not None or bool(mentions(self.title).paths)
        return self.origin == "heading" and not self.labelled and names


def finished(draft: Draft, number: int, *, name: str, complaints: list[str]) -> Finding:
    """Make a finding of what was read; what is wrong with it is added to the complaints."""
    values = {name: joined(name, texts) for name, texts in draft.parts.items()}
    title, tags = tags_of(draft.title or values.get("title", ""))
    tags = draft.tags | tags
    first = values.get("title line", "")
    body = values.get("harm", "")
    for group in draft.groups:
        category, severity = group_of(group) or ("", "")
        tags = {key: value for key, value in (("category", category), ("severity", severity)) if value} | tags
    if draft.origin != "heading" and body and all_tags(title, tags):
        place, body = leading_place(re.sub(r"^(?:in|at)\s+(?=[`\w./]+\.\w)", "", body))
        tags |= {"where": place} if place else {}
        title = ""
    tags = stated(body) | tags
    hinted = hinted_category(f"{first or draft.title}\n{body}")
    if hinted and not values.get("category"):
        tags.setdefault("category", hinted)
    if not title:
        title = first_sentence(body or values.get("remedy", ""))[0] or f"Finding {number}"
    title = " ".join(title.split())
    if "put_off" not in values:
        values["put_off"] = put_off_of(values)
    where = values.get("where") or tags.get("where", "")
    where = where or named_place([title, first, *draft.groups, body, values.get("remedy", "")])
    if not mentions(where).paths:
        where = ", ".join(filter(None, [named_place(list(draft.groups)), where]))
    source = f"{name}:{draft.line}"
    if not where:
        complaints.append(f"{source}: finding `{title[:60]}` names no place")
    return Finding(
        title=title,
        where=where,
        category=_category(values.get("category", ""), tags, title, source, complaints),
        severity=severity_of(values.get("severity", ""))
        or values.get("severity", "")
        or tags.get("severity", ""),
        harm=body,
        remedy=values.get("remedy", ""),
        put_off=values["put_off"],
        source=source,
    )


def _category(written: str, tags: dict[str, str], title: str, source: str, complaints: list[str]) -> str:
    found = ", ".join(category_of(written)) if written else tags.get("category", "")
    if found:
        return found
    if written:
        what = f"category `{written[:40]}` of `{title[:60]}` is none that is known; read as not stated"
        complaints.append(f"{source}: {what}")
    else:
        complaints.append(f"{source}: finding `{title[:60]}` states no category")
    return ""


def joined(name: str, texts: list[str]) -> str:
    separator = ", " if name in SHORT else "\n"
    value = separator.join(quoteless(text) for text in texts).strip()
    value = value.rstrip(" .;,") if name in SHORT else value
    return "" if value.casefold().strip("()._* ") in NO_VALUE else value


def put_off_of(values: dict[str, str]) -> str:
    """Find the reason where a finding was left, in its status or in what it says."""
    if LEFT.match(values.get("status", "")):
        return values["status"]
    for name in ("remedy", "harm", "title line"):
        if reason := put_off_in(values.get(name, "")):
            return reason
    return ""
