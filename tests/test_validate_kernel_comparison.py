"""A notebook must give in a real kernel what it gives in the shell that judges it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from stubs import Answers, Desk, Sitting
from unfit.bank import Exercise, load_bank
from unfit.sandbox import Environment, Fault, FaultKind, Notebook, Reply
from unfit.validate.examining import ValidationJob
from unfit.validate.kernel_comparison import compare_kernels
from unfit.validate.planning import plan
from validate_samples import ENVIRONMENT

NOTEBOOKS = Path(__file__).parent / "banks" / "miniature"


@dataclass
class Kitchen(Answers):
    """A worker whose notebooks may give something else in a kernel."""

    shell: Mapping[str, Any] = field(default_factory=dict)
    kernel: Mapping[str, Any] = field(default_factory=dict)

    def notebook(self, notebook: Notebook) -> tuple[Sitting, Reply]:
        given = self.kernel if notebook.kernel else self.shell
        table = {name: lambda value=value: value for name, value in given.items()}
        return Sitting(table), Reply(fault=given.get("fault"))


@dataclass
class Cook(Desk):
    worker: Kitchen = field(default_factory=Kitchen)

    def open(self, submission: Path, environment: Environment, *, paths: Sequence[str] = ()) -> Answers:
        super().open(submission, environment, paths=paths)
        return self.worker


@pytest.fixture
def tea() -> Exercise:
    return load_bank(NOTEBOOKS).exercise("tea_notebook")


def told(tea: Exercise, shell: Mapping[str, Any], kernel: Mapping[str, Any]) -> list[str]:
    job = ValidationJob(tea, Cook({}, worker=Kitchen(shell=shell, kernel=kernel)), ENVIRONMENT)
    return [problem.what for problem in compare_kernels(job, plan(tea)[:1])]


def values(tea: Exercise, value: float) -> dict[str, Any]:
    (notebook,) = tea.manifest.contract.notebook
    return dict.fromkeys(notebook.defines, value)


def test_equal_values_are_no_problem(tea: Exercise) -> None:
    assert told(tea, values(tea, 1.0), values(tea, 1.0)) == []


def test_a_value_that_differs_is_named(tea: Exercise) -> None:
    (what, *_) = told(tea, values(tea, 1.0), values(tea, 2.0))
    assert "differs between a real kernel and the shell that judges" in what


def test_a_notebook_that_does_not_run_in_a_kernel_is_named(tea: Exercise) -> None:
    fault = Fault(FaultKind.CELL, "NameError: name 'x' is not defined")
    (what,) = told(tea, values(tea, 1.0), {"fault": fault})
    assert "does not run in a kernel as it stands: NameError" in what


@dataclass
class Unsteady(Kitchen):
    """A kitchen in which no two runs agree."""

    runs: int = 0

    def notebook(self, notebook: Notebook) -> tuple[Sitting, Reply]:
        del notebook
        self.runs += 1
        return Sitting({name: lambda run=self.runs: run for name in self.shell}), Reply()


@pytest.mark.parametrize(("kind", "problems"), [("fixed", True), ("shipped", False)])
def test_only_a_planted_notebook_may_differ_from_run_to_run(tea: Exercise, kind: str, problems: bool) -> None:
    job = ValidationJob(tea, Cook({}, worker=Unsteady(shell=values(tea, 1.0))), ENVIRONMENT)
    trees = [tree for tree in plan(tea) if tree.kind == kind]
    assert bool(list(compare_kernels(job, trees))) is problems
