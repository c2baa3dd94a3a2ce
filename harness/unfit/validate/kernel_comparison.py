"""Kernels: a notebook gives in the warm shell, which judges it, what it gives in a real kernel."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from unfit.bank import NotebookEntry
from unfit.case import same
from unfit.sandbox import Fault, Limits, Notebook, Worker
from unfit.validate.examining import ValidationJob, opened
from unfit.validate.planning import Tree
from unfit.validate.validation import Problem

__all__ = ["compare_kernels"]

SEED = 0
SLACK = 3
"""A kernel has to start, which the contract's seconds do not count."""
AGAIN = 4
"""Runs that show what no two runs agree on: of a coarse figure two runs agree by chance."""


def compare_kernels(job: ValidationJob, trees: Sequence[Tree]) -> Iterator[Problem]:
    """Run every notebook of the contract both ways, as it stands in each tree, and compare what it defines.

    Parameters
    ----------
    job : ValidationJob
    trees : sequence of Tree
        The fixed one and every form say enough.
    """
    notebooks = job.exercise.manifest.contract.notebook
    for tree in trees if notebooks else ():
        with opened(job, tree) as worker:
            for notebook in notebooks:
                shell, kernel = (_values(worker, notebook, kernel=kernel) for kernel in (False, True))
                found = tuple(_differences(notebook, tree, shell, kernel))
                if found and tree.planted:  # what is planted may be that no two runs agree
                    found = tuple(_differences(notebook, tree, _steady(worker, notebook, shell), kernel))
                yield from found


def _steady(worker: Worker, notebook: NotebookEntry, shell: dict[str, Any] | Fault) -> dict[str, Any] | Fault:
    """Leave out what other runs in the shell give otherwise."""
    if isinstance(shell, Fault):
        return shell
    for _ in range(AGAIN):
        again = _values(worker, notebook, kernel=False)
        if isinstance(again, Fault):
            return shell
        shell = {name: value for name, value in shell.items() if same(value, again[name])}
    return shell


def _values(worker: Worker, notebook: NotebookEntry, *, kernel: bool) -> dict[str, Any] | Fault:
    seconds = notebook.seconds * (SLACK if kernel else 1)
    limits = Limits(cpu=seconds, wall=3 * seconds + 30)
    session, reply = worker.notebook(Notebook(notebook.path, limits=limits, seed=SEED, kernel=kernel))
    with session:
        if reply.fault is not None:
            return reply.fault
        replies = {name: session.value(name) for name in notebook.defines}
    return {name: answer.fault or answer.value for name, answer in replies.items()}


def _differences(
    notebook: NotebookEntry, tree: Tree, shell: dict[str, Any] | Fault, kernel: dict[str, Any] | Fault
) -> Iterator[Problem]:
    if isinstance(shell, Fault) or isinstance(kernel, Fault):
        for way, ending in (("here", shell), ("in a kernel", kernel)):
            if isinstance(ending, Fault):
                what = f"{notebook.path} does not run {way} as it stands: {ending.message}"
                yield Problem(gate="completeness", what=what, where=tree.name, fix="let it run top to bottom")
        return
    for name, value in shell.items():
        if not same(value, kernel[name]):
            yield Problem(
                gate="completeness",
                what=f"{notebook.path}: `{name}` differs between a real kernel and the shell that judges",
                where=tree.name,
                fix="let nothing in it depend on the kernel, the time or an unseeded draw",
            )
