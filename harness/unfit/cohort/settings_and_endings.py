"""The records of a cohort: what its grades share, and how each submission ended."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Literal

from unfit.errors import UnfitError
from unfit.records import Record

__all__ = ["ENDING", "GRADES", "SETTINGS", "Ending", "Settings", "folder_of", "read_settings"]

SETTINGS = "cohort.json"
GRADES = "grades"
ENDING = "ending.json"


class Settings(Record):
    """What all grades of a cohort share: ``cohort.json``."""

    format: Literal[1] = 1
    kit: str
    """Version of the kit, with a hash of its code."""
    exercise: str
    title: str
    version: str
    digest: str
    """Hash of the solution's folder."""
    exposure: Literal["public", "private"]
    defects: dict[str, str]
    """Titles by id, in the order of the exercise."""
    environment: str
    """Hash of the locked environment that runs the submissions."""
    backend: str
    protected: bool
    seed: int
    kernel: bool = False
    review_only: bool = False
    """Whether only reviews were asked for: nothing of a submission is run."""

    @property
    def mark(self) -> str:
        """A hash of all of it: grades of different settings are never shown together."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:16]


class Ending(Record):
    """How one submission ended: ``ending.json`` in the folder of its grade, written last."""

    format: Literal[1] = 1
    pseudonym: str
    outcome: Literal["graded", "refused", "failed"]
    """``failed`` where the kit or the machine is at fault; it is tried again the next time."""
    cause: str = ""
    fix: str = ""
    settings: str
    """Mark of the settings."""
    submission: str = ""
    """Digest of what was handed in."""
    overrules: str = ""
    """Digest of the interviewer's overrules."""
    form: str = ""
    verified: bool = False
    review_only: bool = False
    """Whether only a review was handed in."""
    processor_seconds: float = 0.0
    """Of everything that this grade needed: the submission's and the kit's own."""
    wall_seconds: float = 0.0
    host: str = ""


def folder_of(out: Path, pseudonym: str) -> Path:
    """Say where the grade of a submission is."""
    return out / GRADES / pseudonym


def read_settings(out: Path) -> Settings | None:
    """Read what the grades of a cohort share; None where there is no cohort."""
    path = out / SETTINGS
    if not path.is_file():
        return None
    try:
        return Settings.model_validate_json(path.read_bytes())
    except ValueError as error:
        reason = str(error).splitlines()[0]
        raise UnfitError(
            f"{path}: is no record of a cohort: {reason}", fix="restore it, or name another folder with --out"
        ) from None
