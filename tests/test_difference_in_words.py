"""Two values that differ are told apart in a reader's words."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from unfit.case import same
from unfit.difference_in_words import contrast

IDS = [f"R-{number:05}" for number in range(90)]
SCORES = [number / 100 for number in range(90)]


def told(seen: Any, expected: Any, unit: str = "referrals") -> tuple[str, str | None]:
    return contrast(seen, expected, alike=same, unit=unit)


@pytest.mark.parametrize(
    ("seen", "words"),
    [
        (IDS[:30], "30 of 90 referrals; missing R-00030 and 59 more"),
        (IDS[:-1], "89 of 90 referrals; missing R-00089"),
        ([*IDS, "X"], "90 of 90 referrals; not expected X"),
        ([*IDS, IDS[3]], "90 of 90 referrals; more than once R-00003"),
        (["X", *IDS[1:]], "89 of 90 referrals; missing R-00000; not expected X"),
        (IDS[::-1], "90 of 90 referrals; in another order: R-00089 is in place of R-00000"),
        ([], "none of 90 referrals"),
        (IDS, "all 90 referrals"),
    ],
)
def test_lists_of_names_part_by_what_is_missing_too_much_or_in_another_order(seen: Any, words: str) -> None:
    assert told(seen, IDS) == (words, None)


@pytest.mark.parametrize(
    ("seen", "words"),
    [
        ([*SCORES[:3], 0.5, *SCORES[4:]], "1 of 90 referrals differ; number 4 is 0.5, not 0.03"),
        (SCORES[:60], "60 of 90 referrals"),
        ([0.9, *SCORES[1:60]], "60 of 90 referrals; 1 differ; number 1 is 0.9, not 0.0"),
    ],
)
def test_other_lists_part_by_how_many_places_differ(seen: Any, words: str) -> None:
    assert told(seen, SCORES) == (words, None)


@pytest.mark.parametrize(
    ("seen", "expected", "words"),
    [
        (["b"], ["a", "b"], ("b", "a, b")),
        (["a"], [], ("a", "nothing")),
        (None, 40, ("nothing", "40 referrals")),
        (3, 0, ("3 referrals", "0 referrals")),
        (True, False, ("True", "False")),
        ({"a": 1}, {"a": 2}, ("a: 1", "a: 2")),
        (pd.DataFrame({"a": [1]}), None, ("a table of 1 rows and 1 columns", "nothing")),
    ],
)
def test_what_fits_on_a_line_stands_there_whole(seen: Any, expected: Any, words: tuple[str, str]) -> None:
    assert told(seen, expected) == words


def test_what_should_have_been_empty_is_told_by_its_first_item() -> None:
    assert told(IDS, []) == ("90 referrals where none was expected: R-00000 and 89 more", None)


def test_long_records_part_by_their_first_entry_that_differs() -> None:
    record = dict.fromkeys(IDS, 0.25)
    other = {**record, IDS[7]: 0.5, IDS[9]: 0.5}
    assert told(other, record) == ("R-00007: 0.5, not 0.25; 1 more entries differ", None)


@pytest.mark.parametrize("nothing", ["", " ", "\n"])
def test_a_text_of_nothing_is_called_so(nothing: str) -> None:
    assert told(nothing, "x") == ("an empty text", "x")


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=30) | st.dictionaries(st.text(max_size=5), inner, max_size=8),
)


@given(plain, plain)
@example("", "")
def test_any_two_values_are_told_apart_in_a_few_words(seen: Any, expected: Any) -> None:
    words, wanted = contrast(seen, expected, alike=same)
    assert len(words) < 1000
    assert words or wanted
