"""What a linter finds in a variant and not in the fixed project."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from unfit.bank import Exercise
from unfit.errors import PlantingError
from unfit.planting.notebook_documents import cell_sources, is_notebook
from unfit.planting.tree_writing import write_tree
from unfit.planting.variants import plant

__all__ = ["Lint", "added", "beyond", "leftovers", "lint", "ruff"]

LEFT_BEHIND = "F401,F841,F811"
"""Ruff's rules for imports and names that nothing uses."""
UNUSED = "unused-name"
"""Our own: a name at the top of a module that the fixed project uses and the variant does not."""


@dataclass(frozen=True, order=True)
class Lint:
    """One finding of a linter.

    Parameters
    ----------
    file : str
    cell : str
        Id of the notebook's cell; empty for a text file.
    line : int
        Line of the file or cell, counted from one.
    rule : str
    message : str
    """

    file: str
    cell: str
    line: int
    rule: str
    message: str

    @property
    def place(self) -> str:
        """File, cell and line, in words."""
        return f"{self.file} cell `{self.cell}` line {self.line}" if self.cell else f"{self.file}:{self.line}"


def ruff(
    *arguments: str, folder: Path | None = None, text: bytes = b""
) -> subprocess.CompletedProcess[bytes]:
    """Run ruff in a folder, or on a text.

    Parameters
    ----------
    arguments : str
        Of its command line.
    folder : Path, optional
        Where it runs.
    text : bytes
        What it reads where it is asked to read its input.
    """
    command = [sys.executable, "-m", "ruff", *arguments]
    return subprocess.run(command, cwd=folder, input=text, capture_output=True, check=False, timeout=120)


def lint(tree: Mapping[str, bytes], *, rules: str = "ALL", configured: bool = False) -> tuple[Lint, ...]:
    """Ask ruff about a tree.

    Parameters
    ----------
    tree : mapping of str to bytes
    rules : str, default="ALL"
        Rules to ask for, joined by commas.
    configured : bool, default=False
        Whether the project's own configuration decides instead.

    Returns
    -------
    findings : tuple of Lint
        Sorted.
    """
    how = [] if configured and _has_configuration(tree) else ["--isolated"]
    if not configured:
        how += ["--select", rules, "--target-version", "py311"]
    with tempfile.TemporaryDirectory(prefix="unfit-lint-") as folder:
        root = Path(folder).resolve()
        write_tree(tree, root)
        told = ("--no-cache", "--exit-zero", "--quiet", "--output-format", "json")
        done = ruff("check", *how, *told, ".", folder=root)
        if done.returncode:
            raise PlantingError(
                f"ruff could not look at the project: {done.stderr.decode().strip()}",
                fix="mend what it names",
            )
        return tuple(sorted(_finding(root, tree, item) for item in json.loads(done.stdout)))


def _has_configuration(tree: Mapping[str, bytes]) -> bool:
    if "ruff.toml" in tree or ".ruff.toml" in tree:
        return True
    try:
        return "ruff" in tomllib.loads(tree.get("pyproject.toml", b"").decode()).get("tool", {})
    except (ValueError, RecursionError):
        return False


def _finding(root: Path, tree: Mapping[str, bytes], item: Mapping[str, Any]) -> Lint:
    file = Path(item["filename"]).relative_to(root).as_posix()
    cell = ""
    if item.get("cell") and is_notebook(file):
        cell = list(cell_sources(tree[file], file))[item["cell"] - 1]
    return Lint(file, cell, item["location"]["row"], item["code"] or "invalid-syntax", item["message"])


def added(
    exercise: Exercise, defects: Iterable[str], *, rules: str = "ALL", configured: bool = False
) -> tuple[Lint, ...]:
    """Find what planting some defects adds to what a linter says of the fixed project.

    Parameters
    ----------
    exercise : Exercise
    defects : iterable of str
    rules, configured
        As for `lint`.

    Returns
    -------
    findings : tuple of Lint
    """
    fixed = lint(plant(exercise, []), rules=rules, configured=configured)
    return beyond(fixed, lint(plant(exercise, defects), rules=rules, configured=configured))


def beyond(fixed: Iterable[Lint], planted: Iterable[Lint]) -> tuple[Lint, ...]:
    """Keep the findings that the fixed project has not, wherever their lines moved to."""
    known = Counter((found.file, found.cell, found.rule, found.message) for found in fixed)
    new = []
    for found in planted:
        key = (found.file, found.cell, found.rule, found.message)
        if known[key]:
            known[key] -= 1
        else:
            new.append(found)
    return tuple(new)


def leftovers(exercise: Exercise) -> dict[str, tuple[Lint, ...]]:
    """Find imports and names that planting leaves without a use.

    Returns
    -------
    findings : dict of str to tuple of Lint
        By variant: the id of a defect that is planted alone, or ``form NAME``. Only variants with findings.
    """
    variants: dict[str, tuple[str, ...]] = {defect.id: (defect.id,) for defect in exercise.defects}
    variants |= {f"form {form.name}": form.defects for form in exercise.forms}
    fixed = plant(exercise, [])
    known = (*lint(fixed, rules=LEFT_BEHIND), *_unused(fixed))
    found = {}
    for name, defects in variants.items():
        tree = plant(exercise, defects)
        found[name] = beyond(known, (*lint(tree, rules=LEFT_BEHIND), *_unused(tree)))
    return {name: lints for name, lints in found.items() if lints}


def _unused(tree: Mapping[str, bytes]) -> Iterator[Lint]:
    """Names at the top of modules and cells that stand nowhere else in the project's code."""
    texts = list(_code(tree))
    words = Counter(word for _, _, text in texts for word in re.findall(r"[A-Za-z_]\w*", text))
    for file, cell, text in texts:
        for line, code in enumerate(text.split("\n"), start=1):
            found = re.match(r"(?:(?:async )?def|class) (\w+)|([A-Za-z_]\w*)(?:: [^=]+)? = ", code)
            name = found and (found[1] or found[2])
            if name and words[name] == 1:
                yield Lint(file, cell, line, UNUSED, f"`{name}` is defined and not used")


def _code(tree: Mapping[str, bytes]) -> Iterator[tuple[str, str, str]]:
    for path, content in tree.items():
        if is_notebook(path):
            yield from ((path, cell, source) for cell, source in cell_sources(content, path).items())
        elif path.endswith((".py", ".toml")):
            yield path, "", content.decode("utf-8", "replace")
