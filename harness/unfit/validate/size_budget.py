"""The size budget: how much a candidate has to read in the time that there is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from unfit.bank import Exercise
from unfit.notebook_cells import saved_cells
from unfit.planting import shipped_tree
from unfit.validate.validation import Problem

__all__ = ["Tier", "minutes_for", "over_budget", "sizes", "source_lines", "tier_of", "too_dear"]

DEFECTS = 6
DEFECTS_SHORT = 3
"""For an exercise of a quarter of an hour."""
DEFECTS_DIAGNOSIS = 4
"""Beside a diagnosis."""
SHORT = 15
FEW = 4
"""Below this many defects an exercise need not span easy and hard."""


@dataclass(frozen=True)
class Tier:
    """What the exercises of a tier may ask of somebody, and of the machine.

    Parameters
    ----------
    lines : tuple of (int, int)
        The most source lines, by minutes.
    least_lines, least_minutes : int
        Below these an exercise belongs to another tier.
    words : int
        The most words of the README.
    meant, processor : float
        Processor seconds of a grade: those that are meant, and those above which a reader is told.
    most_processor : float
        Above these the exercise is not clean.
    """

    lines: tuple[tuple[int, int], ...]
    least_lines: int
    least_minutes: int
    words: int
    meant: float
    processor: float
    most_processor: float


TIERS = {
    # People review at most some 400 lines an hour.
    "first": Tier(((15, 90), (60, 200), (75, 260), (480, 340)), 0, 0, 500, 5, 7.5, float("inf")),
    # Too long to be read whole: evidence has to say where to look.
    "field": Tier(((480, 4000),), 2500, 120, 800, 25, 25, 60),
}


def tier_of(exercise: Exercise) -> Tier:
    """Return the budget of an exercise's tier."""
    return TIERS[exercise.manifest.tier]


def minutes_for(lines: int) -> tuple[int, int]:
    """Return the minutes that a project of so many source lines needs, and the most lines for these minutes.

    Parameters
    ----------
    lines : int
        Source lines, as `source_lines` counts them.

    Returns
    -------
    minutes : int
        At least 60; 90 for each project that is longer than an exercise of the first tier may be.
    most : int
        Source lines.
    """
    known = [(min(minutes, 90), most) for minutes, most in TIERS["first"].lines if minutes > SHORT]
    return next(((minutes, most) for minutes, most in known if lines <= most), known[-1])


def sizes(exercise: Exercise) -> dict[str, int]:
    """Measure an exercise as a candidate gets it.

    Returns
    -------
    sizes : dict of str to int
        Source lines, README words, defects, minutes.
    """
    tree = shipped_tree(exercise)
    return {
        "source lines": source_lines(tree),
        "README words": _words(tree.get("README.md", b"").decode("utf-8", "replace")),
        "default defects": len(exercise.default),
        "minutes": exercise.manifest.minutes,
    }


def source_lines(tree: Mapping[str, bytes]) -> int:
    """Count lines of code that are neither blank nor comments, in modules and in notebooks' code cells.

    Tests and data are set aside.
    """
    return sum(_counted(text) for path, content in tree.items() for text in _code(path, content))


def _code(path: str, content: bytes) -> Iterator[str]:
    if path.split("/", 1)[0] in {"tests", "data"}:
        return
    if path.endswith(".ipynb"):
        yield from (cell.source for cell in saved_cells(content) or () if cell.kind == "code")
    elif path.endswith((".py", ".sql", ".sh")):
        yield content.decode("utf-8", "replace")


def _counted(text: str) -> int:
    lines = (line.strip() for line in text.splitlines())
    return sum(bool(line) and not line.startswith(("#", "--")) for line in lines)


def _words(text: str) -> int:
    return sum(bool(re.search(r"\w", word)) for word in text.split())


def over_budget(exercise: Exercise) -> Iterator[Problem]:
    """Name every part of the budget that an exercise breaks."""
    seen = sizes(exercise)
    tier, minutes, lines = tier_of(exercise), seen["minutes"], seen["source lines"]
    most = next(limit for bound, limit in tier.lines if minutes <= bound)
    if lines > most:
        yield _over(f"{lines} source lines, where {minutes} minutes allow {most}", exercise.project.name)
    for what, number, least in (
        ("source lines", lines, tier.least_lines),
        ("minutes", minutes, tier.least_minutes),
    ):
        if number < least:
            yield Problem(
                gate="budget",
                what=f"{number} {what}, where the tier `{exercise.manifest.tier}` needs {least}",
                where="exercise.toml",
                fix="let it grow, or leave `tier` out",
            )
    if seen["README words"] > tier.words:
        yield _over(
            f"README.md has {seen['README words']} words, where {tier.words} are allowed", "README.md"
        )
    allowed = _most_defects(exercise)
    if len(exercise.default) > allowed:
        what = f"{len(exercise.default)} defects are planted by default, where {allowed} are allowed"
        yield _over(what, "defects.toml")
    levels = {defect.difficulty for defect in exercise.defects}
    if len(exercise.defects) >= FEW:
        for level in ("easy", "hard"):
            if level not in levels:
                what = f"no defect is {level}, so the exercise cannot tell people apart at that end"
                yield Problem(
                    gate="budget", what=what, where="defects.toml", fix=f"add a defect that is {level}"
                )


def _most_defects(exercise: Exercise) -> int:
    if exercise.manifest.minutes <= SHORT:
        return DEFECTS_SHORT
    diagnosed = (exercise.project / "diagnosis.toml").is_file()
    return DEFECTS_DIAGNOSIS if diagnosed and exercise.manifest.tier == "first" else DEFECTS


def too_dear(exercise: Exercise, processor: float) -> Iterator[Problem | str]:
    """Say that a grade costs more processor seconds than meant: in a note, or beyond the tier's limit as a problem."""
    tier = tier_of(exercise)
    if processor > tier.most_processor:
        yield Problem(
            gate="budget",
            what=f"a grade takes {processor:.1f} s of processor, where {tier.most_processor:g} s are the most",
            where="checks.py",
            fix="let the checks share worlds and answers, or make the worlds smaller",
        )
    elif processor > tier.processor:
        yield f"a grade takes {processor:.1f} s of processor, where about {tier.meant:g} s are meant"


def _over(what: str, where: str) -> Problem:
    return Problem(
        gate="budget", what=what, where=where, fix="shorten it, or give more `minutes` in exercise.toml"
    )
