"""What judging a notebook costs: one whole grade, over autograding the same notebook once with nbgrader.

Run it with ``make bench``. Both are measured in turns in one run, in processor seconds with everything below
them; their ratio is the result. nbgrader runs the notebook once and its one test cell; a grade makes every experiment.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import nbformat
import numpy as np

from bench import BANK, SEED, processor_of
from unfit.bank import load_bank

SLUG, NOTEBOOK = "churn_notebook", "notebooks/churn.ipynb"
TEST = {
    "nbgrader": {
        "grade": True,
        "grade_id": "figure",
        "locked": True,
        "points": 1,
        "schema_version": 3,
        "solution": False,
        "task": False,
    }
}


def course(folder: Path, nbgrader: list[str], env: Mapping[str, str]) -> None:
    """Lay out a course with one assignment, the fixed notebook with one test cell, handed in once."""
    project = load_bank(BANK).exercise(SLUG).project
    notebook = nbformat.read(project / NOTEBOOK, as_version=4)
    for cell in notebook.cells:
        cell.source = cell.source.replace("../data", "data")
    cell = nbformat.v4.new_code_cell("assert report['value'] > 0", metadata=TEST)
    notebook.cells.append(cell)
    source = folder / "source" / "churn"
    (source / "data").mkdir(parents=True)
    for path in (project / "data").glob("*.csv"):
        (source / "data" / path.name).write_bytes(path.read_bytes())
    nbformat.write(notebook, source / "churn.ipynb")
    (folder / "nbgrader_config.py").write_text("c = get_config()\nc.CourseDirectory.course_id = 'bench'\n")
    generate = [*nbgrader, "generate_assignment", "churn"]
    subprocess.run(generate, cwd=folder, env=env, check=True, capture_output=True)
    handed_in = folder / "submitted" / "ada"
    handed_in.mkdir(parents=True)
    (folder / "release" / "churn").rename(handed_in / "churn")


def main() -> None:
    """Measure both, in turns, and print the ratio of the medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("python", type=Path, help="that of an environment with nbgrader")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    project = load_bank(BANK).exercise(SLUG).project
    python = options.python.absolute()
    nbgrader = [str(python), "-m", "nbgrader"]
    env = os.environ | {"PATH": f"{python.parent}{os.pathsep}{os.environ['PATH']}"}  # it calls alembic
    grade = [sys.executable, "-m", "unfit", "grade", SLUG, str(project), "--seed", str(SEED)]
    ours, theirs = [], []
    with tempfile.TemporaryDirectory() as scratch:
        course(Path(scratch), nbgrader, env)
        for _ in range(options.rounds):
            theirs.append(
                processor_of([*nbgrader, "autograde", "churn", "--force"], cwd=Path(scratch), env=env)
            )
            ours.append(processor_of(grade))
    print(f"one grade of {SLUG}, every experiment: {np.median(ours):.2f} s of processor")
    print(f"nbgrader autograde, one run and one test cell: {np.median(theirs):.2f} s")
    print(f"ratio: {np.median(ours) / np.median(theirs):.2f} (below 1 is what we promise ourselves)")


if __name__ == "__main__":
    main()
