"""The headline: the sentence at the top of every report, which says what a grade found."""

from __future__ import annotations

from unfit.grades import DefectGrade, DefectStatus, Finding, GuardGrade, Outcome, Together

__all__ = ["CLOSING", "headline", "without_closing"]

CLOSING = "Evidence for a conversation, not a score."
"""How every headline ends."""


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
        endings = {
            Together.NAMED: "described",
            Together.PERHAPS: "perhaps described",
            Together.NOT_NAMED: "not described",
        }
        told = [
            f"{counts[kind]} {words}"
            for kind, words in endings.items()
            if counts[kind] or kind is not Together.PERHAPS
        ]
        return f"Review only. {len(planted)} planted {mistakes}: {', '.join(told)}.{closing}"
    endings = {
        Together.MENDED: "mended",
        Together.DESCRIBED: "described but not mended",
        Together.PUT_OFF: "put off with a reason",
        Together.PERHAPS: "not mended and perhaps described",
        Together.NEITHER: "neither mended nor described",
        Together.UNDECIDED: "undecided",
    }
    told = [
        f"{counts[kind]} {words}"
        for kind, words in endings.items()
        if counts[kind] or kind is Together.MENDED
    ]
    return f"{len(planted)} planted {mistakes}: {', '.join(told)}. {_guards(broken)}.{closing}"


def _guards(broken: int) -> str:
    if not broken:
        return "No guard is broken"
    return "1 guard is broken" if broken == 1 else f"{broken} guards are broken"


def _findings(further: int) -> str:
    return f"{further} further finding{'' if further == 1 else 's'} to read"


def without_closing(said: str) -> str:
    """Leave out how a headline ends, where a page sets that apart."""
    return said.removesuffix(CLOSING).rstrip()
