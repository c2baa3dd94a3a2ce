"""Secrecy: an export is searched before it is written, for whatever would give an answer away."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from unfit.bank import read_tree
from unfit.bank.canary import CANARY
from unfit.bank.exercises import HISTORY
from unfit.errors import BankError
from unfit.scripts import script_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from unfit.bank import Exercise

__all__ = ["refuse_leaks"]

LONG = 40
"""Text of this many characters does not stand in two places by chance."""
KIT = re.compile(r"\bunfit\b", re.IGNORECASE)
GIVEAWAY = re.compile(
    r"#[^\n]*\b(?:planted|defects?|decoys?|on purpose|deliberate(?:ly)?|fixme|todo|xxx|bugs?|hidden checks?)\b",
    re.IGNORECASE,
)
PLANTED_FROM = {"exercise.toml", "defects.toml", HISTORY}
"""Hidden files of which lines reach a candidate, as they should."""
OURS = {"TASK.md", "tasks.py", "REVIEW.md"}
"""Written by the kit, so that words such as "check" in them tell nothing about the project."""


def refuse_leaks(tree: Mapping[str, bytes], exercise: Exercise, planted: Sequence[str]) -> None:
    """Refuse to hand out a tree that says more than it should.

    Raises
    ------
    BankError
        Naming the file and what stands in it.
    """
    secrets, hidden = list(_secrets(exercise, planted)), _hidden_lines(exercise)
    for path, content in tree.items():
        text = f"{path}\n{_text(content)}"
        copied = [("a line of the hidden half", line) for line in _long_lines(text) if line in hidden]
        for what, found in [*_marks(text, path), *_found(secrets, text), *copied]:
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
    said = [("a defect's title", defect.title) for defect in exercise.defects]
    said += [("what a defect teaches", defect.teaches) for defect in exercise.defects if defect.teaches]
    said += [
        ("a question about a defect", ask)
        for defect in exercise.defects
        for ask in (*defect.asks_mended, *defect.asks_not_mended)
    ]
    said += [("why a decoy is right", decoy.why) for decoy in exercise.decoys]
    yield from ((what, sentence, False) for what, sentence in said)
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
    """List long text that planting removes, whole and by line, and that stands nowhere else in the fixed project."""
    project = {path: _text(content) for path, content in read_tree(exercise.project).items()}
    defects = [exercise.defect(name) for name in planted]
    standing = "\n".join(edit.planted or "" for defect in defects for edit in defect.edits)
    for defect in defects:
        for edit in defect.edits:
            text = project.get(edit.file, "") if edit.absent and edit.cell is None else edit.fixed or ""
            for secret in dict.fromkeys([text.strip(), *map(str.strip, text.splitlines())]):
                if len(secret) < LONG or secret in standing:  # it was moved, not removed
                    continue
                for spelt in {secret, _as_cell(secret)}:
                    if sum(content.count(spelt) for content in project.values()) <= 1:
                        yield f"what planting `{defect.id}` removed", spelt


def _hidden_lines(exercise: Exercise) -> frozenset[str]:
    """Collect the long lines of checks, simulators and guides that no candidate gets anyway with the project."""
    if not exercise.complete:
        return frozenset()
    hidden = [
        path
        for path in exercise.solution.iterdir()
        if path.suffix in {".py", ".md", ".toml"} and path.name not in PLANTED_FROM
    ]
    project = read_tree(exercise.project)
    texts = [_text(content) for content in project.values()]
    texts += [_text(script_of(project[path], path)) for path in project if path.endswith(".ipynb")]
    texts += [edit.planted or "" for defect in exercise.defects for edit in defect.edits]
    public = {line for text in texts for line in _long_lines(text)}
    return frozenset(line for path in hidden for line in _long_lines(_text(path.read_bytes()))) - public


def _text(content: bytes) -> str:
    return content.decode("utf-8", "replace")


def _long_lines(text: str) -> Iterator[str]:
    return (line for whole in text.splitlines() if len(line := whole.strip()) >= LONG)


def _as_cell(text: str) -> str:
    """Write text as it stands inside a notebook's JSON."""
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", '\\n",\n    "')
