"""Show what came out otherwise when submissions were graded again."""

from __future__ import annotations

import json
from collections.abc import Sequence

from unfit.records import Record
from unfit.report.harmless_text import line
from unfit.report.html import page

__all__ = [
    "Regraded",
    "VerdictChange",
    "render_regraded",
    "render_regraded_json",
    "render_regraded_text",
    "said",
]


class VerdictChange(Record):
    """One verdict that is another one now."""

    of: str
    """The defect's id, or the guard's name."""
    title: str
    before: str
    after: str
    ours: bool
    """Whether an erratum says that the former verdict was a fault of the kit."""
    why: str
    """The erratum; where none explains the change, what else is different."""


class Regraded(Record):
    """One submission, graded again."""

    name: str
    before: str
    """Version of the exercise that the former grade is of."""
    after: str = ""
    """Version now; empty where it could not be graded again."""
    changes: tuple[VerdictChange, ...] = ()
    notes: tuple[str, ...] = ()
    problem: str = ""
    """Why it could not be graded again."""
    report: str = ""
    """Path of the new report, below the page."""


def said(all_: Sequence[Regraded]) -> str:
    """Say in one sentence what came of it."""
    changed = sum(bool(one.changes) for one in all_)
    failed = sum(bool(one.problem) for one in all_)
    left = f"; {failed} could not be graded again" if failed else ""
    whole = f"{len(all_)} grade{'' if len(all_) == 1 else 's'}"
    return f"{whole} made again: {changed} changed, {len(all_) - changed - failed} as before{left}."


def render_regraded(all_: Sequence[Regraded]) -> str:
    """Render the page: each change with the former verdict, the new one, and why."""
    changed = [one for one in all_ if one.changes]
    same = [one for one in all_ if not one.changes and not one.problem]
    failed = [one for one in all_ if one.problem]
    return page("regraded.html.j2", said=said(all_), changed=changed, same=same, failed=failed)


def render_regraded_json(all_: Sequence[Regraded]) -> str:
    """Render the records for programs."""
    plain = [one.model_dump(mode="json") for one in all_]
    return json.dumps({"format": 1, "regraded": plain}, indent=1, ensure_ascii=False) + "\n"


def render_regraded_text(all_: Sequence[Regraded]) -> str:
    """Render the same for a terminal."""
    told = [said(all_)]
    for one in all_:
        told += [f"\n{line(one.name, most=80)}: {line(one.problem)}"] if one.problem else []
        told += [f"\n{line(one.name, most=80)}, {one.before} before, {one.after} now"] if one.changes else []
        told += [
            f"  {change.of}: {change.before} before, {change.after} now. {change.why}"
            for change in one.changes
        ]
        told += [f"  note: {line(note)}" for note in one.notes]
    return "\n".join(told)
