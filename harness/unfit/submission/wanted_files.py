"""Wanted: what of a submission a grade needs, as the exercise's contract says it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from unfit.bank import Exercise

__all__ = ["DOCUMENTS", "MARKS", "Parts", "Wanted", "is_comments", "is_copy", "is_document", "wanted"]

Parts = tuple[str, ...]
"""A path, part by part."""

MARKS = ("exercise.toml", "receipt.json")
"""What every export holds at its top."""
DOCUMENTS = ("receipt.json", "diagnosis.toml")
"""Beside the review, what a candidate may lay outside of the project's folder."""
COMMENTS = re.compile(r"(?:[\w.]{1,80}-)?(?:comments|reviews|discussions)(?:-?\d{1,6})?\.json", re.IGNORECASE)
"""Files of a pull request's comments, as ``comments.json``, ``reviews.json``, ``pr-comments.json``."""
COPY_OF = re.compile(r"(?:copy of |kopie von |copie de |copia de )*+")
# Possessive throughout: names are untrusted, and nothing may be tried twice.
COPIED = re.compile(
    r"(?:[-_ ]*+(?:copy|kopie|copie|copia|final|fixed|mended|new|old|orig|original|backup|\(\d++\)|v?+\d++))++"
)


@dataclass(frozen=True)
class Wanted:
    """What a submission is read for.

    Parameters
    ----------
    code : tuple of Parts
        Files by which the project is recognised: the modules of its entry points and its notebooks.
    needed : tuple of Parts
        Folders of code and notebooks, without which nothing can be graded.
    generated : tuple of Parts
        What the project's own commands write.
    """

    code: tuple[Parts, ...] = ()
    needed: tuple[Parts, ...] = ()
    generated: tuple[Parts, ...] = ()

    def needs(self, parts: Parts) -> bool:
        """Tell whether a path lies in what is needed, leads to it, or is the review."""
        return is_review(parts) or any(
            parts[: len(path)] == path or path[: len(parts)] == parts for path in self.needed
        )

    @property
    def notebooks(self) -> tuple[Parts, ...]:
        """The notebooks of the contract."""
        return tuple(path for path in self.needed if path[-1].endswith(".ipynb"))


def wanted(exercise: Exercise) -> Wanted:
    """Read from an exercise's contract what its submissions need."""
    contract = exercise.manifest.contract
    modules = {entry.call.partition(":")[0].replace(".", "/") for entry in contract.entry}
    files = [
        f"{path}/{module}{end}"
        for path in contract.paths
        for module in modules
        for end in (".py", "/__init__.py")
    ]
    notebooks = [notebook.path for notebook in contract.notebook]
    return Wanted(
        code=tuple(_parts(path) for path in (*sorted(files), *notebooks)),
        needed=tuple(_parts(path) for path in (*contract.paths, *notebooks)),
        generated=tuple(_parts(path) for path in exercise.manifest.generated),
    )


def is_review(parts: Parts) -> bool:
    """Tell whether a file is called like a review."""
    return bool(parts) and re.match(r"(?:copy of )?review\b", parts[-1], re.IGNORECASE) is not None


def is_comments(path: str) -> bool:
    """Tell whether a file at the top is called like the comments of a pull request or a merge request."""
    return COMMENTS.fullmatch(path) is not None


def is_document(parts: Parts) -> bool:
    """Tell whether a file says something about the submission, wherever it lies."""
    return is_review(parts) or parts[-1].lower() in DOCUMENTS or is_comments(parts[-1])


def is_copy(name: str, of: str) -> bool:
    """Tell whether a file is called like a copy that a file manager or Jupyter makes of another one.

    ``churn-Copy1.ipynb``, ``Copy of churn.ipynb``, ``churn (1).ipynb`` and ``Churn.ipynb`` are called like copies of
    ``churn.ipynb``.
    """
    original, dot, ending = of.casefold().rpartition(".")
    stem = name.casefold().removesuffix(dot + ending)
    bare = COPY_OF.sub("", stem, count=1)
    rest = bare.removeprefix(original)
    alike = bare.startswith(original) and (not rest or COPIED.fullmatch(rest) is not None)
    return name != of and stem != name.casefold() and alike


def _parts(path: str) -> Parts:
    return tuple(part for part in path.split("/") if part not in {"", "."})
