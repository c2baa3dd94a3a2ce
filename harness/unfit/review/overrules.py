"""Overrules: the interviewer's word on a match, kept in a file that survives regrading."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from unfit.bank import read_manifest
from unfit.bank.nearest_word import nearest
from unfit.errors import ManifestError
from unfit.records import Record

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path
    from typing import Self

    from unfit.grades import Finding

__all__ = ["Overrule", "Overrules", "apply_overrules", "sheet"]

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
NONE = "none"


class Overrule(Record):
    """One match that a person decided."""

    finding: Text | Annotated[int, Field(ge=1)]
    """The finding's title, or its number in the review, counted from one."""
    defect: Text
    """The id of the defect that it speaks of, or ``none``."""
    by: Text
    when: dt.date
    why: Text


class Overrules(Record):
    """``overrules.toml`` of one submission."""

    format: Literal[1]
    overrules: tuple[Overrule, ...] = Field(default=(), alias="overrule")

    @model_validator(mode="after")
    def _once_each(self) -> Self:
        counts = Counter(str(item.finding).casefold() for item in self.overrules)
        for item in self.overrules:
            if counts[str(item.finding).casefold()] > 1:
                raise ValueError(f"`overrule[{item.finding}]` is there twice; keep one")
        return self


def apply_overrules(
    findings: Sequence[Finding], path: Path, *, defects: Collection[str] | None = None
) -> tuple[Finding, ...]:
    """Let the interviewer's word stand over the kit's.

    Parameters
    ----------
    findings : sequence of Finding
        As `match` left them.
    path : Path
        The file; one that does not exist overrules nothing.
    defects : collection of str, optional
        Ids that may be named; not checked where not given.

    Returns
    -------
    findings : tuple of Finding
        Those overruled carry who, when and why.

    Raises
    ------
    ManifestError
        If the file breaks its format, or names a finding or a defect that does not exist.
    """
    if not path.exists():
        return tuple(findings)
    changed = list(findings)
    for item in read_manifest(path, Overrules).overrules:
        number = _find(item, findings, path)
        if defects is not None and item.defect != NONE and item.defect not in defects:
            raise ManifestError(
                f"{path}: `overrule[{item.finding}].defect` = `{item.defect}` is no defect"
                f"{nearest(item.defect, defects)}",
                fix="name a defect of the exercise, or none",
            )
        changed[number] = findings[number].model_copy(
            update={
                "match": "unmatched" if item.defect == NONE else "matched",
                "defects": () if item.defect == NONE else (item.defect,),
                "near": (),
                "overruled": f"{item.by}, {item.when.isoformat()}: {item.why}",
            }
        )
    return _promoted(changed)


def sheet(findings: Sequence[Finding], *, today: dt.date) -> str:
    """Begin the file: what each finding was matched with, as comments to be filled in."""
    head = (
        "# Your word on matches. Take the # from the lines of each finding that you overrule, and fill them in.\n"
        "# `defect` is the id that stands on the report's card of a defect, or none.\n"
        "format = 1\n"
    )
    blocks = []
    for number, finding in enumerate(findings, start=1):
        title = json.dumps(" ".join(finding.title.split())[:100])  # nothing in it can end the comment
        blocks.append(
            f"# finding {number}: {title}\n"
            f"# [[overrule]]\n# finding = {number}\n# defect = {json.dumps((*finding.defects, NONE)[0])}\n"
            f'# by = "your name"\n# when = {today.isoformat()}\n# why = "what you read in it"\n'
        )
    return "\n".join([head, *blocks])


def _find(item: Overrule, findings: Sequence[Finding], path: Path) -> int:
    """Find the one finding that an overrule names."""
    wanted = item.finding
    if isinstance(wanted, int):
        found = [wanted - 1] if wanted <= len(findings) else []
        what = f"{wanted}, and there are {len(findings)} findings"
    else:
        titles = [_folded(finding.title) for finding in findings]
        found = [number for number, title in enumerate(titles) if title == _folded(wanted)]
        many = f"{len(found)} findings" if found else "no finding"
        near = "" if found else nearest(wanted, [finding.title for finding in findings])
        what = f"`{wanted}` is the title of {many}{near}"
    if len(found) == 1:
        return found[0]
    fix = "name the finding by its number, or copy a title that no other has from the report"
    raise ManifestError(f"{path}: `overrule.finding` = {what}", fix=fix)


def _promoted(findings: list[Finding]) -> tuple[Finding, ...]:
    """Let the first duplicate stand for a defect that no finding matches any more."""
    matched = {defect for finding in findings if finding.match == "matched" for defect in finding.defects}
    for number, finding in enumerate(findings):
        if finding.match == "duplicate" and not matched.intersection(finding.defects):
            findings[number] = finding.model_copy(update={"match": "matched"})
            matched.update(finding.defects)
    return tuple(findings)


def _folded(title: str) -> str:
    return " ".join(title.casefold().split())
