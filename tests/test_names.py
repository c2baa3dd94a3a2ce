"""One name for one thing: no two modules and no two classes of the program share one."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

KIT = Path(__file__).parents[1] / "harness" / "unfit"
MODULES = [
    path
    for path in sorted(KIT.rglob("*.py"))
    if "templates" not in path.relative_to(KIT).parts and not path.name.startswith("__")
]
SHARED_MODULES = {"limits"}
"""Experiments on what a service does are named for it, and so is what the sandbox does."""
SHARED_CLASSES = {
    "Answers",  # of a service, to experiments; of a test double, to a submission
    "Run",  # of a notebook, to checks; of a call, to its keeper
    "Worker",  # of a service, to experiments; around a submission
}


def twice(named: list[tuple[str, str]]) -> dict[str, list[str]]:
    """Keep what is named more than once, with its places."""
    places: defaultdict[str, list[str]] = defaultdict(list)
    for name, place in named:
        places[name].append(place)
    return {name: found for name, found in places.items() if len(found) > 1}


def test_no_two_modules_share_a_name() -> None:
    named = [(path.stem, path.relative_to(KIT).as_posix()) for path in MODULES]
    assert twice(named).keys() == SHARED_MODULES


def test_no_two_classes_share_a_name() -> None:
    named = [
        (node.name, path.relative_to(KIT).as_posix())
        for path in MODULES
        for node in ast.parse(path.read_text("utf-8")).body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    ]
    assert twice(named).keys() == SHARED_CLASSES
