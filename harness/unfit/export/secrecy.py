"""Secrecy: an export is searched before it is written, for whatever would give an answer away."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from unfit.bank import read_tree
from unfit.errors import BankError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from unfit.bank import Exercise

__all__ = ["refuse_leaks"]

LONG = 40
"""Text of this many characters does not stand in two places by chance."""
CANARY = re.compile(r"unfit-canary-[0-9a-f]{8,}")
KIT = re.compile(r"\bunfit\b", re.IGNORECASE)
GIVEAWAY = re.compile(
    r"#[^\n]*\b(?:planted|defects?|decoys?|on purpose|deliberate(?:ly)?|fixme|todo|xxx|bugs?|hidden checks?)\b",
    re.IGNORECASE,
)
OURS = {"TASK.md", "tasks.py", "REVIEW.md"}
"""Written by the kit, so that words such as "check" in them tell nothing about the project."""


def refuse_leaks(tree: Mapping[str, bytes], exercise: Exercise, planted: Sequence[str]) -> None:
    """Refuse to hand out a tree that says more than it should.

    Raises
    ------
    BankError
        Naming the file and what stands in it.
    """
    secrets = list(_secrets(exercise, planted))
    for path, content in tree.items():
        text = f"{path}\n{content.decode('utf-8', 'replace')}"
        for what, found in [*_marks(text, path), *_found(secrets, text)]:
            raise BankError(
                f"{exercise.slug}: the export would give away {what} in {path}: {found[:80]!r}",
                fix="word it otherwise in the project, or rename what is hidden; then run: unfit plant",
            )


def _marks(text: str, path: str) -> Iterator[tuple[str, str]]:
    """Find traces that no colleague's project has."""
    for what, pattern in (("a canary of the hidden half", CANARY), ("the kit", KIT)):
        if match := pattern.search(text):
            yield what, match[0]
    if (
        path.endswith((".py", ".ipynb", ".sql", ".sh", "Makefile"))
        and path not in OURS
        and (match := GIVEAWAY.search(text))
    ):
        yield "a telling comment", match[0]


def _found(secrets: Sequence[tuple[str, str, bool]], text: str) -> Iterator[tuple[str, str]]:
    for what, secret, word in secrets:
        if secret in text and (not word or re.search(rf"(?<![\w-]){re.escape(secret)}(?![\w-])", text)):
            yield what, secret


def _secrets(exercise: Exercise, planted: Sequence[str]) -> Iterator[tuple[str, str, bool]]:
    """List what must not be in an export, with whether it counts only as a whole word."""
    if not exercise.complete:
        return
    names = [("the check", name) for name in _checks(exercise)]
    names += [("the defect", defect.id) for defect in exercise.defects]
    names += [("the decoy", decoy.id) for decoy in exercise.decoys]
    names += [("the corpus entry", entry.name) for entry in exercise.corpus]
    for what, name in names:
        if re.search(r"\w[\W_]\w", name):  # a name of one word may be anybody's
            yield what, name, True
    for what, sentence in [("a defect's title", defect.title) for defect in exercise.defects]:
        yield what, sentence, False
    yield from ((what, text, False) for what, text in _removed(exercise, planted))


def _checks(exercise: Exercise) -> set[str]:
    """Collect the names of checks: those that manifests use, and the decorated functions of ``checks.py``."""
    named = {name for defect in exercise.defects for name in defect.checks} | {
        item.check for item in exercise.decoys
    }
    path = exercise.solution / "checks.py"
    body = ast.parse(path.read_bytes()).body if path.is_file() else []
    return named | {node.name for node in body if isinstance(node, ast.FunctionDef) and node.decorator_list}


def _removed(exercise: Exercise, planted: Sequence[str]) -> Iterator[tuple[str, str]]:
    """List long text of the fixed project that planting removes and that stands nowhere else in it."""
    project = {
        path: content.decode("utf-8", "replace") for path, content in read_tree(exercise.project).items()
    }
    for defect in (exercise.defect(name) for name in planted):
        for edit in defect.edits:
            whole = edit.absent and edit.cell is None
            for gone in project.get(edit.file, "").splitlines() if whole else [edit.fixed or ""]:
                secret = gone.strip()
                if len(secret) < LONG or secret in (edit.planted or ""):
                    continue
                for text in {secret, _as_cell(secret)}:
                    if sum(content.count(text) for content in project.values()) <= 1:
                        yield f"what planting `{defect.id}` removed", text


def _as_cell(text: str) -> str:
    """Write text as it stands inside a notebook's JSON."""
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", '\\n",\n    "')
