"""A review that says nothing spots nothing, however many places, categories and terms it names."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import pytest

from unfit.bank import load_bank
from unfit.planting import Variant
from unfit.review import match, parse
from unfit.review.places import cells_of, symbols_of

ROOT = Path(__file__).parents[1]
BANK = load_bank(ROOT)
NINE = "leakage, skew, errors, monitoring, evaluation, reproducibility, fairness, serving, security"
TERMS = [
    "leakage",
    "skew",
    "drift",
    "fallback",
    "cache",
    "threshold",
    "imputation",
    "scaler",
    "split",
    "group",
    "fold",
    "timeout",
    "seed",
    "shuffle",
    "monitoring",
    "alert",
    "logging",
    "metric",
    "accuracy",
    "recall",
    "bias",
    "privacy",
    "pickle",
    "atomic",
    "idempotent",
    "validation",
    "schema",
    "median",
    "batch",
    "duplicate",
    "join",
    "encoder",
    "index",
    "version",
    "register",
    "patient",
    "date",
    "order",
]
CHECKLIST = (
    "Data leakage: make sure that preprocessing is fitted on the training data only.",
    "Training-serving skew: features must be computed by the same code in training and in serving.",
    "Error handling: exceptions should not be swallowed, and missing values must be handled.",
    "Monitoring: there should be alerts for drift of inputs and outputs, and somebody must be paged.",
    "Evaluation: check that the metric fits the business, and that the split respects time and groups.",
    "Reproducibility: set a random seed, and make the notebook run from top to bottom.",
)
SAME_MISTAKE = {
    ("flight_delays", "nobody-watches"),
    ("churn_notebook", "join-with-plans"),
    ("overnight_drop", "blind-to-empty-fields"),
    ("credit_batch", "missing-figures-pass-the-ranges"),
    ("hospital_triage", "scores-of-the-next-record"),
}
"""Where another exercise's title says just that: nothing watches there either, a decoy's join could lose rows, a field
with gaps is never found changed or out of its range, and scores slide to the neighbour."""

Tree = Mapping[str, bytes]


@cache
def variant_of(slug: str) -> Variant:
    return Variant.of(BANK.exercise(slug))


def tree_of(slug: str) -> Tree:
    return variant_of(slug).shipped_tree


def code_of(tree: Tree) -> list[str]:
    return [file for file in tree if file.endswith((".py", ".ipynb")) and not file.startswith("tests/")]


def names_of(tree: Tree) -> list[tuple[str, str]]:
    symbols = [(file, symbol.name) for file in code_of(tree) for symbol in symbols_of(tree, file)]
    return symbols + [(file, cell) for file in code_of(tree) for cell, _, _ in cells_of(tree, file)]


def sentences_of(tree: Tree) -> list[str]:
    readme = re.sub(r"```.*?```", "", tree["README.md"].decode(), flags=re.DOTALL)
    found = [" ".join(part.split()) for part in re.split(r"(?<=[.!?])\s+|\n\n+|\n[-|#]+", readme)]
    return [sentence for sentence in found if len(sentence.split()) > 3]


def negated(sentence: str) -> str:
    for verb in (" is ", " are ", " has ", " must ", " can ", " does "):
        if verb in sentence:
            return sentence.replace(verb, f"{verb}not ", 1)
    words = sentence.split()
    return " ".join([*words[: len(words) // 2], "not", *words[len(words) // 2 :]])


def lines_of(tree: Tree) -> list[str]:
    python = [
        line for file in code_of(tree) if file.endswith(".py") for line in tree[file].decode().split("\n")
    ]
    cells = [
        line for file in code_of(tree) for _, _, source in cells_of(tree, file) for line in source.split("\n")
    ]
    return [line.strip() for line in (*python, *cells) if len(line.strip()) > 12]


def shotgun(tree: Tree) -> str:
    one = f"### Something is wrong here\n\n- Where: {{}}\n- Category: {NINE}\n- Severity: critical\n\n"
    return "## Findings\n\n" + "".join(one.format(file) for file in code_of(tree) for _ in range(6))


def every_function(tree: Tree) -> str:
    return "## Findings\n\n" + "".join(
        f"### `{name}()` is wrong\n\n- Where: {file}, `{name}`\n- Category: leakage\n\n"
        for file, name in names_of(tree)
    )


def folded(tree: Tree) -> str:
    return f"<details>\n<summary>All findings</summary>\n\n{every_function(tree)}\n</details>\n"


def negated_readme(tree: Tree) -> str:
    return "## Findings\n\n" + "".join(f"- {negated(sentence)}\n" for sentence in sentences_of(tree))


def terms_beside_files(tree: Tree) -> str:
    return "## Findings\n\n" + "".join(f"- {file}: {' '.join(TERMS)}\n" for file in code_of(tree))


def terms_in_handfuls(tree: Tree) -> str:
    handfuls = [" ".join(TERMS[start : start + 5]) for start in range(0, len(TERMS), 5)]
    return "## Findings\n\n" + "".join(f"- {file}: {some}\n" for file in code_of(tree) for some in handfuls)


def terms_in_a_sentence(tree: Tree) -> str:
    said = f"There is a problem with the {', the '.join(TERMS)}."
    return "## Findings\n\n" + "".join(f"### {file}\n\n{said}\n\n" for file in code_of(tree))


def pasted_checklist(tree: Tree) -> str:
    points = "".join(f"- {point}\n" for point in CHECKLIST)
    return "".join(f"## {file}\n\n{points}\n" for file in (*code_of(tree), "README.md"))


def copied_code(tree: Tree) -> str:
    lines = lines_of(tree)
    return "## Findings\n\n" + "".join(f"- `{line}`\n" for line in (*lines[:100], *lines[-90:]))


def copied_code_called_a_problem(tree: Tree) -> str:
    return "## Findings\n\n" + "".join(f"- the line {line} is a problem\n" for line in lines_of(tree)[:190])


SHAPES: tuple[Callable[[Tree], str], ...] = (
    shotgun,
    every_function,
    folded,
    negated_readme,
    terms_beside_files,
    terms_in_handfuls,
    terms_in_a_sentence,
    pasted_checklist,
    copied_code,
    copied_code_called_a_problem,
)


def spotted(slug: str, text: str) -> list[tuple[str, tuple[str, ...]]]:
    found = match(parse(text).findings, variant_of(slug))
    return [(defect, one.rests_on) for one in found if one.match != "unmatched" for defect in one.defects]


@pytest.mark.parametrize("slug", BANK.slugs)
@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__)
def test_a_review_that_says_nothing_spots_nothing(shape: Callable[[Tree], str], slug: str) -> None:
    assert spotted(slug, shape(tree_of(slug))) == []


@pytest.mark.parametrize("slug", BANK.slugs)
def test_titles_of_other_exercises_spot_nothing(slug: str) -> None:
    titles = [
        defect.title for other in BANK.slugs if other != slug for defect in BANK.exercise(other).defects
    ]
    files = code_of(tree_of(slug))
    text = "".join(f"- {files[number % len(files)]}: {title}\n" for number, title in enumerate(titles))
    assert {(slug, defect) for defect, _ in spotted(slug, f"## Findings\n\n{text}")} <= SAME_MISTAKE


@pytest.mark.parametrize("slug", BANK.slugs)
def test_each_defect_is_spotted_by_its_own_title(slug: str) -> None:
    exercise = BANK.exercise(slug)
    for form in exercise.forms:
        text = "".join(
            f"### {defect.title}\n\n- Where: {defect.edits[0].file}\n- Category: {defect.category}\n\n"
            for defect in map(exercise.defect, form.defects)
        )
        found = match(parse(f"## Findings\n\n{text}").findings, Variant.of(exercise, form.defects))
        assert [one.defects for one in found] == [(defect,) for defect in form.defects]
