"""A small exercise that validates, copied so that a test can spoil it."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from fake_sandbox import Fake
from unfit.bank import Exercise, load_bank
from unfit.checks import Check
from unfit.checks import run as run_check
from unfit.grades import Verdict
from unfit.sandbox import Environment, Worker
from unfit.validate.examining import ValidationJob, run
from unfit.validate.expected_against_seen import judge, tabulate
from unfit.validate.planning import plan, roles_of
from unfit.validate.validation import Problem, Seen, Table, Validation

BANK = Path(__file__).parent / "banks" / "lemonade"
ENVIRONMENT = Environment(Path(sys.executable), digest="test")
SEEDS = (1, 2)


def spoiled(folder: Path, *edits: tuple[str, str, str]) -> Exercise:
    """Copy the lemonade stand, replacing texts in files of its solution."""
    shutil.copytree(BANK, folder / "bank", ignore=shutil.ignore_patterns("__pycache__"))
    for file, old, new in edits:
        path = folder / "bank" / "solutions" / "lemonade" / file
        text = path.read_text()
        assert old in text, f"{file} has no {old!r}"
        path.write_text(text.replace(old, new, 1))
    return load_bank(folder / "bank").exercise("lemonade")


def looking(patch: pytest.MonkeyPatch) -> list[str]:
    """List the checks that are run from here on, as they are."""
    names: list[str] = []

    def told(item: Check, *args: Any, **options: Any) -> tuple[Verdict, float]:
        names.append(item.name)
        return run_check(item, *args, **options)

    patch.setattr("unfit.validate.examining.run_check", told)
    return names


class Gone(Fake):
    """A backend that cannot be started."""

    def open(self, submission: Path, environment: Environment, *, paths: Sequence[str] = ()) -> Worker:
        raise AssertionError(f"a sandbox was started for {submission} with {environment} and {paths}")


@dataclass(frozen=True)
class Judged:
    table: Table
    problems: list[Problem]
    seen: tuple[Seen, ...]

    def only(self, gate: str) -> str:
        """What the first problem of a gate says, with its place; it must be there."""
        found = [problem for problem in self.problems if problem.gate == gate]
        assert found, self.problems
        return str(found[0])


def shown(found: Judged) -> Validation:
    """Put what was judged into a validation, without looking at anything else."""
    facts: dict[str, Any] = {
        "kit": "0",
        "slug": "lemonade",
        "version": "1.0.0",
        "digest": "d",
        "environment": "e",
    }
    return Validation(**facts, backend="fake", problems=tuple(found.problems), table=found.table)


def judged(exercise: Exercise, seeds: Sequence[int] = SEEDS) -> Judged:
    """Run the plan in this process and judge what was seen."""
    job = ValidationJob(exercise, Fake(), ENVIRONMENT)
    checks, trees = job.checks(), plan(exercise)
    roles = roles_of(exercise, checks)
    seen = run(job, trees, seeds, workers=1)
    table = tabulate(trees, checks, roles, seen, seeds)
    return Judged(table, judge(exercise, table, trees, roles, seen), seen)
