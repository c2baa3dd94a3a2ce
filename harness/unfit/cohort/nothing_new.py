"""Nothing new: whether a cohort is as it was left, so that the same command has nothing to do."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from unfit.bank import Bank, Exercise
from unfit.cohort.carried_receipts import strange_receipts
from unfit.cohort.fingerprint import fingerprint
from unfit.cohort.pseudonyms import read_key
from unfit.cohort.settings_and_endings import ENDING, SETTINGS, Ending, folder_of, read_settings
from unfit.cohort.submission_lists import Kind, Roll, handed_in, real, without_forgotten
from unfit.environment import digest_of, lock_of
from unfit.errors import UnfitError
from unfit.export import entries
from unfit.files import write_atomically
from unfit.forgotten import read_marks

__all__ = ["Asked", "Standing", "discard", "keep", "stands"]

STAMP = ".standing.json"
"""In the cohort's folder: a hash of all that its grades and its page follow from; it names nobody."""
WRITTEN = ("cohort.html", "cohort.csv", "cohort.parquet")
READ = ("grade.json", ENDING, "code.json", "overrules.toml")
CODE = (".py", ".j2", ".css", ".js")


@dataclass(frozen=True)
class Asked:
    """What the command was given.

    Parameters
    ----------
    bank : Bank
    exercise : str or None
        Its name; None where the receipts name it.
    source, out, key, ledger : Path
    kind, seed, kernel, sandbox, review_only
        See `unfit.cohort.grade_cohort`.
    """

    bank: Bank
    exercise: str | None
    source: Path
    out: Path
    key: Path
    ledger: Path
    kind: Kind = "person"
    seed: int | None = None
    kernel: bool = False
    sandbox: str = "bubblewrap"
    review_only: bool = False


@dataclass(frozen=True)
class Standing:
    """What a run would say.

    Parameters
    ----------
    said : str
    told : tuple of str
        What was left out and why, and what has to be found out about the people.
    """

    said: str
    told: tuple[str, ...]


def stands(asked: Asked) -> Standing | None:
    """Say what a run would say, where nothing that it depends on has changed since the last; None elsewhere.

    Submissions, list, exercise, kit, environment, options, receipts, grades, overrules, ratings and pages are looked
    at; no library of an analysis is loaded, and nothing of a submission is unpacked.
    """
    try:
        before = json.loads((asked.out / STAMP).read_bytes())
        roll = _roll(asked)
        if before["state"] != _state(asked, roll):
            return None
        told = (*roll.told, *strange_receipts(read_key(asked.key), asked.ledger))
        return Standing(str(before["said"]), told)
    except (OSError, ValueError, KeyError, TypeError, UnfitError):
        return None  # the run itself says what is wrong


def keep(asked: Asked, said: str) -> None:
    """Remember how a cohort was left, unless something has to be tried again."""
    people = read_key(asked.key).people
    endings = [_ending(asked.out, person.pseudonym) for person in people]
    if all(ending is None or ending.outcome != "failed" for ending in endings):
        stamp = {"state": _state(asked, _roll(asked)), "said": said}
        write_atomically(asked.out / STAMP, json.dumps(stamp) + "\n")


def discard(out: Path) -> None:
    """Forget how a cohort was left."""
    (out / STAMP).unlink(missing_ok=True)


def _roll(asked: Asked) -> Roll:
    marks = read_marks(asked.ledger)
    return without_forgotten(handed_in(asked.source, kind=asked.kind, marks=marks), marks, out=asked.out)


def _ending(out: Path, pseudonym: str) -> Ending | None:
    path = folder_of(out, pseudonym) / ENDING
    return Ending.model_validate_json(path.read_bytes()) if path.is_file() else None


def _state(asked: Asked, roll: Roll) -> str:
    whole = hashlib.sha256()
    for fact in _facts(asked, roll):
        whole.update(fact.encode("utf-8", "replace") + b"\0")
    return whole.hexdigest()


def _facts(asked: Asked, roll: Roll) -> Iterator[str]:
    settings = read_settings(asked.out)
    if settings is None:
        raise FileNotFoundError(asked.out / SETTINGS)
    exercise: Exercise = asked.bank.exercise(asked.exercise or settings.exercise)
    yield exercise.slug
    yield exercise.digest
    yield digest_of(lock_of(exercise.bank))
    yield f"{settings.seed if asked.seed is None else asked.seed} {settings.seed} {asked.kernel} {asked.sandbox}"
    yield str(asked.review_only)
    yield from _of_files(_kit())
    for one in roll.handed:
        yield f"{one.model_dump_json()} {real(one.path)} {fingerprint(one.path)}"
    yield from roll.told
    yield from _of_files([asked.key, asked.ledger / "key", asked.out / SETTINGS])
    people = read_key(asked.key).people
    carried = {person.carries for person in people}
    yield from (entry.model_dump_json() for entry in entries(asked.ledger) if entry.nonce in carried)
    for person in people:
        folder = folder_of(asked.out, person.pseudonym)
        yield from _of_files(folder / name for name in READ)
        yield from _of_files(sorted(folder.glob("ratings/*.json")))
        yield str((folder / "report.html").is_file())
    yield from _of_files(asked.out / name for name in WRITTEN)


def _kit() -> list[Path]:
    root = Path(str(files("unfit")))
    return sorted(path for path in root.rglob("*") if path.suffix in CODE)


def _of_files(paths: Iterator[Path] | list[Path]) -> Iterator[str]:
    for path in paths:
        content = path.read_bytes() if path.is_file() else b"-"
        yield f"{path.name} {hashlib.sha256(content).hexdigest()}"
