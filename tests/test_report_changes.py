"""What another reading of a review changed is told in sentences."""

from __future__ import annotations

from report_samples import MIXED
from unfit.assembling import matched_anew
from unfit.report import changes


def taken_away() -> tuple[str, int]:
    """A defect that one finding alone describes, and that finding's place."""
    for at, finding in enumerate(MIXED.findings):
        if (
            finding.match == "matched"
            and sum(finding.defects[0] in item.defects for item in MIXED.findings) == 1
        ):
            return finding.defects[0], at
    raise AssertionError


def test_the_same_findings_change_nothing() -> None:
    assert changes(MIXED, matched_anew(MIXED, MIXED.findings)) == []


def test_a_match_that_is_taken_away_is_told_by_finding_and_defect() -> None:
    defect, at = taken_away()
    other = MIXED.findings[at].model_copy(
        update={"match": "unmatched", "defects": (), "overruled": "Ada, 2026-03-01: It is about tests."}
    )
    said = changes(MIXED, matched_anew(MIXED, (*MIXED.findings[:at], other, *MIXED.findings[at + 1 :])))
    assert f"finding {at + 1}, " in said[0]
    assert "speaks of nothing that was planted (Ada, 2026-03-01: It is about tests.)" in said[0]
    assert any(sentence.startswith(f"{defect}: ") for sentence in said)


def test_the_verdicts_of_the_experiments_are_kept() -> None:
    again = matched_anew(MIXED, ())
    assert [item.checks for item in again.defects] == [item.checks for item in MIXED.defects]
    assert [item.status for item in again.defects] == [item.status for item in MIXED.defects]


def test_without_findings_nothing_is_described() -> None:
    assert {str(item.together) for item in matched_anew(MIXED, ()).defects} <= {
        "mended",
        "neither",
        "undecided",
        "not planted",
    }
