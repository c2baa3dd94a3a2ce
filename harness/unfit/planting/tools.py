"""Tools: what linters that are installed say of a planted mistake, and do not say of the code without it."""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from unfit.bank import Exercise
from unfit.errors import PlantingError
from unfit.notebook_cells import saved_cells
from unfit.planting import pylinting
from unfit.planting.linting import Lint, beyond, lint
from unfit.planting.notebook_documents import cell_sources, is_notebook
from unfit.planting.tree_writing import write_tree
from unfit.planting.variants import plant

__all__ = ["TOOLS", "Told", "installed", "names_a_mistake", "told_by_tools"]

SECONDS = 600
FIXED = "fixed"
CODE = (".py", ".ipynb")

TELLING: Mapping[str, tuple[str, ...]] = {
    "ruff": (
        *("ARG", "ASYNC", "B", "BLE", "DTZ", "E7", "E9", "F", "LOG", "NPY", "PD", "PLE", "PLW", "RUF", "S"),
        *("SIM115", "TRY2", "TRY4", "invalid-syntax"),
    ),
    "pylint": ("E", "F", "W"),
    "lookahead-lint": ("LA",),
    "ml-leakproof": ("C", "M", "P", "R", "S", "T"),
}
"""How the rules begin that name a mistake, by tool."""
NOISE: Mapping[str, tuple[str, ...]] = {
    "ruff": ("PD901", "PD011", "RUF00", "RUF1", "S101", "S311", "PLW2901"),
    "pylint": ("W0212", "W0511", "W0611", "W0621", "W1514", "W12"),
    "lookahead-lint": (),
    "ml-leakproof": (),
}
"""How those of them begin that are about style all the same."""

Findings = Callable[[Path, Mapping[str, bytes]], Iterator[Lint]]


@dataclass(frozen=True)
class Told:
    """A finding of a tool that gives a planted mistake away.

    Parameters
    ----------
    tool : str
    lint : Lint
    """

    tool: str
    lint: Lint

    @property
    def mark(self) -> str:
        """How ``tools`` of a defect names it: ``ruff:S301``."""
        return f"{self.tool}:{self.lint.rule}"


def names_a_mistake(tool: str, rule: str) -> bool:
    """Whether a rule of a tool is about mistakes, and not about layout, names, documents or size."""
    return rule.startswith(TELLING[tool]) and not (NOISE[tool] and rule.startswith(NOISE[tool]))


def installed() -> tuple[str, ...]:
    """Name the tools that can be asked here; ruff comes with the kit."""
    found = {
        "ruff": True,
        "pylint": importlib.util.find_spec("pylint") is not None,
        "lookahead-lint": _program("lookahead-lint") is not None,
        "ml-leakproof": _program("ml-leakproof") is not None,
    }
    return tuple(name for name, is_there in found.items() if is_there)


def told_by_tools(exercise: Exercise, *, tools: Sequence[str] | None = None) -> dict[str, tuple[Told, ...]]:
    """Ask every installed tool about each defect, planted alone.

    Parameters
    ----------
    exercise : Exercise
    tools : sequence of str, optional
        Those to ask; all that are installed where not given.

    Returns
    -------
    told : dict of str to tuple of Told
        By defect: findings in the files that it changes which the fixed project has not, and which name a mistake.

    Raises
    ------
    PlantingError
        If a tool cannot look at the project.
    """
    fixed = plant(exercise, [])
    folders: dict[str, dict[str, bytes]] = {}
    for defect in exercise.defects:
        planted = plant(exercise, [defect.id])
        changed = {path for path in planted if path.endswith(CODE) and planted[path] != fixed.get(path)}
        folders[defect.id] = {path: planted[path] for path in changed}
    named = {path for files in folders.values() for path in files}
    folders[FIXED] = {path: fixed[path] for path in named if path in fixed}
    tree = {
        f"{folder}/{path}": content for folder, files in folders.items() for path, content in files.items()
    }
    found: dict[str, list[Told]] = {defect.id: [] for defect in exercise.defects}
    if not tree:
        return dict.fromkeys(found, ())
    with tempfile.TemporaryDirectory(prefix="unfit-tools-") as scratch:
        root = Path(scratch).resolve()
        write_tree(tree, root)
        for tool in installed() if tools is None else tools:
            said = _by_folder(ASKED[tool](root, tree))
            for name, told in found.items():
                known = [one for one in said.get(FIXED, ()) if one.file in folders[name]]
                new = beyond(known, said.get(name, ()))
                told += [Told(tool, one) for one in new if names_a_mistake(tool, one.rule)]
    return {name: tuple(told) for name, told in found.items()}


def _by_folder(lints: Iterator[Lint]) -> dict[str, list[Lint]]:
    found: dict[str, list[Lint]] = {}
    for one in lints:
        folder, _, path = one.file.partition("/")
        found.setdefault(folder, []).append(replace(one, file=path))
    return found


def _program(name: str) -> str | None:
    """Find a program beside this Python, else on the path."""
    return shutil.which(name, path=str(Path(sys.executable).parent)) or shutil.which(name)


def _run(tool: str, command: Sequence[str], root: Path, *, fine: Sequence[int]) -> Any:
    """Run a tool in a folder, and read its JSON."""
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False, timeout=SECONDS)
    if done.returncode in fine:
        try:
            return json.loads(done.stdout)
        except ValueError:
            pass
    said = (done.stderr.strip() or done.stdout.strip() or f"it ended with {done.returncode}").splitlines()
    raise PlantingError(f"{tool} could not look at the project: {said[-1]}", fix="mend it, or uninstall it")


def _ruff(root: Path, tree: Mapping[str, bytes]) -> Iterator[Lint]:
    del root
    yield from lint(tree)


def _pylint(root: Path, tree: Mapping[str, bytes]) -> Iterator[Lint]:
    """Ask pylint about modules, and about the code of notebooks as modules."""
    cells = {path: list(_lines(content)) for path, content in tree.items() if is_notebook(path)}
    for path, lines in cells.items():
        (root / path).with_suffix(".py").write_text("".join(f"{text}\n" for _, _, text in lines), "utf-8")
    folders = sorted({path.partition("/")[0] for path in tree})
    command = [sys.executable, "-P", pylinting.__file__, *folders]
    for path, line, rule, message in _run("pylint", command, root, fine=(0,)):
        notebook = str(Path(path).with_suffix(".ipynb"))
        if notebook in cells:
            cell, at, _ = cells[notebook][line - 1]
            yield Lint(notebook, cell, at, rule, message)
        else:
            yield Lint(path, "", line, rule, message)


def _lines(content: bytes) -> Iterator[tuple[str, int, str]]:
    """Every line of a notebook's code, with its cell and its place there; what only IPython reads is left empty."""
    for cell in saved_cells(content) or ():
        if cell.kind == "code":
            for at, line in enumerate(cell.source.split("\n"), start=1):
                yield cell.id, at, "" if line.lstrip().startswith(("%", "!")) else line


def _lookahead(root: Path, tree: Mapping[str, bytes]) -> Iterator[Lint]:
    command = [_program("lookahead-lint") or "lookahead-lint", "--no-config", "--format", "json", "."]
    for item in _run("lookahead-lint", command, root, fine=(0, 1))["findings"]:
        cell, line = _cell(item["path"], item["cell"], tree), item["cell_line"] or item["line"]
        yield Lint(item["path"], cell, line, item["code"], item["message"])


def _leakproof(root: Path, tree: Mapping[str, bytes]) -> Iterator[Lint]:
    command = [_program("ml-leakproof") or "ml-leakproof", "check", ".", "--format", "json"]
    for item in _run("ml-leakproof", command, root, fine=(0, 1))["findings"]:
        place = item["location"]
        cell, line = _cell(place["file"], place["cell_index"], tree), place["cell_line"] or place["line"]
        yield Lint(place["file"], cell, line, item["rule_id"], item["message"])


def _cell(path: str, number: int | None, tree: Mapping[str, bytes]) -> str:
    """Name a notebook's cell by its id."""
    return "" if number is None else list(cell_sources(tree[path], path))[number]


ASKED: Mapping[str, Findings] = {
    "ruff": _ruff,
    "pylint": _pylint,
    "lookahead-lint": _lookahead,
    "ml-leakproof": _leakproof,
}
TOOLS = tuple(ASKED)
"""Every tool that may be asked."""
