"""A limit's margin is told on both sides, in units of the number's own spread."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from unfit.grades import Evidence, Outcome, Verdict
from unfit.validate.margins import bound, measure_margins, narrow_margins, varying
from unfit.validate.planning import Roles, Tree
from unfit.validate.validation import Margin, Narrow, Seen

FIXED = Tree("fixed", "fixed", {}, mended=frozenset({"d"}))
ALONE = Tree("alone d", "alone", {}, planted=frozenset({"d"}))
WRONG = Tree("wrong/w", "wrong", {}, planted=frozenset({"d"}))
ROLES = Roles({"c": ("d",)}, {}, ())


def seen(tree: Tree, numbers: Sequence[float], limit: float = 1.0) -> list[Seen]:
    """One examination a number: at most the limit passes."""
    found = []
    for seed, number in enumerate(numbers):
        passed = number <= limit
        evidence = Evidence(label="gap", passed=passed, seen=number, limit=limit, direction="at most")
        outcome = Outcome.PASSED if passed else Outcome.FAILED
        verdict = Verdict(check="c", sentence="s", outcome=outcome, evidence=(evidence,))
        found.append(Seen(tree=tree.name, seed=seed, verdicts={"c": verdict}))
    return found


def margin(*parts: list[Seen]) -> Margin:
    (found,) = measure_margins([FIXED, ALONE, WRONG], ROLES, [item for part in parts for item in part])
    return found


def test_a_number_that_does_not_vary_is_exact() -> None:
    found = margin(seen(FIXED, [0.0, 0.0, 0.0]))
    side = found.passing["variants"]
    assert (side.nearest, side.margin, side.spread, side.spreads, found.statistical) == (
        0.0,
        1.0,
        0.0,
        None,
        False,
    )


def test_a_number_that_varies_is_told_in_its_own_spread() -> None:
    found = margin(seen(FIXED, [0.4, 0.5, 0.6]))
    assert found.statistical
    assert found.passing["variants"].spreads == pytest.approx(5.0)


def test_two_seeds_tell_no_spread() -> None:
    assert margin(seen(FIXED, [0.4, 0.6])).passing["variants"].spread is None


def test_the_nearest_number_is_the_one_that_comes_closest() -> None:
    assert margin(seen(FIXED, [0.4, 0.9, 0.6])).passing["variants"].nearest == 0.9


def test_the_other_side_is_told_by_variants_and_by_the_corpus() -> None:
    found = margin(seen(FIXED, [0.0] * 3), seen(ALONE, [5.0, 6.0, 7.0]), seen(WRONG, [1.5, 2.0, 2.5]))
    assert (found.failing["variants"].nearest, found.failing["corpus"].nearest) == (5.0, 1.5)


def test_a_comparison_that_catches_nothing_has_no_other_side() -> None:
    assert margin(seen(FIXED, [0.0] * 3), seen(ALONE, [0.0] * 3)).failing == {}


def test_a_miss_on_correct_work_counts_by_seed() -> None:
    rates = margin(seen(FIXED, [0.0, 2.0, 0.0, 0.0])).false_fail
    assert rates is not None
    assert (rates.wrong, rates.trials) == (1, 4)


def test_a_pass_where_the_defect_stands_counts_by_seed() -> None:
    rates = margin(seen(FIXED, [0.0] * 3), seen(ALONE, [5.0, 0.5, 5.0])).false_pass
    assert rates is not None
    assert (rates.wrong, rates.trials) == (1, 3)


def test_the_bound_of_a_rate_is_exact() -> None:
    assert bound(0, 20) == pytest.approx(1 - 0.05 ** (1 / 20))
    assert bound(20, 20) == 1.0


def test_only_checks_whose_numbers_vary_are_statistical() -> None:
    assert varying(seen(FIXED, [0.0, 0.0])) == frozenset()
    assert varying(seen(FIXED, [0.1, 0.2])) == {"c"}


def test_rounding_is_no_spread() -> None:
    assert varying(seen(FIXED, [0.0, 1e-16])) == frozenset()


def narrow(*parts: list[Seen], trees: Sequence[Tree] = (FIXED, ALONE, WRONG)) -> tuple[Narrow, ...]:
    return narrow_margins(trees, ROLES, [item for part in parts for item in part])


def test_a_limit_near_the_numbers_of_two_seeds_is_narrow() -> None:
    (found,) = narrow(seen(FIXED, [0.97, 0.99]))
    assert (found.tree, found.must, found.seeds) == ("fixed", "pass", 2)
    assert found.distance == pytest.approx(0.02)
    assert found.spread == pytest.approx(0.0141, abs=1e-4)
    assert found.chance > 0.9


def test_a_limit_far_from_the_numbers_of_two_seeds_is_not_narrow() -> None:
    assert narrow(seen(FIXED, [0.10, 0.12])) == ()


def test_the_same_distance_is_narrow_at_two_seeds_and_not_at_twenty() -> None:
    numbers = [0.4, 0.6]
    assert narrow(seen(FIXED, numbers))
    assert narrow(seen(FIXED, numbers * 10)) == ()


def test_trees_that_must_end_alike_tell_the_spread_together_each_set_of_numbers_once() -> None:
    others = [Tree(f"right/{n}", "right", {}, mended=frozenset({"d"})) for n in range(4)]
    several = [seen(tree, [0.4 - n / 100, 0.6 - n / 100]) for n, tree in enumerate(others)]
    same = [seen(tree, [0.4, 0.6]) for tree in others]
    assert narrow(seen(FIXED, [0.4, 0.6]), *same, trees=[FIXED, *others])
    assert narrow(seen(FIXED, [0.4, 0.6]), *several, trees=[FIXED, *others]) == ()


def test_a_number_that_does_not_vary_is_never_narrow() -> None:
    assert narrow(seen(FIXED, [0.999999, 0.999999])) == ()


def test_what_fails_already_is_not_called_narrow() -> None:
    assert narrow(seen(FIXED, [1.2, 1.3])) == ()


def test_a_planted_defect_that_is_barely_seen_is_narrow_on_the_other_side() -> None:
    (found,) = narrow(seen(FIXED, [0.0, 0.0]), seen(ALONE, [1.05, 1.2]))
    assert (found.tree, found.must) == ("alone d", "not pass")


def test_where_a_check_must_not_pass_its_surest_comparison_counts() -> None:
    both = []
    for barely, surely in zip(seen(ALONE, [1.05, 1.2]), seen(ALONE, [50.0, 51.0]), strict=True):
        (one,), (other,) = barely.verdicts["c"].evidence, surely.verdicts["c"].evidence
        evidence = (one, other.model_copy(update={"label": "another gap"}))
        verdict = barely.verdicts["c"].model_copy(update={"evidence": evidence})
        both.append(barely.model_copy(update={"verdicts": {"c": verdict}}))
    assert narrow(both) == ()
