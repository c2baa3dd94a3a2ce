"""The standard as Markdown: one page for candidates, one for authors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from unfit.standard.rule_records import FAMILIES, Rule, Standard

__all__ = ["for_authors", "for_candidates"]

_CANDIDATES = """# The service standard

Every machine-learning service of ours keeps these rules, this one too. They are the same for all services, so most of
them say nothing about the one before you, and a rule about something that a service does not have asks nothing of it.
The project's own documents say the facts: what is known when, what a field means, which limits hold."""
_AUTHORS = """# The standard

The rules that every exercise may rely on without saying them again. Each export carries the sentences as `STANDARD.md`;
`unfit standard` prints that page, and `unfit standard --authors` this one. A defect names the rule that it breaks with
`rule = "..."` in [`defects.toml`](manifests.md), and [the coverage page](coverage.md) lists it.

A bank changes the standard for its own exercises with [`standard.toml`](manifests.md#standardtoml).

An experiment is a function of [`unfit.experiments`](experiments.md). A *wrong fix* looks right and is wrong everywhere.
A *narrowing* is right in one place only. Both belong in the exercise's corpus, and each must be rejected."""


def for_candidates(standard: Standard) -> str:
    """Write the rules as a candidate reads them: ids and sentences, and nothing about experiments.

    Parameters
    ----------
    standard : Standard

    Returns
    -------
    text : str
    """
    parts = [_CANDIDATES]
    for family in FAMILIES:
        lines = [f"* **{rule.id}**: {rule.sentence}" for rule in standard.family(family)]
        parts += [f"## {family}", "\n".join(lines)] if lines else []
    return "\n\n".join(parts) + "\n"


def for_authors(standard: Standard) -> str:
    """Write everything about the rules: source, experiments, and how one breaks and half mends them.

    Parameters
    ----------
    standard : Standard

    Returns
    -------
    text : str
    """
    parts = [_AUTHORS]
    for family in FAMILIES:
        if rules := standard.family(family):
            parts += [f"## {family}", *map(_whole, rules)]
    return "\n\n".join(parts) + "\n"


def _whole(rule: Rule) -> str:
    return "\n".join([f"### `{rule.id}`\n\n{rule.sentence}\n", *_lines(rule)])


def _lines(rule: Rule) -> Iterator[str]:
    yield f"* Source: {rule.source}"
    lists: tuple[tuple[str, Iterable[str]], ...] = (
        ("Experiments", [f"`{name}`" for name in rule.experiments]),
        ("Planted as", rule.operators),
        ("Wrong fixes", rule.wrong_fixes),
        ("Narrowings", rule.narrowings),
    )
    for what, items in lists:
        if text := "; ".join(items):
            yield f"* {what}: {text}"
