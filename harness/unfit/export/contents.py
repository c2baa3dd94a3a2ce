"""Contents: every file of an export but its receipt."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Literal

from unfit.bank import Exercise, load_exercise, load_standard, read_tree
from unfit.bank.world_loading import DATA_HOOK, draw_data, load_world
from unfit.environment import lock_of
from unfit.errors import BankError, UsageError
from unfit.likeness import is_published
from unfit.planting import shipped_tree
from unfit.planting.notebook_documents import is_notebook
from unfit.scripts import script_of
from unfit.standard import for_candidates
from unfit.worker.imports import normal

__all__ = ["DESCRIPTION", "CandidateTerms", "as_exported", "can_draw", "contents", "drawn", "dressed"]

DEVCONTAINER = ".devcontainer/devcontainer.json"
"""What Codespaces, VS Code and JetBrains set up by themselves; a project may bring its own."""
DIAGNOSIS = "diagnosis.toml"
"""What a project brings where an incident has to be explained."""
DESCRIPTION = "PULL_REQUEST.md"
"""What its author says of a change that is to be merged, where a pull request is handed out."""
MOST_WORDS = 500
"""Of the task, its story included."""
PUBLISHED = "Answers to this exercise are public. Please do not look."
TARGETS = ("setup", "check", "submit")
DISTRIBUTIONS = {
    "sklearn": "scikit-learn",
    "PIL": "pillow",
    "yaml": "pyyaml",
    "cv2": "opencv-python",
    "bs4": "beautifulsoup4",
}
"""Import names that differ from the name to install."""
FOR_NOTEBOOKS = ("ipykernel", "nbclient", "nbformat")
TOOLS = ("pytest", "ruff")
"""What a project's own targets call."""


@dataclass(frozen=True)
class CandidateTerms:
    """What holds for a candidate.

    Parameters
    ----------
    minutes : int
        Working time, set-up not counted.
    assistants : {"allowed", "none"}
        Whether programming assistants may be used.
    pull_request : bool, default=False
        Whether the last change is to be reviewed as a pull request.
    """

    minutes: int
    assistants: Literal["allowed", "none"] = "allowed"
    pull_request: bool = False


def contents(
    exercise: Exercise,
    defects: Iterable[str] | None = None,
    *,
    terms: CandidateTerms,
    seed: int | None = None,
) -> dict[str, bytes]:
    """Put an export together: the project as planted, and what a candidate needs around it.

    Parameters
    ----------
    exercise : Exercise
    defects : iterable of str, optional
        Those of the form; for the default one the shipped folder is copied, with no need of the hidden half.
    terms : CandidateTerms
    seed : int, optional
        Draws the shipped data anew.
    """
    tree = (
        read_tree(exercise.shipped_folder)
        if defects is None and exercise.shipped_folder.is_dir()
        else shipped_tree(exercise, defects)
    )
    if not tree:
        raise UsageError(f"exercises/{exercise.slug} is empty", fix=f"run: unfit plant {exercise.slug}")
    if seed is not None:
        tree |= drawn(exercise, seed, tree)
    tree = as_exported(tree)
    tree["TASK.md"] = _task(exercise, terms, tree).encode()
    if terms.pull_request:
        tree[DESCRIPTION] = _description(exercise).encode()
    tree["STANDARD.md"] = for_candidates(load_standard(exercise.bank)).encode()
    tree["tasks.py"] = _template("tasks.py")
    tree["Makefile"] = _makefile(exercise, tree.get("Makefile", b""))
    tree[".gitignore"] = _gitignore(exercise, tree.get(".gitignore", b""))
    tree.setdefault(DEVCONTAINER, _template("devcontainer.json"))
    tree.setdefault("requirements.txt", _requirements(exercise, tree).encode())
    tree.setdefault("pyproject.toml", _pyproject(exercise).encode())
    return dict(sorted(tree.items()))


def dressed(
    exercise: Exercise, project: Mapping[str, bytes], handed: Mapping[str, bytes], last: Mapping[str, bytes]
) -> dict[str, bytes]:
    """Put around an earlier state of a project what was handed out around its last one.

    Parameters
    ----------
    exercise : Exercise
    project : mapping of str to bytes
        The earlier state.
    handed : mapping of str to bytes
        What was handed out, with or without its receipt.
    last : mapping of str to bytes
        The project in it.
    """
    around = {path: content for path, content in handed.items() if path not in as_exported(last)}
    tree = around | as_exported(project)
    tree["Makefile"] = _makefile(exercise, project.get("Makefile", b""))
    tree[".gitignore"] = _gitignore(exercise, project.get(".gitignore", b""))
    return dict(sorted(tree.items()))


def as_exported(project: Mapping[str, bytes]) -> dict[str, bytes]:
    """Add a copy of each notebook as a script to a project's files."""
    copies = {
        f"{path.removesuffix('.ipynb')}.py": script_of(content, path)
        for path, content in project.items()
        if is_notebook(path)
    }
    return copies | dict(project)


def _template(name: str) -> bytes:
    return files("unfit").joinpath("templates", "export", name).read_bytes()


def _task(exercise: Exercise, terms: CandidateTerms, tree: Mapping[str, bytes]) -> str:
    """Write the task in at most 500 words, the story included."""
    manifest = exercise.manifest
    request = exercise.pull_request if terms.pull_request else None
    policy = {
        "allowed": "Programming assistants and search are allowed, as at work. Say in `REVIEW.md` which you used and "
        "what of their advice you rejected. Using them, or not, is never scored.",
        "none": "Please work without programming assistants this time. Documentation and search are fine.",
    }[terms.assistants]
    story = (request.story if request else "") or manifest.story
    kind = "project" if manifest.tier == "first" else manifest.tier
    opening = _template("opening-pull-request.md" if request else f"opening-{kind}.md").decode()
    if request:
        opening = opening.replace("{{ author }}", _name(exercise, request.by)).replace(
            "{{ branch }}", request.branch
        )
    diagnosis = (
        "\nSay in `diagnosis.toml` what happened. Each answer counts by itself; "
        "leave out what you do not know.\n"
    )
    notebook = "\nA notebook comes with a copy as a script, for reading; the notebook counts."
    text = _template("TASK.md").decode()
    values = {
        "title": manifest.title,
        "story": _filled(story),
        "opening": _filled(opening),
        "asked": _template(f"asked-{manifest.tier}.md").decode().rstrip(),
        "minutes": str(terms.minutes),
        "assistants": textwrap.fill(policy, 112),
        "published": f"\n\n{PUBLISHED}" if is_published(exercise) else "",
        "diagnosis": diagnosis if DIAGNOSIS in tree else "",
        "notebook": notebook if _has_notebook(tree) else "",
    }
    task = re.sub(r"\{\{ (\w+) \}\}", lambda found: values[found[1]], text)
    words = len(task.split())
    if words > MOST_WORDS:
        raise BankError(
            f"{exercise.slug}: the task would have {words} words, where {MOST_WORDS} are read",
            fix=f"shorten `story` in exercise.toml by {words - MOST_WORDS} words",
        )
    return task


def _filled(text: str) -> str:
    """Break paragraphs into lines of one length."""
    return "\n\n".join(
        textwrap.fill(" ".join(part.split()), 112, break_long_words=False, break_on_hyphens=False)
        for part in text.strip().split("\n\n")
    )


def _description(exercise: Exercise) -> str:
    """Write what the author of a change says of it."""
    request = exercise.pull_request
    who = f"{_name(exercise, request.by)} wants to merge `{request.branch}` into `main`."
    return f"# {request.title}\n\n{who}\n\n{request.body}\n"


def _name(exercise: Exercise, by: str) -> str:
    assert exercise.history is not None
    return exercise.history.people[by].partition(" <")[0]


def _makefile(exercise: Exercise, own: bytes) -> bytes:
    """Add the three targets to the project's own Makefile."""
    for target in TARGETS:
        if re.search(rf"^{target}\s*:".encode(), own, re.MULTILINE):
            raise BankError(
                f"{exercise.slug}: the project's Makefile has a target `{target}` of its own, which an export adds",
                fix="rename the project's target",
            )
    added = _template("Makefile")
    return own.rstrip(b"\n") + b"\n\n" + added if own.strip() else added


def _gitignore(exercise: Exercise, own: bytes) -> bytes:
    """Name what tools leave behind, and what the project's own commands write."""
    lines = own.decode().splitlines() or _template("gitignore").decode().splitlines()
    made = [f"/{path}" for path in exercise.manifest.generated]
    return "\n".join(dict.fromkeys([*lines, *made])).encode() + b"\n"


def _requirements(exercise: Exercise, tree: Mapping[str, bytes]) -> str:
    """Pin what the code may import to the versions that it is graded with."""
    names = [DISTRIBUTIONS.get(name, name) for name in exercise.manifest.environment.packages]
    if _has_notebook(tree):
        names += [name for name in FOR_NOTEBOOKS if name not in names]
    pinned = _pinned(lock_of(exercise.bank).decode())
    lines = [line for name in names for line in pinned.get(normal(name), [name])]
    return "\n".join([*sorted(lines), *TOOLS]) + "\n"


def _has_notebook(tree: Mapping[str, bytes]) -> bool:
    return any(map(is_notebook, tree))


def _pinned(lock: str) -> dict[str, list[str]]:
    """Find each distribution's lines in a lock file: one for each Python that has a version of its own."""
    found: dict[str, list[str]] = {}
    for name, pin in re.findall(r"^([A-Za-z0-9._-]+)(==[^\\\n]+)", lock, re.MULTILINE):
        found.setdefault(normal(name), []).append(f"{name}{pin.strip()}")
    return found


def _pyproject(exercise: Exercise) -> str:
    paths = ", ".join(f'"{path}"' for path in exercise.manifest.contract.paths)
    return (
        f'[project]\nname = "{exercise.slug.replace("_", "-")}"\nversion = "1.0.0"\nrequires-python = ">=3.11"\n\n'
        f"[tool.pytest.ini_options]\npythonpath = [{paths}]\n"
    )


def can_draw(exercise: Exercise) -> bool:
    """Whether the exercise's world is here and can draw the shipped data anew."""
    return exercise.complete and hasattr(load_world(exercise), DATA_HOOK)


def drawn(exercise: Exercise, seed: int, tree: Mapping[str, bytes]) -> dict[str, bytes]:
    """Draw the shipped data anew with the exercise's own world.

    Parameters
    ----------
    exercise : Exercise
    seed : int
    tree : mapping of str to bytes
        What is handed out otherwise; the data have to be files of it.
    """
    found = _draw(exercise.bank, exercise.slug, exercise.digest, seed)
    if found is None:
        raise UsageError(
            f"{exercise.slug}: its data cannot be drawn anew: world.py defines no `{DATA_HOOK}`",
            fix="leave --seed out, or let the world define it",
        )
    for path in found:
        if path not in tree:
            raise BankError(
                f"solutions/{exercise.slug}/world.py: `{DATA_HOOK}` gives {path}, which the project does not have",
                fix="give files of the project only",
            )
    return dict(found)


@lru_cache(maxsize=8)
def _draw(bank: Path, slug: str, digest: str, seed: int) -> Mapping[str, bytes] | None:
    """Draw data once, since it may take seconds; None where the world cannot. The digest keeps banks apart."""
    del digest
    return draw_data(load_exercise(bank, slug), seed)
