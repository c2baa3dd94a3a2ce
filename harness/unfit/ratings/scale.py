"""The scale: four things that interviewers rate after the talk, with four anchors each."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["DIMENSIONS", "LOWEST_DIFFERENCE", "NOT_SEEN", "SCALE", "Dimension", "dimension"]

SCALE = (1, 2, 3, 4)
NOT_SEEN = "not seen"
"""In place of a rating, where the talk did not come to it."""
LOWEST_DIFFERENCE = 2
"""So far apart are two ratings whose words have to be read to each other."""


@dataclass(frozen=True)
class Dimension:
    """One thing to rate.

    Parameters
    ----------
    name, question : str
    anchors : tuple of str
        What 1, 2, 3 and 4 mean.
    """

    name: str
    question: str
    anchors: tuple[str, str, str, str]


DIMENSIONS = (
    Dimension(
        "prediction",
        "Does the candidate know what the code will do?",
        (
            "cannot say, or says what the task said",
            "is right where the code was just discussed, and guesses elsewhere",
            "says what will happen and by which lines; knows what is uncertain",
            "does so for an incident in code that was hardly touched, with the size of the effect",
        ),
    ),
    Dimension(
        "explanation",
        "Does the candidate know why?",
        (
            "repeats the rule",
            "names the cause when shown the symptom",
            "gets from symptom to cause alone, and says what would prove it",
            "also names what else could have made it, and how to tell them apart",
        ),
    ),
    Dimension(
        "containment",
        "Does the candidate know what to do first?",
        (
            "would go on mending",
            "would undo something, in no order",
            "stops the harm first, says whom to tell, keeps the evidence",
            "also says what must not be undone, and how one would notice next time",
        ),
    ),
    Dimension(
        "trade-off",
        "Does the candidate know what it costs?",
        (
            "one way, no reason",
            "names another way",
            "weighs two ways by what this service needs",
            "also says what would make them choose otherwise",
        ),
    ),
)


def dimension(name: str) -> Dimension:
    """Find a dimension by its name."""
    return next(one for one in DIMENSIONS if one.name == name)
