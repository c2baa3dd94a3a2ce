"""Tests of `unfit.report.harmless_text`."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unfit.report.harmless_text import block, line, unwrapped, visible

ODD = "\x00\x07\x08\r\x1b\x7f\x85\x9b\xad\u200b\u200f\u2028\u202e\u2066\u3164\ufe01\U000e0041"


@pytest.mark.parametrize("code", [*map(ord, ODD)], ids=hex)
def test_what_controls_or_hides_is_named(code: int) -> None:
    assert visible(f"a{chr(code)}b") == f"a⟨U+{code:04X}⟩b"


@pytest.mark.parametrize(
    "text", ["plain", "naïve café", "東京 テスト", "שלום", "π ≤ 4", "a\u00a0b", "✅ ok", "é\n\tx"]
)
def test_honest_writing_stays_as_it_is(text: str) -> None:
    assert visible(text) == text


def test_a_tower_of_marks_is_cut_down() -> None:
    assert visible("a" + "\u0301" * 9).count("\u0301") == 3


@given(st.text())
def test_no_control_or_format_character_survives(text: str) -> None:
    assert not [
        one for one in visible(text) if unicodedata.category(one) in {"Cc", "Cf", "Cs"} and one not in "\n\t"
    ]


@given(st.text())
def test_a_line_is_one_line(text: str) -> None:
    assert len(line(text).splitlines()) <= 1


def test_a_long_line_is_cut_and_says_so() -> None:
    assert line("x" * 1_000_000, most=10) == "xxxxxxxxxx …"


def test_of_a_long_block_head_and_tail_are_kept() -> None:
    shown = block("head\n" + "x" * 50_000 + "\nError: tail")
    assert (shown[:4], shown[-4:], "characters left out" in shown) == ("head", "tail", True)


WIDE = "The figure is that of a model which was measured on patients"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"{WIDE}\nthat it had met.", f"{WIDE} that it had met."),
        (f"{WIDE}\r\n{WIDE}\nthat it knew.", f"{WIDE} {WIDE} that it knew."),
        (f"{WIDE}.\nThe hospital is next.", f"{WIDE}.\nThe hospital is next."),
        (f"{WIDE}\n- the hospital", f"{WIDE}\n- the hospital"),
        (f"{WIDE}\n\nNext.", f"{WIDE}\n\nNext."),
        ("the split\nthe hospital", "the split\nthe hospital"),
    ],
    ids=["wrapped", "three lines", "sentence", "list", "paragraph", "short"],
)
def test_only_lines_that_an_editor_broke_are_joined(text: str, shown: str) -> None:
    assert unwrapped(text) == shown
