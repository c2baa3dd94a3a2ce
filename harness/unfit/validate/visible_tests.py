"""Visible tests: the project's own, which pass on what is right and on what is broken, as in life."""

from __future__ import annotations

import os
import site
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from unfit.bank import Exercise
from unfit.planting import shipped_tree, write_tree
from unfit.sandbox import Environment
from unfit.validate.validation import Problem

__all__ = ["failure_of_tests", "visible_tests"]

SECONDS = 300


def visible_tests(exercise: Exercise, environment: Environment) -> Iterator[Problem]:
    """Run the project's own tests on the fixed project and on every form.

    Parameters
    ----------
    exercise : Exercise
    environment : Environment
        Its Python runs them, since it has what the project needs.
    """
    if not any(path.startswith("tests/") and path.endswith(".py") for path in shipped_tree(exercise, ())):
        what = "the project has no visible tests"
        yield Problem(
            gate="completeness", what=what, where="project/tests", fix="write those that its team would have"
        )
        return
    trees = {"the fixed project": shipped_tree(exercise, ())}
    trees |= {f"the form `{form.name}`": shipped_tree(exercise, form.defects) for form in exercise.forms}
    for name, tree in trees.items():
        said = failure_of_tests(tree, environment.python, exercise.manifest.contract.paths)
        if said:
            yield Problem(
                gate="completeness",
                what=f"visible tests do not pass on {name}: {said}",
                where="project/tests",
                fix="let them test what every variant does; a visible test must not find a defect",
            )


@cache
def _has_pytest(python: Path) -> bool:
    done = subprocess.run([str(python), "-c", "import pytest"], capture_output=True, check=False)
    return done.returncode == 0


def _pytest(python: Path) -> tuple[str, ...]:
    """Return how to start pytest there; where it is missing the kit lends its own, behind all that is installed."""
    if _has_pytest(python):
        return str(python), "-m", "pytest"
    lent = f"import sys; sys.path += {site.getsitepackages()!r}"
    return str(python), "-c", f"{lent}; import pytest; sys.exit(pytest.main())"


def failure_of_tests(tree: Mapping[str, bytes], python: Path, paths: tuple[str, ...]) -> str:
    """Run the tests of a tree, and say in a line what pytest ended with; nothing where it passed."""
    with tempfile.TemporaryDirectory(prefix="unfit-visible-") as folder:
        root = Path(folder).resolve()
        write_tree(tree, root)
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "COV"))}
        quiet = {
            "PYTHONPATH": os.pathsep.join(str(root / path) for path in paths),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        single = {"OMP_NUM_THREADS": "1", "MPLBACKEND": "Agg"}
        command = [
            *_pytest(python),
            "-q",
            "-x",
            "-p",
            "no:cacheprovider",
            "--no-header",
            "--tb=line",
        ]
        try:
            done = subprocess.run(
                command,
                cwd=root,
                env=kept | quiet | single,
                capture_output=True,
                text=True,
                check=False,
                timeout=SECONDS,
            )
        except subprocess.TimeoutExpired:
            return f"they took longer than {SECONDS} s"
    if done.returncode == 0:
        return ""
    lines = [line.replace(f"{root}/", "") for line in done.stdout.splitlines() if line.strip()]
    told = [line for line in lines if line.startswith(("FAILED", "ERROR", "E  "))] or lines[-1:]
    return " ".join(told[:1]) or done.stderr.strip()[-200:] or f"pytest ended with {done.returncode}"
