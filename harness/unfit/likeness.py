"""Likeness: how much of an exercise's text also stands in another."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from unfit.bank import Exercise, load_exercise, read_tree
from unfit.bank.canary import CANARY
from unfit.bank.exercises import HISTORY, WRITTEN_ASIDE
from unfit.errors import ManifestError
from unfit.notebook_cells import submitted_sources
from unfit.planting.notebook_documents import is_notebook
from unfit.records import Record

__all__ = [
    "ORIGIN",
    "Likeness",
    "Origin",
    "as_origin",
    "describe",
    "exposure_of",
    "held_of",
    "is_published",
    "origin_of",
    "shared_text",
    "shared_with_origin",
]

ORIGIN = "origin.json"
"""The file of a solution that says what it was derived from."""

# Eight words in a row are seldom the same by chance; a phrase of the trade or an import is shorter.
WORDS = 8
# Of the runs of words one in four is kept, chosen by its hash, so that two exercises keep the same ones.
KEPT = tuple("048c")
TEXT = (".cfg", ".ini", ".ipynb", ".md", ".py", ".sh", ".sql", ".toml", ".txt")
# Unrelated exercises share up to a fifth of what a candidate sees: what every project has, and the kit's own words.
KNOWN_AGAIN = 0.3
"""Share of what a candidate sees from which on a derived exercise still is the published one."""
SHOWN = 5
"""Files that a sentence names."""
WRITTEN_BY_THE_KIT = {ORIGIN, "REVIEW.md", *WRITTEN_ASIDE}
NAME = re.compile(r"[^\W\d]\w*")


class Origin(Record):
    """``origin.json``: the exercise that one was derived from, with the fingerprints of its text.

    The fingerprints stand in for the text, so that a private bank needs no copy of the public one.
    """

    format: Literal[1] = 1
    slug: str
    version: str
    digest: str
    exposure: Literal["public", "private"] = "public"
    """Whether its answers were published."""
    fingerprints: tuple[str, ...]
    names: tuple[str, ...] = ()
    """Fingerprints of the names of its contract: types, fields, functions and what they take."""


@dataclass(frozen=True)
class Likeness:
    """What an exercise shares with another, as shares of its own text.

    Parameters
    ----------
    seen : float
        Share of what a candidate sees: the project, its history and ``exercise.toml``.
    hidden : float
        Share of what only interviewers have.
    files : tuple of (str, float)
        Share by file, the most alike first; files that share nothing are left out.
    names : mapping of str to str
        Names of the other's contract that still stand in what a candidate sees, each with the first file.
    """

    seen: float
    hidden: float
    files: tuple[tuple[str, float], ...]
    names: Mapping[str, str]


def shared_text(exercise: Exercise, other: Exercise) -> Likeness:
    """Measure how much of an exercise's text also stands in another.

    Runs of eight words are compared, whatever the spaces between them; other files count as shared when they are
    the same byte for byte.

    Parameters
    ----------
    exercise, other : Exercise
        Both with their solutions.

    Returns
    -------
    likeness : Likeness
    """
    return _likeness(exercise, _fingerprints(other), {_hash(name.encode()) for name in _names(other)})


def held_of(exercise: Exercise, files: Mapping[str, bytes]) -> float:
    """Measure how much of what an exercise ships also stands in a submission.

    Parameters
    ----------
    exercise : Exercise
    files : mapping of str to bytes
        The submission's, by path.

    Returns
    -------
    share : float
        Of the shipped fingerprints; 1 where nothing is lost, 0 where there is nothing shipped.
    """
    wanted = _shipped_prints(exercise.bank, exercise.slug, exercise.digest)
    found = frozenset(found for path, content in files.items() for found in _prints(path, content))
    return len(wanted & found) / len(wanted) if wanted else 0.0


@cache
def _shipped_prints(bank: Path, slug: str, digest: str) -> frozenset[str]:
    """Fingerprint what is an exercise's alone of what it ships; the digest keeps apart what it was and is."""
    del digest
    tree = read_tree(load_exercise(bank, slug).shipped_folder)
    return frozenset(
        found for path, content in tree.items() if path != "REVIEW.md" for found in _prints(path, content)
    )


def shared_with_origin(exercise: Exercise) -> Likeness | None:
    """Measure how much of a derived exercise is still its origin's; None where it was not derived."""
    origin = origin_of(exercise)
    if origin is None:
        return None
    return _likeness(exercise, frozenset(origin.fingerprints), frozenset(origin.names))


def exposure_of(exercise: Exercise) -> Literal["public", "private"]:
    """Say whether the answers to an exercise can be looked up.

    They can where the exercise says so, and where it was derived from a published one and most candidates who know
    that one would know it again.
    """
    if exercise.manifest.exposure == "public":
        return "public"
    origin, likeness = origin_of(exercise), shared_with_origin(exercise)
    if origin is None or likeness is None or origin.exposure == "private":
        return "private"
    return "public" if likeness.seen >= KNOWN_AGAIN else "private"


def is_published(exercise: Exercise) -> bool:
    """Whether the answers to an exercise can be looked up; see `exposure_of`."""
    return exposure_of(exercise) == "public"


def describe(exercise: Exercise) -> str:
    """Say in a sentence how much of a derived exercise is still its origin's; empty where it was not derived."""
    origin, likeness = origin_of(exercise), shared_with_origin(exercise)
    if origin is None or likeness is None:
        return ""
    most = [f"{path} ({share:.0%})" for path, share in likeness.files if _is_seen(path)][:SHOWN]
    left = [f"{name} ({path})" for name, path in likeness.names.items()]
    return (
        f"derived from `{origin.slug}` {origin.version}: {likeness.seen:.0%} of what candidates see and "
        f"{likeness.hidden:.0%} of the rest is still its text{'; most of all ' if most else ''}{', '.join(most)}"
        f"{'; names of its contract that still stand: ' if left else ''}{', '.join(left)}"
    )


def origin_of(exercise: Exercise) -> Origin | None:
    """Read what an exercise was derived from.

    Raises
    ------
    ManifestError
        If ``origin.json`` is not what `unfit new --from` writes.
    """
    path = exercise.solution / ORIGIN
    if not path.is_file():
        return None
    try:
        return Origin.model_validate_json(path.read_bytes())
    except ValueError as error:
        reason = str(error).splitlines()[0]
        raise ManifestError(
            f"{exercise.name_of(path)}: is not what `unfit new --from` writes: {reason}",
            fix="restore it from version control, or delete it where the exercise stands on its own",
        ) from None


def as_origin(exercise: Exercise) -> Origin:
    """Describe an exercise as the origin of another."""
    return Origin(
        slug=exercise.slug,
        version=exercise.manifest.version,
        digest=exercise.digest,
        exposure=exposure_of(exercise),
        fingerprints=tuple(sorted(_fingerprints(exercise))),
        names=tuple(sorted(_hash(name.encode()) for name in _names(exercise))),
    )


def _likeness(exercise: Exercise, known: Collection[str], names: Collection[str]) -> Likeness:
    counts = {path: _count(prints, known) for path, prints in _by_file(exercise).items() if prints}
    shares = {path: shared / total for path, (shared, total) in counts.items() if shared}
    return Likeness(
        seen=_share({path: count for path, count in counts.items() if _is_seen(path)}),
        hidden=_share({path: count for path, count in counts.items() if not _is_seen(path)}),
        files=tuple(sorted(shares.items(), key=lambda item: (-item[1], item[0]))),
        names=_names_left(exercise, names),
    )


def _names(exercise: Exercise) -> frozenset[str]:
    """List the names of a contract: types and fields, functions, what they take, and the modules that they are in."""
    contract = exercise.manifest.contract
    functions = {name: function for book in contract.notebook for name, function in book.functions.items()}
    calls = {name for entry in contract.entry for name in re.split(r"[.:]", entry.call)}
    takes = {name for one in (*contract.entry, *functions.values()) for name in one.arguments}
    defines = {name for book in contract.notebook for name in book.defines}
    fields = {name for kind, record in contract.types.items() for name in (kind, *record)}
    return frozenset(calls | takes | defines | fields | set(functions))


def _names_left(exercise: Exercise, names: Collection[str]) -> dict[str, str]:
    """Find names, given as fingerprints, in what a candidate sees; what the kit writes into it is passed over."""
    found: dict[str, str] = {}
    tree = read_tree(exercise.shipped_folder) if names else {}
    own = {path: _text(path, content) for path, content in tree.items() if path not in WRITTEN_BY_THE_KIT}
    own["exercise.toml"] = " ".join(
        (exercise.manifest.title, exercise.manifest.story, *sorted(_names(exercise)))
    )
    history = exercise.solution / HISTORY
    own[HISTORY] = history.read_text("utf-8") if history.is_file() else ""
    for path, text in sorted(own.items()):
        for name in sorted({*NAME.findall(text)}):
            if _hash(name.encode()) in names:
                found.setdefault(name, path)
    return found


def _fingerprints(exercise: Exercise) -> frozenset[str]:
    """Hash every run of words of an exercise's text, and every other file whole."""
    return frozenset().union(*_by_file(exercise).values())


def _by_file(exercise: Exercise) -> dict[str, frozenset[str]]:
    tree = read_tree(exercise.solution)
    return {
        path: frozenset(_prints(path, content))
        for path, content in tree.items()
        if path not in WRITTEN_BY_THE_KIT
    }


def _prints(path: str, content: bytes) -> Iterator[str]:
    if not path.endswith(TEXT):
        if content:
            yield _hash(content)
        return
    words = re.findall(r"\w+|[^\w\s]", _text(path, content))
    for start in range(len(words) - WORDS + 1):
        found = _hash("\0".join(words[start : start + WORDS]).encode())
        if found.endswith(KEPT):
            yield found


def _text(path: str, content: bytes) -> str:
    if is_notebook(path):
        return "\n".join(submitted_sources(content).values())
    return CANARY.sub("", content.decode("utf-8", errors="replace"))  # each exercise has its own


def _hash(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=5).hexdigest()


def _count(prints: Collection[str], known: Collection[str]) -> tuple[int, int]:
    return sum(item in known for item in prints), len(prints)


def _share(counts: Mapping[str, tuple[int, int]]) -> float:
    total = sum(count for _, count in counts.values())
    return sum(shared for shared, _ in counts.values()) / total if total else 0.0


def _is_seen(path: str) -> bool:
    return path in {"exercise.toml", HISTORY} or path.startswith("project/")
