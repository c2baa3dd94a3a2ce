"""Added: what interviewers have laid beside a grade, and what every report of it goes on showing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from unfit.ratings import Rating, State, read_open

__all__ = ["AFTER_THE_TALK", "OVERRULES", "Added"]

OVERRULES = "overrules.toml"
"""Where the interviewer's word on matches stands."""
AFTER_THE_TALK = "feedback-after-the-talk.html"
"""Written on demand only: of a private exercise it is the answer key."""


@dataclass(frozen=True)
class Added:
    """What is kept when the reports of a grade are written anew.

    Parameters
    ----------
    ratings : tuple of Rating
        Those that can be set side by side; none where fewer than two are open.
    after_the_talk : bool
        Whether somebody asked for the feedback trial by trial.
    """

    ratings: tuple[Rating, ...] = ()
    after_the_talk: bool = False

    @classmethod
    def of(cls, folder: Path) -> Added:
        """Look what lies in the folder of a grade.

        Raises
        ------
        UnfitError
            If a rating was changed after it was sealed.
        """
        found = read_open(folder)
        return cls(
            found if State(found, ()).comparable else (),
            after_the_talk=(folder / AFTER_THE_TALK).is_file(),
        )
