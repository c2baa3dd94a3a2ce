"""Tests of `unfit.report.priorities`."""

from __future__ import annotations

from report_samples import LOSSES, MIXED, Cost
from unfit.grades import DefectStatus
from unfit.report.priorities import losses_of

PLANTED = [defect for defect in MIXED.defects if defect.status is not DefectStatus.NOT_PLANTED]


def test_losses_of_one_unit_stand_largest_first() -> None:
    (measured, _) = losses_of(PLANTED, LOSSES)
    assert [cost.said.split()[0] for cost in measured.costs] == ["21.4", "6.3", "5.6", "2.1"]


def test_only_intervals_that_do_not_overlap_are_marked() -> None:
    (measured, _) = losses_of(PLANTED, LOSSES)
    assert [cost.apart for cost in measured.costs] == [True, False, True, False]


def test_what_cannot_be_measured_gives_its_reason() -> None:
    (_, unmeasured) = losses_of(PLANTED, LOSSES)
    assert (unmeasured.loss, unmeasured.costs[0].said) == ("", "It flatters the figure and moves no patient.")


def test_units_are_never_mixed() -> None:
    losses = [LOSSES[1], Cost("join-drops-referrals", 900.0, 800.0, 1000.0, loss="dollars")]
    assert [(group.loss, len(group.costs)) for group in losses_of(PLANTED, losses)] == [
        ("dollars", 1),
        ("missed cancers per 1,000 referrals", 1),
    ]


def test_what_was_not_planted_is_left_out() -> None:
    assert losses_of(PLANTED, [LOSSES[-1]]) == []
