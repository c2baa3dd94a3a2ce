"""Coverage: which known mistakes the exercises of a bank plant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from unfit.bank import Defect, Exercise
from unfit.bank.taxonomy import TAXONOMIES, Mistake, Taxonomy

__all__ = ["gaps", "page", "table"]

_INTRODUCTION = """# Coverage

Which known mistakes the exercises plant, as their `defects.toml` say under `covers`.
The rules are those of [the standard](standard.md).
`make coverage` writes this page, and `unfit coverage` prints it for any bank."""
_DIFFICULTIES = ("easy", "medium", "hard")


def gaps(exercises: Sequence[Exercise]) -> tuple[Mistake, ...]:
    """List the known mistakes that no defect is an instance of.

    Parameters
    ----------
    exercises : sequence of Exercise

    Returns
    -------
    mistakes : tuple of str
        Their codes, in the order of the taxonomies.
    """
    covered = {mistake for _, defect in _planted(exercises) for mistake in defect.covers}
    return tuple(
        mistake for taxonomy in TAXONOMIES for mistake in taxonomy.mistakes if mistake not in covered
    )


def page(exercises: Sequence[Exercise]) -> str:
    """Write what the exercises cover, as Markdown.

    Parameters
    ----------
    exercises : sequence of Exercise

    Returns
    -------
    text : str
        A table of each taxonomy, one of difficulties by exercise, and one of all defects.
    """
    parts = [*(_taxonomy(taxonomy, exercises) for taxonomy in TAXONOMIES), _mixture(exercises)]
    return "\n\n".join([_INTRODUCTION, *parts, *map(_defects, exercises)]) + "\n"


def _planted(exercises: Iterable[Exercise]) -> Iterator[tuple[Exercise, Defect]]:
    for exercise in exercises:
        for defect in exercise.defects:
            yield exercise, defect


def _taxonomy(taxonomy: Taxonomy, exercises: Sequence[Exercise]) -> str:
    rows = [
        (mistake, name, _instances(mistake, exercises) or "**none**")
        for mistake, name in taxonomy.mistakes.items()
    ]
    return f"## {taxonomy.name}\n\n{taxonomy.source}.\n\n{table(('code', 'mistake', 'planted as'), rows)}"


def _instances(mistake: Mistake, exercises: Sequence[Exercise]) -> str:
    return ", ".join(
        f"`{exercise.slug}`: {defect.id}"
        for exercise, defect in _planted(exercises)
        if mistake in defect.covers
    )


def _mixture(exercises: Sequence[Exercise]) -> str:
    """Count difficulties, of the shipped form and of all defects."""
    rows = []
    for exercise in exercises:
        counts = [
            f"{sum(defect.default for defect in some)} of {len(some)}"
            for some in (
                [defect for defect in exercise.defects if defect.difficulty == difficulty]
                for difficulty in _DIFFICULTIES
            )
        ]
        notebook = "notebook" if exercise.manifest.contract.notebook else "package"
        rows.append(
            (f"`{exercise.slug}`", exercise.manifest.level, exercise.manifest.tier, notebook, *counts)
        )
    heads = ("exercise", "level", "tier", "form", *_DIFFICULTIES)
    return "## Difficulty\n\nDefects in the shipped form, of those that there are in all forms.\n\n" + table(
        heads, rows
    )


def _defects(exercise: Exercise) -> str:
    rows = [
        (
            defect.id,
            defect.title,
            defect.category,
            defect.rule or "-",
            defect.difficulty,
            "shipped" if defect.default else "other forms",
            ", ".join(defect.covers) or "-",
        )
        for defect in exercise.defects
    ]
    heads = ("defect", "what it is", "category", "rule", "difficulty", "planted in", "covers")
    return f"## `{exercise.slug}`\n\n*{exercise.manifest.title}*\n\n{table(heads, rows)}"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a table, as Markdown."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)
