"""A guide says of every rule of the standard whether the service keeps it, and where."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from unfit.bank import load_bank
from unfit.standard import STANDARD

BANK = load_bank(Path(__file__).resolve().parent.parent)
HEADING = "## The standard, rule by rule"
PLACE = re.compile(r"`([\w./-]+\.(?:py|md|ipynb|toml|jsonl?|yml|sql|csv)|Makefile)`")


def rows(slug: str) -> dict[str, tuple[str, str]]:
    """Read the table of a guide: by rule, whether it is kept, and the reason."""
    guide = (BANK.exercise(slug).solution / "GUIDE.md").read_text("utf-8")
    table = guide.partition(HEADING)[2].partition("\n## ")[0]
    cells = [[cell.strip() for cell in line.strip("| \n").split("|")] for line in table.splitlines()]
    return {
        row[0]: (row[1], row[2])
        for row in cells
        if len(row) == 3 and row[1] in {"kept", "broken", "missing", "none"}
    }


@pytest.mark.parametrize("slug", BANK.slugs)
def test_a_guide_speaks_of_every_rule(slug: str) -> None:
    assert list(rows(slug)) == [rule.id for rule in STANDARD.rules]


@pytest.mark.parametrize("slug", BANK.slugs)
def test_a_rule_that_a_planted_mistake_breaks_is_told_with_it(slug: str) -> None:
    found = rows(slug)
    for defect in BANK.exercise(slug).defects:
        assert defect.rule is not None
        state, why = found[defect.rule]
        if defect.default:
            assert state == "broken", defect.id
            assert f"`{defect.id}`" in why


@pytest.mark.parametrize("slug", BANK.slugs)
def test_a_rule_that_is_kept_is_kept_somewhere(slug: str) -> None:
    for rule, (state, why) in rows(slug).items():
        places = PLACE.findall(why)
        assert state != "kept" or places, rule
        assert [place for place in places if not (BANK.root / "exercises" / slug / place).exists()] == [], (
            rule
        )
