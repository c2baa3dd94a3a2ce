"""The headline: the sentence at the top of every report, which says what a grade found."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from unfit.grades import DefectGrade, DefectStatus, Finding, GuardGrade, Outcome, Together

__all__ = ["CLOSING", "headline", "without_closing"]

CLOSING = "Evidence for a conversation, not a score."
"""How every headline ends."""
_REVIEW_ONLY = {
    Together.NAMED: "described",
    Together.PERHAPS: "perhaps described",
    Together.NOT_NAMED: "not described",
}
_ENDINGS = {
    Together.MENDED: "mended",
    Together.DESCRIBED: "described but not mended",
    Together.PUT_OFF: "put off with a reason",
    Together.PERHAPS: "not mended and perhaps described",
    Together.NEITHER: "neither mended nor described",
    Together.UNDECIDED: "undecided",
}


def headline(
    defects: tuple[DefectGrade, ...],
    guards: tuple[GuardGrade, ...],
    findings: tuple[Finding, ...],
    *,
    review_only: bool = False,
) -> str:
    """Say in one sentence what a grade found.

    Returns
    -------
    sentence : str
        Counts of outcomes, never a total, a percentage or a rank.
    """
    planted = [defect for defect in defects if defect.status is not DefectStatus.NOT_PLANTED]
    counts = {kind: sum(defect.together is kind for defect in planted) for kind in Together}
    broken = sum(guard.outcome is not Outcome.PASSED for guard in guards)
    further = sum(finding.match == "unmatched" for finding in findings)
    mistakes = "mistake" if len(planted) == 1 else "mistakes"
    more = f" {_findings(further)}." if further else ""
    closing = f"{more} {CLOSING}"
    if review_only:
        told = _told(counts, _REVIEW_ONLY, always={Together.NAMED, Together.NOT_NAMED})
        return f"Review only. {len(planted)} planted {mistakes}: {told}.{closing}"
    told = _told(counts, _ENDINGS, always={Together.MENDED})
    return f"{len(planted)} planted {mistakes}: {told}. {_guards(broken)}.{closing}"


def _told(
    counts: Mapping[Together, int], words: Mapping[Together, str], *, always: Collection[Together]
) -> str:
    """Count how planted mistakes ended, leaving out what did not occur, unless it is always told."""
    return ", ".join(
        f"{counts[kind]} {said}" for kind, said in words.items() if counts[kind] or kind in always
    )


def _guards(broken: int) -> str:
    if not broken:
        return "No guard is broken"
    return "1 guard is broken" if broken == 1 else f"{broken} guards are broken"


def _findings(further: int) -> str:
    return f"{further} further finding{'' if further == 1 else 's'} to read"


def without_closing(said: str) -> str:
    """Leave out how a headline ends, where a page sets that apart."""
    return said.removesuffix(CLOSING).rstrip()
