"""Resuming: which submissions of a cohort were graded before under the same settings, and are not graded again."""

from __future__ import annotations

import hashlib
from pathlib import Path

from pydantic import ValidationError

from unfit import __version__
from unfit.bank import Exercise
from unfit.cluster import kit_mark
from unfit.cohort.settings_and_endings import ENDING, Ending, Settings, folder_of
from unfit.files import write_atomically
from unfit.likeness import exposure_of
from unfit.receiving import Received
from unfit.report import OVERRULES
from unfit.sandbox import Backend, Environment

__all__ = ["LEFT_OUT", "ending_of", "entered", "graded_before", "mark_of", "settings_of", "word_on_matches"]

LEFT_OUT = ("cli/", "cohort/", "validate/")
"""Packages of the kit on which no grade depends."""


def settings_of(
    exercise: Exercise,
    *,
    backend: Backend | None,
    environment: Environment | None,
    seed: int,
    kernel: bool = False,
    review_only: bool = False,
) -> Settings:
    """Gather all that the grades of a cohort share."""
    return Settings(
        kit=f"{__version__}+{kit_mark(*LEFT_OUT)}",
        exercise=exercise.slug,
        title=exercise.manifest.title,
        version=exercise.manifest.version,
        digest=exercise.digest,
        exposure=exposure_of(exercise),
        defects={defect.id: defect.title for defect in exercise.defects},
        environment="" if environment is None else environment.digest,
        backend="none" if backend is None else backend.name,
        protected=backend is None or backend.protected,
        seed=seed,
        kernel=kernel,
        review_only=review_only,
    )


def ending_of(out: Path, pseudonym: str, settings: Settings) -> Ending | None:
    """Read how a submission ended under these settings; None where nobody worked on it, or under others."""
    try:
        found = Ending.model_validate_json((folder_of(out, pseudonym) / ENDING).read_bytes())
    except (OSError, ValidationError):
        return None
    return found if found.settings == settings.mark else None


def graded_before(out: Path, settings: Settings, received: Received) -> Ending | None:
    """Find the grade of the same submission and form under the same settings; it need not be graded again."""
    pseudonym = received.submission.name
    found = ending_of(out, pseudonym, settings)
    if found is None or found.outcome != "graded":
        return None
    now = (received.submission.digest, received.receipt.form, received.receipt.verified)
    before = (found.submission, found.form, found.verified)
    whole = (folder_of(out, pseudonym) / "grade.json").is_file()
    return found if whole and now == before else None


def word_on_matches(folder: Path) -> bytes:
    """Read the interviewer's word on the matches of a grade; empty where nobody said any."""
    path = folder / OVERRULES
    return path.read_bytes() if path.is_file() else b""


def mark_of(content: bytes) -> str:
    """Hash the interviewer's word on matches; empty where nobody said any."""
    return hashlib.sha256(content).hexdigest() if content else ""


def entered(out: Path, pseudonym: str, settings: Settings) -> None:
    """Enter that the word on matches that lies beside a grade stands in it."""
    ending, folder = ending_of(out, pseudonym, settings), folder_of(out, pseudonym)
    if ending is not None and ending.outcome == "graded":
        now = ending.model_copy(update={"overrules": mark_of(word_on_matches(folder))})
        write_atomically(folder / ENDING, now.model_dump_json(indent=1) + "\n")
