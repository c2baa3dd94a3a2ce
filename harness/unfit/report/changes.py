"""Say what differs between two grades of one submission, in sentences."""

from __future__ import annotations

from unfit.grades import DefectGrade, DefectStatus, Finding, Grade
from unfit.report.harmless_text import line

__all__ = ["changes"]


def changes(before: Grade, after: Grade) -> list[str]:
    """List what another reading of a review changed: findings, then defects, then the headline.

    Parameters
    ----------
    before, after : Grade
        With the same verdicts.

    Returns
    -------
    sentences : list of str
        None where nothing changed.
    """
    pairs = zip(before.findings, after.findings, strict=False)
    told = [
        _finding(number, new) for number, (old, new) in enumerate(pairs, start=1) if _read(old) != _read(new)
    ]
    known = {defect.id: defect for defect in before.defects}
    planted = [defect for defect in after.defects if defect.status is not DefectStatus.NOT_PLANTED]
    told += [_defect(known[new.id], new) for new in planted if known[new.id] != new]
    if before.headline != after.headline:
        told.append(line(after.headline))
    return told


def _read(finding: Finding) -> tuple[object, ...]:
    return finding.match, finding.defects, finding.overruled


def _finding(number: int, new: Finding) -> str:
    speaks = f"speaks of {', '.join(new.defects)}" if new.defects else "speaks of nothing that was planted"
    whose = line(new.overruled, most=160) if new.overruled else "as the kit matched it"
    return f"finding {number}, {line(new.title, most=80)}: now {speaks} ({whose})"


def _defect(old: DefectGrade, new: DefectGrade) -> str:
    if old.together == new.together:
        return f"{new.id}: {new.together}, as before; the review {'names' if new.spotted else 'does not name'} it now"
    return f"{new.id}: {old.together} before, {new.together} now"
