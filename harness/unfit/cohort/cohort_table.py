"""The table of a cohort: one row a submission, in the order of the pseudonyms, and no column that adds up."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from unfit.cohort.pseudonyms import Key
from unfit.cohort.resuming import ending_of
from unfit.cohort.settings_and_endings import Ending, Settings, folder_of
from unfit.cohort.submission_lists import Kind
from unfit.grades import DefectStatus, Grade, Outcome, Together, claims_of
from unfit.report import load_grade
from unfit.report.harmless_text import visible

__all__ = ["CohortRow", "DefectCell", "frame", "group_of", "read_rows", "to_csv", "to_parquet"]


@dataclass(frozen=True)
class DefectCell:
    """What one submission did about one defect."""

    status: DefectStatus
    spotted: bool | None
    together: Together


@dataclass(frozen=True)
class CohortRow:
    """One submission of a cohort.

    Parameters
    ----------
    ending : Ending
    kind : {"person", "simulated"}
    cells : mapping of str to DefectCell
        By defect id; empty where there is no grade.
    guards_broken, to_read : int
        Guards that are broken, and findings that match nothing.
    findings, on_right_code : int or None
        All findings, and those on code that is right; None where no review was read.
    """

    ending: Ending
    kind: Kind
    cells: Mapping[str, DefectCell]
    guards_broken: int = 0
    to_read: int = 0
    findings: int | None = None
    on_right_code: int | None = None

    @property
    def group(self) -> str:
        """Whom it may be counted with."""
        return group_of(self.ending, self.kind)


def group_of(ending: Ending, kind: Kind) -> str:
    """Name the group of a submission: never pooled are forms, reviews with code, and people with simulated players."""
    form = ending.form or "none"
    assumed = "" if ending.verified or not ending.form else ", assumed"
    only = ", review only" if ending.review_only else ""
    return f"{form}{assumed}{only}{', simulated' if kind == 'simulated' else ''}"


def read_rows(out: Path, key: Key, settings: Settings) -> tuple[CohortRow, ...]:
    """Read what has ended under these settings, sorted by pseudonym."""
    found = []
    for person in sorted(key.people, key=lambda one: one.pseudonym):
        ending = ending_of(out, person.pseudonym, settings)
        if ending is None:
            continue
        if ending.outcome != "graded":
            found.append(CohortRow(ending, person.kind, {}))
            continue
        grade = load_grade(folder_of(out, person.pseudonym) / "grade.json")
        found.append(_row(ending, person.kind, grade))
    return tuple(found)


def _row(ending: Ending, kind: Kind, grade: Grade) -> CohortRow:
    claims = claims_of(grade.defects, grade.findings)
    return CohortRow(
        ending,
        kind,
        {item.id: DefectCell(item.status, item.spotted, item.together) for item in grade.defects},
        guards_broken=sum(guard.outcome is not Outcome.PASSED for guard in grade.guards),
        to_read=sum(finding.match == "unmatched" for finding in grade.findings),
        findings=claims.findings if claims else None,
        on_right_code=claims.on_right_code if claims else None,
    )


def frame(rows: tuple[CohortRow, ...]) -> pd.DataFrame:
    """Lay rows out for pandas.

    Returns
    -------
    table : DataFrame of shape (n, 11 + 3 for each defect)
        ``pseudonym``, ``kind``, ``form``, ``verified``, ``outcome``, ``cause``, ``guards_broken``,
        ``findings``, ``findings_on_right_code`` (both missing where no review was read), ``findings_to_read``,
        ``processor_seconds``; for each defect ``<id>.status``, ``<id>.spotted`` (missing where
        no review was read) and ``<id>.together``.
    """
    defects = list(dict.fromkeys(name for row in rows for name in row.cells))
    columns: dict[str, pd.Series] = {
        "pseudonym": _text([row.ending.pseudonym for row in rows]),
        "kind": _text([row.kind for row in rows]),
        "form": _text([row.ending.form or None for row in rows]),
        "verified": pd.Series([row.ending.verified for row in rows], dtype="bool"),
        "outcome": _text([row.ending.outcome for row in rows]),
        "cause": _text([visible(row.ending.cause) or None for row in rows]),
        "guards_broken": pd.Series(
            [row.guards_broken if row.cells and not row.ending.review_only else None for row in rows],
            dtype="Int64",
        ),
        "findings": pd.Series([row.findings for row in rows], dtype="Int64"),
        "findings_on_right_code": pd.Series([row.on_right_code for row in rows], dtype="Int64"),
        "findings_to_read": pd.Series([row.to_read if row.cells else None for row in rows], dtype="Int64"),
        "processor_seconds": pd.Series([row.ending.processor_seconds for row in rows], dtype="float64"),
    }
    for name in defects:
        cells = [row.cells.get(name) for row in rows]
        columns[f"{name}.status"] = _text([cell.status.value if cell else None for cell in cells])
        columns[f"{name}.spotted"] = pd.Series(
            [cell.spotted if cell else None for cell in cells], dtype="boolean"
        )
        columns[f"{name}.together"] = _text([cell.together.value if cell else None for cell in cells])
    return pd.DataFrame(columns)


def _text(values: list[str | None]) -> pd.Series:
    return pd.Series(values, dtype="string")


def to_csv(table: pd.DataFrame) -> str:
    """Write a table as CSV."""
    return table.to_csv(index=False, lineterminator="\n")


def to_parquet(table: pd.DataFrame) -> bytes:
    """Write a table as Parquet."""
    stream = io.BytesIO()
    table.to_parquet(stream, index=False)
    return stream.getvalue()
