"""Notebooks: laid out in a copy of the submission, and run top to bottom."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from typing import Any

from unfit.wire import relative
from unfit.worker import imports
from unfit.worker.cell_runner import CellRunner
from unfit.worker.code_cells import NotebookRun, read
from unfit.worker.jupyter_kernel import JupyterKernel
from unfit.worker.own_code import OwnCode

__all__ = ["run"]


def run(
    code: OwnCode, config: dict[str, Any], request: dict[str, Any], progress: Callable[[str], None]
) -> CellRunner | JupyterKernel:
    """Run a notebook, and return what its namespace is reached through."""
    root = lay_out(code.root, os.path.join(config["scratch"], "project"), request["files"])
    path = os.path.join(root, relative(request["path"]))
    cells = read(path, request["path"])
    code.enter(root)
    imports.guard(code, [*config["offered"], "IPython"])  # every notebook has it
    os.chdir(os.path.dirname(path))
    sys.path.insert(0, os.path.dirname(path))
    how = JupyterKernel if request["kernel"] else CellRunner
    return how(NotebookRun(code, config, request["path"], request["seed"], progress)).run(cells)


def lay_out(submission: str, root: str, files: dict[str, bytes]) -> str:
    """Copy the submission to where it may be written, and lay files over it."""
    shutil.copytree(submission, root, symlinks=True, copy_function=shutil.copyfile)
    for folder, _, _ in os.walk(root):
        os.chmod(folder, 0o755)  # noqa: S103  (as a checkout has it)
    for name, data in files.items():
        place = os.path.join(root, relative(name))
        os.makedirs(os.path.dirname(place), exist_ok=True)
        if os.path.lexists(place):
            os.unlink(place)
        with open(place, "wb") as file:
            file.write(data)
    return root
