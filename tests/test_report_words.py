"""Tests of `unfit.report.words`."""

from __future__ import annotations

import pytest

from report_samples import (
    FALLBACK,
    FINDINGS,
    HOSPITAL,
    JOIN,
    MIXED,
    PATIENTS,
    SENTINEL,
    WATCH,
    at_least,
    at_most,
    build,
    equal,
    verdict,
)
from unfit.grades import DefectStatus, Evidence, Together
from unfit.report.words import (
    SEVERITIES,
    claims,
    comparisons,
    decisive,
    ending,
    findings_of,
    findings_to_read,
    number,
    numbers,
    reading,
    review,
    to_ask_first,
    told,
    told_first,
    unproven,
    why,
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.41, "0.41"),
        (1e-6, "1e-06"),
        (40.0, "40"),
        (1234567.0, "1,234,567"),
        (12093.6, "12,094"),
        (-2345.67, "-2,346"),
        (1.5e300, "1.5e+300"),
        (0.123456, "0.1235"),
        (-0.0, "0"),
    ],
)
def test_a_number_is_written_as_people_write_it(value: float, text: str) -> None:
    assert number(value) == text


@pytest.mark.parametrize(
    ("evidence", "text"),
    [
        (Evidence(label="a page is sent", passed=False, seen="none"), "expected: a page is sent; seen: none"),
        (Evidence(label="a page is sent", passed=False), "a page is sent: does not hold"),
        (Evidence(label="a page is sent", passed=True, seen="one"), "a page is sent: one"),
    ],
)
def test_what_does_not_hold_is_told_as_expected_and_seen(evidence: Evidence, text: str) -> None:
    assert told(evidence) == text


def test_what_is_met_several_times_stands_once_with_its_narrowest_number() -> None:
    met = [at_most("moved by", seen, 1.0) for seen in (0.1, 0.7, 0.2)]
    missed = [at_most("moved by", seen, 1.0) for seen in (2.0, 3.0)]
    other = at_most("moved by", 0.1, 2.0)
    asked = verdict("a", "It holds.", *met, *missed, other)
    assert comparisons(asked) == [(met[1], 3), (missed[0], 1), (missed[1], 1), (other, 1)]


def test_of_many_comparisons_a_few_missed_ones_stand_first_and_the_others_are_folded() -> None:
    met = [at_most(f"met {n}", 0.1, 1.0) for n in range(3)]
    missed = [at_most(f"missed {n}", 2.0, 1.0) for n in range(9)]
    shown, folded = told_first(verdict("a", "It holds.", *met, *missed))
    assert [item.label for item, _ in shown] == ["missed 0", "missed 1", "missed 2", "missed 3"]
    assert len(folded) == 8
    assert told_first(verdict("a", "It holds.", *met)) == ([(item, 1) for item in met], [])


def test_a_number_just_over_its_limit_looks_different_from_it() -> None:
    assert numbers(0.15000004, 0.15) == ("0.15000004", "0.15")


@pytest.mark.parametrize(
    ("evidence", "text"),
    [
        (at_most("x", 0.41, 1e-6), "at most 1e-06 allowed"),
        (at_least("x", 0.8, 0.75, spread=0.01), "at least 0.75 needed"),
        (at_most("x", 12.0, 10.0, unit="s"), "at most 10 allowed"),
        (at_most("x", None, 10.0), "seen no finite number, at most 10"),
        (equal("x", "b", "a"), "seen b, expected a"),
        (Evidence(label="x", passed=True), "holds"),
        (Evidence(label="x", passed=False), "does not hold"),
        (Evidence(label="x", passed=False, seen="row 3"), "row 3"),
    ],
)
def test_a_comparison_reads_as_a_sentence(evidence: Evidence, text: str) -> None:
    assert reading(evidence) == text


@pytest.mark.parametrize(
    ("evidence", "text"),
    [
        (
            at_most("{seen} stood in two folds", 99.0, 0.0, unit="patients"),
            "99 patients stood in two folds (at most 0 allowed)",
        ),
        (at_least("an AUC of {seen}", 0.8, 0.75, spread=0.01), "an AUC of 0.8 ± 0.01 (at least 0.75 needed)"),
        (at_most("the time of a row", 12.0, 10.0, unit="s"), "the time of a row: 12 s (at most 10 allowed)"),
        (at_most("moved by {seen}", None, 10.0), "moved by no finite number (at most 10 allowed)"),
        (equal("{seen} called", 3.0, 5.0), "3 called (5 expected)"),
        (
            Evidence(label="answered {seen}", passed=False, seen="30 of 90 referrals", direction="equal"),
            "answered 30 of 90 referrals",
        ),
    ],
)
def test_a_label_with_room_for_the_number_reads_as_one_sentence(evidence: Evidence, text: str) -> None:
    assert told(evidence) == text


def test_a_missed_comparison_decides_over_a_met_one() -> None:
    found = decisive(PATIENTS.checks)
    assert found is not None
    assert found.label == "share of patients in more than one fold"


def test_of_met_comparisons_the_close_one_decides() -> None:
    found = decisive(JOIN.checks)
    assert found is not None
    assert found.close


def test_an_error_decides_by_its_cause() -> None:
    assert ending(FALLBACK).startswith("broke the contract: results[3].score")


def test_an_error_outweighs_a_check_that_waits_for_it() -> None:
    assert ending(WATCH).startswith("used more than 10 processor seconds")


def test_a_statement_that_decided_is_told_in_its_own_words() -> None:
    missed = verdict("c", "It holds.", Evidence(label="every alert names a field", passed=False))
    assert why(missed) == "every alert names a field: does not hold"


def test_the_reason_of_an_author_is_not_turned_around() -> None:
    failed = verdict(
        "c", "It holds.", Evidence(label="the model is constant", passed=False), cause="the model is constant"
    )
    assert why(failed) == "the model is constant"


def test_what_was_not_planted_has_no_ending() -> None:
    assert ending(SENTINEL) == ""


def test_a_finding_stands_with_its_defect() -> None:
    assert [item.title for item in findings_of(MIXED, PATIENTS)] == [
        "CV is too optimistic, same patients everywhere"
    ]


def test_only_unmatched_findings_are_left_to_read() -> None:
    assert {item.match for item in findings_to_read(MIXED)} == {"unmatched"}


def test_a_talk_begins_with_the_two_worst_that_stand_and_the_worst_that_was_mended() -> None:
    asked = to_ask_first(MIXED)
    assert [item.status for item in asked] == [DefectStatus.NOT_MENDED] * 2 + [DefectStatus.MENDED]
    worst = min(SEVERITIES.index(item.severity) for item in MIXED.defects if item.status is asked[0].status)
    assert SEVERITIES.index(asked[0].severity) == worst


def test_what_no_experiment_settled_is_unproven() -> None:
    assert {item.status for item in unproven(MIXED)} <= {DefectStatus.ERRORED, DefectStatus.UNPROVEN}
    assert unproven(MIXED)


def test_a_review_is_counted_in_both_directions() -> None:
    assert claims(MIXED) == [
        "8 findings: 5 name a planted mistake, 1 names code that is right, 2 match nothing.",
        "5 of 6 planted mistakes are described.",
    ]


def test_a_review_that_flags_everything_looks_like_what_it_is() -> None:
    noise = [
        FINDINGS[0].model_copy(update={"match": "unmatched", "defects": (), "title": f"line {n}"})
        for n in range(40)
    ]
    said, described = claims(build(findings=(*FINDINGS, *noise)))
    assert said == "48 findings: 5 name a planted mistake, 1 names code that is right, 42 match nothing."
    assert described == "5 of 6 planted mistakes are described."


def test_what_another_finding_says_already_is_counted_as_said_again() -> None:
    twice = FINDINGS[0].model_copy(update={"match": "duplicate"})
    assert claims(build(findings=(FINDINGS[0], twice)))[0] == (
        "2 findings: 2 name a planted mistake (1 of them again)."
    )


def test_without_a_review_nothing_is_counted() -> None:
    unread = tuple(item.model_copy(update={"spotted": None}) for item in MIXED.defects)
    assert claims(build(defects=unread, findings=())) == []


def test_a_review_without_a_finding_says_so() -> None:
    silent = tuple(item.model_copy(update={"spotted": False}) for item in MIXED.defects)
    assert claims(build(defects=silent, findings=())) == [
        "The review holds no finding.",
        "0 of 6 planted mistakes are described.",
    ]


def test_what_was_mended_was_not_put_off_whatever_else_its_finding_leaves() -> None:
    (matched, *_) = (
        item for item in MIXED.findings if item.match == "matched" and HOSPITAL.id in item.defects
    )
    left = build(findings=(matched.model_copy(update={"put_off": "the rest comes in January"}),))
    standing = HOSPITAL.model_copy(update={"status": DefectStatus.NOT_MENDED, "together": Together.PUT_OFF})
    assert (review(left, HOSPITAL), review(left, standing)) == ("described", "put off with a reason")
