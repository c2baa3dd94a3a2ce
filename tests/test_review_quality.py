"""Honest reviews are matched; those that say nothing match nothing."""

from __future__ import annotations

from functools import cache

from bench_review import PAGE, Score, labelled, page, score, scores

measured = cache(scores)


def test_recall_and_precision_are_above_a_stated_limit() -> None:
    total = sum(measured().values(), Score())
    assert (total.recall, total.precision) > (0.95, 0.95), (total.missed, total.wrong)


def test_no_exercise_is_matched_much_worse_than_others() -> None:
    assert {slug for slug, one in measured().items() if min(one.recall, one.precision) < 0.9} == set()


def test_each_exercise_has_three_labelled_reviews_at_least() -> None:
    assert {slug for slug, one in measured().items() if one.reviews < 3} == set()


def test_the_page_of_the_docs_says_what_was_measured() -> None:
    assert PAGE.read_text("utf-8") == page(measured())


def test_the_bundled_samples_lose_no_match() -> None:
    found = [score(slug, path, labels) for slug, path, labels in labelled() if path.parent.name == "sample"]
    assert [(one.missed, one.wrong) for one in found] == [((), ()), ((), ())]
