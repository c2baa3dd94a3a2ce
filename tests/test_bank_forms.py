"""The forms that can be handed out put every two defects together that can stand together."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bank_samples import copied, rewritten, tea_shop
from unfit.bank import load_bank
from unfit.bank.forms import pairwise_cover
from unfit.errors import ManifestError, UsageError
from unfit.validate import plan

BANK = load_bank(Path(__file__).resolve().parent.parent)
IDS = tuple("abcdefghij")
NAMES = st.sampled_from(IDS)
PAIRS = st.lists(st.tuples(NAMES, NAMES).filter(lambda pair: pair[0] != pair[1]), max_size=12)


def pairs(chosen: tuple[str, ...]) -> set[frozenset[str]]:
    return {frozenset(pair) for pair in combinations(chosen, 2)}


@given(
    count=st.integers(0, 10),
    excluded=PAIRS,
    size=st.integers(1, 10),
    known=st.lists(st.sets(NAMES), max_size=3),
)
def test_every_pair_that_can_stand_together_does(
    count: int, excluded: list[tuple[str, str]], size: int, known: list[set[str]]
) -> None:
    ids = IDS[:count]
    sets = pairwise_cover(ids, excluded=excluded, size=size, given=[sorted(names) for names in known])
    seen = {pair for chosen in (*sets, *map(tuple, known)) for pair in pairs(chosen)}
    apart = {frozenset(pair) for pair in excluded}
    assert pairs(ids) - apart <= seen
    assert not any(pairs(chosen) & apart for chosen in sets)
    assert all(len(chosen) <= max(size, 2) for chosen in sets)


def test_what_the_given_sets_cover_is_not_covered_again() -> None:
    assert pairwise_cover("abc", size=3, given=["abc"]) == ()


def test_a_cover_takes_few_sets() -> None:
    assert len(pairwise_cover(IDS, size=6, given=["abcdef"])) <= 5


def test_the_cover_follows_the_forms_that_an_author_lists() -> None:
    assert [form.name for form in tea_shop().forms] == ["default", "b", "pairs-1"]


def test_the_names_of_the_cover_are_not_an_authors(tmp_path: Path) -> None:
    bank = copied(tmp_path)
    rewritten(bank / "solutions/tea_shop/defects.toml", 'name = "b"', 'name = "pairs-1"')
    with pytest.raises(ManifestError, match=r"`form\[pairs-1\]`.* choose another name"):
        load_bank(bank).exercise("tea_shop")


def test_an_unknown_form_lists_those_there_are() -> None:
    with pytest.raises(UsageError, match="has no form `c`") as refusal:
        tea_shop().form("c")
    assert "\n    b: last-day-ignored, window-too-short\n    pairs-1: " in str(refusal.value)


@pytest.mark.parametrize("slug", BANK.slugs)
def test_the_forms_of_a_bundled_exercise_put_every_two_defects_together(slug: str) -> None:
    exercise = BANK.exercise(slug)
    apart = {frozenset(pair) for pair in exercise.defects_manifest.excluded}
    seen = {pair for form in exercise.forms for pair in pairs(form.defects)}
    assert pairs(tuple(defect.id for defect in exercise.defects)) - apart == seen


@pytest.mark.parametrize("slug", BANK.slugs)
def test_forms_differ_in_their_defects(slug: str) -> None:
    held = [frozenset(form.defects) for form in BANK.exercise(slug).forms]
    assert len(set(held)) == len(held)


def test_each_further_form_is_proven_as_the_default_is_with_one_seed_for_its_parts() -> None:
    trees = {tree.name: tree for tree in plan(tea_shop())}
    assert [name for name, tree in trees.items() if tree.kind == "form"] == ["form b", "form pairs-1"]
    assert list(trees["form pairs-1"].seeds((1, 2))) == [1, 2]
    assert [name for name, tree in trees.items() if tree.once] == ["form pairs-1 but last-day-ignored"]
    assert list(trees["form pairs-1 but last-day-ignored"].seeds((1, 2))) == [1]
