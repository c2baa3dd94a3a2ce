"""Every error that the kit raises on purpose.

UnfitError
├── UsageError            the command was called with something that does not exist
├── Interrupted           the user stopped it, and what is done is kept
├── BankError             a bank is not fit to use
│   ├── ManifestError     a manifest breaks its format
│   ├── PlantingError     an edit cannot be applied or reversed
│   ├── StaleError        `exercises/` is not what the bank would plant
│   └── CheckError        a hidden check is itself broken
│       └── Unjudged      a hidden check could not cope with an answer
├── SubmissionError       a submission was refused before anything ran
├── ReviewError           a review file cannot be read
├── WireError             bytes from the other side of the bridge are not a frame
└── SandboxError          the machine cannot isolate, or the worker could not be started
    └── EnvironmentMissing  the environment of exercises has not been built
"""

from __future__ import annotations

__all__ = [
    "BankError",
    "CheckError",
    "EnvironmentMissing",
    "Interrupted",
    "ManifestError",
    "PlantingError",
    "ReviewError",
    "SandboxError",
    "StaleError",
    "SubmissionError",
    "UnfitError",
    "Unjudged",
    "UsageError",
    "WireError",
]


class UnfitError(Exception):
    """What happened, and what to do about it.

    Parameters
    ----------
    message : str
        What happened, with the file and the value.
    fix : str, default=""
        What to do next; empty where nothing can be advised.
    """

    exit_code = 3

    def __init__(self, message: str, *, fix: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.fix = fix

    def __str__(self) -> str:
        return f"{self.message}\n  fix: {self.fix}" if self.fix else self.message


class UsageError(UnfitError):
    """The command was called with something that does not exist."""

    exit_code = 2


class Interrupted(UnfitError):
    """The user stopped it; what was done is kept."""

    exit_code = 130


class BankError(UnfitError):
    """A bank is not fit to use."""


class ManifestError(BankError):
    """A manifest breaks its format."""


class PlantingError(BankError):
    """An edit cannot be applied or reversed."""


class StaleError(BankError):
    """`exercises/` is not what the bank would plant."""

    exit_code = 1


class CheckError(BankError):
    """A hidden check is itself broken: ours to mend, never the candidate's fault."""


class Unjudged(CheckError):
    """A hidden check could not cope with an answer: ours to mend, and the grade is written all the same."""

    exit_code = 4


class SubmissionError(UnfitError):
    """A submission was refused before anything of it ran."""


class ReviewError(UnfitError):
    """A review file cannot be read."""


class WireError(UnfitError):
    """Bytes from the other side of the bridge are not a frame of plain data."""


class SandboxError(UnfitError):
    """The machine cannot isolate, or the worker could not be started."""


class EnvironmentMissing(SandboxError):
    """The environment of exercises has not been built."""
