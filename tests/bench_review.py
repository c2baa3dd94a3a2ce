"""How well findings are matched with defects: ``make bench-review`` prints it and writes the page of the docs.

The labelled reviews are those of ``tests/reviews/honest``, which say by line what each finding speaks of, and those of
``solutions/*/sample``, whose findings are labelled there too.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from unfit.bank import load_bank
from unfit.planting import Variant
from unfit.review import match, parse

HERE = Path(__file__).parent
ROOT = HERE.parent
PAGE = ROOT / "docs/explanation/review-matching.md"
HONEST = HERE / "reviews/honest"

INTRODUCTION = """# How well reviews are matched

A finding of a review is matched with a planted defect by what it says;
[the reference](../reference/manifests.md#how-a-finding-is-matched) has the rule. `make bench-review` writes this page.

Recall is the share of findings on a defect that were matched with it. Precision is the share of matches that are right.
The reviews were written for this table, in different styles, with a label for each finding. The ways of describing a
defect were mended where a review showed a gap, so the table says what is known to work, and not what to expect.

What to expect was measured with 440 single findings that other people wrote from the code alone, four for each defect,
and that no list of words was written for. 355 of them were matched (.81), 2 with another defect, and 74 more were shown
as "perhaps described" (.17). Of 130 remarks on something else 1 was matched. Of 220 texts that only ask, or say wrongly
that the code is right, 65 were matched: where a match decides something, read the finding. What a finding says in
another language than English is not matched.

| exercise | reviews | findings on defects | recall | precision |
|---|---|---|---|---|
"""


@dataclass(frozen=True)
class Score:
    """What became of the findings of some reviews: those matched rightly, missed, and matched wrongly."""

    reviews: int = 0
    right: int = 0
    missed: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()

    def __add__(self, other: Score) -> Score:
        return Score(
            self.reviews + other.reviews,
            self.right + other.right,
            self.missed + other.missed,
            self.wrong + other.wrong,
        )

    @property
    def recall(self) -> float:
        """The share of the findings on defects that were matched with theirs."""
        return self.right / max(1, self.right + len(self.missed))

    @property
    def precision(self) -> float:
        """The share of the matches that are right."""
        return self.right / max(1, self.right + len(self.wrong))


def labelled() -> Iterator[tuple[str, Path, dict[str, Any]]]:
    """Give each labelled review with its exercise, its file and its labels."""
    for slug, reviews in tomllib.loads((HONEST / "labels.toml").read_text("utf-8")).items():
        for labels in reviews:
            sample = ROOT / "solutions" / slug / "sample" / "REVIEW.md"
            own = HONEST / slug / f"{labels['review']}.md"
            yield slug, sample if labels["review"] == "sample" else own, labels


def score(slug: str, path: Path, labels: dict[str, Any]) -> Score:
    """Match the findings of one review, and hold the matches against the labels."""
    exercise = load_bank(ROOT).exercise(slug)
    planted = labels.get("planted", exercise.default)
    read = parse(path.read_text("utf-8")).findings
    found = {
        finding.source.split(":")[1].split(" ")[0]: finding
        for finding in match(read, Variant.of(exercise, planted))
    }
    speaks_of: dict[str, str] = labels["speaks_of"]
    matched = {line: one.defects[0] for line, one in found.items() if one.match != "unmatched"}
    name = f"{slug}/{path.stem}"
    return Score(
        1,
        sum(bool(truth) and matched.get(line) == truth for line, truth in speaks_of.items()),
        tuple(f"{name}:{line} {it}" for line, it in speaks_of.items() if it and matched.get(line) != it),
        tuple(f"{name}:{line} {it}" for line, it in matched.items() if speaks_of.get(line, "") != it),
    )


def scores() -> dict[str, Score]:
    """Score all labelled reviews, by exercise."""
    found: dict[str, Score] = {}
    for slug, path, labels in labelled():
        found[slug] = found.get(slug, Score()) + score(slug, path, labels)
    return found


def page(found: dict[str, Score]) -> str:
    """Write the table of the docs."""
    rows = [
        f"| {name} | {one.reviews} | {one.right + len(one.missed)} | {one.recall:.3f} | {one.precision:.3f} |"
        for name, one in [
            *((f"`{slug}`", one) for slug, one in found.items()),
            ("all", sum(found.values(), Score())),
        ]
    ]
    return f"{INTRODUCTION}{chr(10).join(rows)}\n"


if __name__ == "__main__":
    measured = scores()
    PAGE.write_text(page(measured), "utf-8")
    total = sum(measured.values(), Score())
    sys.stdout.write(PAGE.read_text("utf-8"))
    for line in (*(f"missed {one}" for one in total.missed), *(f"wrong {one}" for one in total.wrong)):
        sys.stdout.write(f"{line}\n")
