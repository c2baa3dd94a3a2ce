"""The size budget: how much a candidate has to read in the time that there is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from unfit.bank import Exercise
from unfit.planting import shipped_tree
from unfit.validate.validation import Problem

__all__ = ["over_budget", "sizes", "source_lines"]

LINES = ((15, 90), (60, 200), (75, 260), (480, 340))
"""Source lines by minutes; people review at most some 400 lines an hour."""
WORDS = 500
DEFECTS = 6
DEFECTS_SHORT = 3
"""For an exercise of a quarter of an hour."""
DEFECTS_DIAGNOSIS = 4
"""Beside a diagnosis."""
SHORT = 15
FEW = 4
"""Below this many defects an exercise need not span easy and hard."""


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
        for cell in json.loads(content)["cells"]:
            if cell["cell_type"] == "code":
                yield cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])
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
    minutes, lines = seen["minutes"], seen["source lines"]
    most = next(limit for bound, limit in LINES if minutes <= bound)
    if lines > most:
        yield _over(f"{lines} source lines, where {minutes} minutes allow {most}", exercise.project.name)
    if seen["README words"] > WORDS:
        yield _over(f"README.md has {seen['README words']} words, where {WORDS} are allowed", "README.md")
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
    return DEFECTS_DIAGNOSIS if (exercise.project / "diagnosis.toml").is_file() else DEFECTS


def _over(what: str, where: str) -> Problem:
    return Problem(
        gate="budget", what=what, where=where, fix="shorten it, or give more `minutes` in exercise.toml"
    )
