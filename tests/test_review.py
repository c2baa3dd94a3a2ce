"""A review is read as a person would read it, whatever its style."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from unfit.bank import Exercise, load_bank
from unfit.planting import Variant, shipped_tree
from unfit.review import Review, find, parse, read, review_of, text_of
from unfit.review.cutting import Role
from unfit.review.review_file import near_names

REVIEWS = sorted((Path(__file__).parent / "reviews").glob("*.md"))
TEMPLATE = Path(__file__).parents[1] / "harness/unfit/templates/REVIEW.md"
BANK = Path(__file__).parent / "banks/reviewed"
SECTIONS: tuple[Role, ...] = ("first_three", "first_hour", "rollback", "watch", "tools")


def plain(review: Review) -> dict[str, Any]:
    fields = ("title", "where", "category", "put_off", "source")
    return {
        "decision": list(review.decision),
        "sections": {name: review.said(name) for name in SECTIONS if review.said(name)},
        "findings": [
            {name: getattr(finding, name) for name in fields if getattr(finding, name)}
            for finding in review.findings
            if finding.source not in review.unsure
        ],
        "complaints": list(review.complaints),
    }


def shown(review: Review) -> str:
    return "\n".join(passage.text for passage in review.passages)


@pytest.mark.parametrize("path", REVIEWS, ids=lambda path: path.stem)
def test_a_real_style_is_read_as_a_person_would(path: Path) -> None:
    expected = json.loads(path.with_suffix(".json").read_text("utf-8"))
    assert plain(parse(path.read_text("utf-8"))) == expected


@pytest.mark.parametrize("path", REVIEWS, ids=lambda path: path.stem)
def test_every_line_of_a_review_is_in_a_passage(path: Path) -> None:
    text = path.read_text("utf-8")
    kept = shown(parse(text)).split("\n")
    assert [line for line in text.split("\n") if line.strip()] == [line for line in kept if line.strip()]


def test_findings_that_nothing_announces_are_read(clinic: Exercise) -> None:
    review = parse("Hold.\n\nThe folds in src/clinic/evaluate.py leak.\n\nI like the tests.\n")
    sure = [finding for finding in review.findings if finding.source not in review.unsure]
    assert [(finding.where, finding.category) for finding in sure] == [("src/clinic/evaluate.py", "leakage")]


def test_a_list_that_names_hardly_any_place_holds_no_sure_findings() -> None:
    review = parse("Hold.\n\n- nice tests\n- nice docs\n- see a.py\n")
    assert len(review.findings) - len(review.unsure) == 1


def test_what_follows_a_list_of_findings_is_read_as_what_it_says() -> None:
    review = parse("## Findings\n\n1. a.py: leaks\n2. b.py: 0.5\nTools: ruff\n\nRollback: the old one\n")
    assert (len(review.findings), review.said("tools"), review.said("rollback")) == (
        2,
        "Tools: ruff",
        "Rollback: the old one",
    )


HEADINGS_ONLY = """# Review

## 1. Patients leak in src/clinic/evaluate.py: KFold splits rows
## 2. src/clinic/serve.py: ages have another scale (skew)
## 3. src/clinic/serve.py: nothing is watched (not done, no time)
"""
BOLD_PATHS = """# Review

- **src/clinic/evaluate.py**: KFold puts one patient on both sides.
- **src/clinic/serve.py**: the scale is another one, which is skew.
- **src/clinic/serve.py**: alerts are always empty. Not done, no time.
"""
NEXT_LINE = """# Review

1) Patients leak across folds
evaluate.py uses KFold.

2) Ages are skewed
serve.py. Another scale.
"""


CODE_WITH_COMMENTS = """Hold.

```python
# src/clinic/evaluate.py:31
folds = KFold(5)  # rows, not patients
```
"""


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (HEADINGS_ONLY, [3, 4, 5]),
        (BOLD_PATHS, [3, 4, 5]),
        (NEXT_LINE, [3, 6]),
        ("1. The folds leak\n2. Nothing is watched\n", [1, 2]),
        ("i) a.py: it leaks\nii) b.py: it swallows errors\n", [1, 2]),
        ("<ul>\n<li>a.py: it leaks</li>\n<li>b.py: it swallows errors</li>\n</ul>\n", [2, 3]),
        ("a.py leaks\nin every fold.\n---\nb.py swallows errors.\n---\n", [1, 4]),
        ("- **a.py** - errors swallowed.\n  - fix: a status\n  - left for later\n", [1]),
        (CODE_WITH_COMMENTS, [1, 4]),
        ("# Notes on the night\n\nThe folds leak.\n\nThe records are skewed.\n", [3, 5]),
        ("# Review\n\nFirst, a.py leaks. Second, b.py swallows errors.\n", [3, 3]),
    ],
)
def test_findings_without_a_heading_of_findings_are_found(text: str, lines: list[int]) -> None:
    found = [finding.source.split(":")[1].split(" ")[0] for finding in parse(text).findings]
    assert found == [str(line) for line in lines]


@pytest.mark.parametrize("text", [HEADINGS_ONLY, BOLD_PATHS])
def test_the_reason_of_one_finding_is_none_of_another(text: str) -> None:
    assert [bool(finding.put_off) for finding in parse(text).findings] == [False, False, True]


@pytest.mark.parametrize(
    ("said", "category"),
    [
        ("`fit` sees the test rows, a leak", "leakage"),
        ("a memory leak", ""),
        ("skew and leakage", "skew, leakage"),
        ("nobody monitors it", "monitoring"),
        ("no monitoring at all", "monitoring"),
    ],
)
def test_a_category_that_is_named_in_passing_counts(said: str, category: str) -> None:
    (finding,) = parse(
        f"## Findings\n\n### It is odd\n\nIn a.py. {said}, as far as I can tell from here.\n"
    ).findings
    assert finding.category == category


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("didn't fix, ran out of time", "didn't fix, ran out of time"),
        ("Won't fix - the desk decides", "Won't fix - the desk decides"),
        ("not fixed: no time", "not fixed: no time"),
        ("not done, no time (figures follow)", "not done, no time (figures follow)"),
        ("no time, would do PSI", "no time, would do PSI"),
        ("Deferred to the next release.", "Deferred to the next release."),
        ("Out of scope for now", "Out of scope for now"),
        ("I did not fix the typo", ""),
        ("There is no time zone in it", ""),
        ("an out-of-time split is missing", ""),
        ("bad rows are skipped silently", ""),
        ("small groups are skipped, so no figure is left, since nobody looks", ""),
        ("I skipped this because the desk decides", "I skipped this because the desk decides"),
        ("Done. On a sample of\n   referrals: 0 of 32 batches ring.", ""),
        ("Mended.\n   Preferred: the median of training.", ""),
        ("Mended, not put off", ""),
        ("This must not be postponed; I mended it", ""),
        ("I did not defer anything: nothing was put off", ""),
        ("So the decision is put off to the desk", ""),
        ("The customer is left alone with it", ""),
        ("The fix is put off to the next release", "The fix is put off to the next release"),
        ("It will be left for later, as nobody reads it", "It will be left for later, as nobody reads it"),
        ("It is not mended yet and left for later", "It is not mended yet and left for later"),
        ("Can't test it here, so this was deferred", "so this was deferred"),
        ("Seen.\n   Defered: until the new export is there.", "until the new export is there."),
    ],
)
def test_a_reason_is_quoted_with_the_words_that_say_so(said: str, words: str) -> None:
    (finding, _) = parse(f"## Findings\n\n1. a.py: it leaks. {said}\n2. b.py: x\n").findings
    assert finding.put_off == words


def test_there_are_at_least_twenty_styles() -> None:
    assert len(REVIEWS) >= 20


def test_a_style_survives_windows_line_ends() -> None:
    text, complaints = text_of(REVIEWS[0].read_bytes().replace(b"\n", b"\r\n"))
    assert parse(text) == parse(REVIEWS[0].read_text("utf-8"))
    assert complaints == ()


def test_an_untouched_template_holds_no_finding_and_says_so() -> None:
    review = parse(TEMPLATE.read_text("utf-8"))
    assert review.findings == ()
    assert "REVIEW.md: holds no finding" in review.complaints
    assert "REVIEW.md: no sentence says whether to ship" in review.complaints


def test_an_empty_review_is_no_error() -> None:
    assert parse("").findings == ()


DECISIONS = [
    "Please do not merge before the folds are grouped.",
    "I can't approve this.",
    "Should we ship? Absolutely not.",
    "I see no reason to hold this back; ship it.",
    "LGTM once the comments are addressed.",
    "Needs work before going live.",
    "Would I put this live? Not this week.",
    "So nicht live nehmen.",
    "Not ready.",
    "It's a no from me.",
    "Good to go once the split is fixed.",
    "This must not go to production.",
    "I'd love to ship this. But not before Monday.",
    "~~Ship~~ / ~~ship with conditions~~ / **hold**",
]


@pytest.mark.parametrize("said", DECISIONS)
@pytest.mark.parametrize("shape", ["## Decision\n\n{}\n", "# Review\n\n{}\n\n## Findings\n\n- a.py: leaks\n"])
def test_a_decision_is_quoted_and_never_turned_round(shape: str, said: str) -> None:
    assert parse(shape.format(said)).decision == (said,)


def test_a_ticked_box_is_quoted_with_the_others() -> None:
    boxes = "- [ ] ship\n- [x] ship with conditions\n- [ ] hold"
    assert parse(f"## Decision\n\n{boxes}\n").decision == (boxes,)


def test_whatever_stands_under_decision_is_the_decision() -> None:
    assert parse("## Decision\n\nI like cats\n").decision == ("I like cats",)


@pytest.mark.parametrize(
    ("heading", "said", "quoted"),
    [
        ("Should we ship it?", "No way.", "Should we ship it?\n\nNo way."),
        ("Ship?", "No.", "Ship?\n\nNo."),
        (
            "Can this be merged?",
            "Once the folds are grouped.",
            "Can this be merged?\n\nOnce the folds are grouped.",
        ),
        ("Ready to deploy?", "Not yet.", "Ready to deploy?\n\nNot yet."),
        ("Would I approve this", "I would, after point 1.", "I would, after point 1."),
        ("To ship or not to ship", "Hold.", "Hold."),
    ],
)
def test_a_heading_that_asks_for_the_decision_is_no_finding(heading: str, said: str, quoted: str) -> None:
    review = parse(f"# Review\n\n## {heading}\n\n{said}\n\n## Findings\n\n- a.py:3: the folds leak\n")
    assert review.decision == (quoted,)
    assert [one.text for one in review.findings] == ["- a.py:3: the folds leak"]


@pytest.mark.parametrize(
    "title", ["Why is the lock released?", "Should we release the lock?", "Merge of two tables"]
)
def test_a_heading_that_asks_something_else_decides_nothing(title: str) -> None:
    review = parse(f"## Findings\n\n### {title}\n\na.py:3: the rows are lost\n")
    assert not review.announced
    assert len(review.findings) == 1


@pytest.mark.parametrize(
    "said", ["The folds leak.", "Boxes are shipped on Monday.", "The folds leak, as shipped."]
)
def test_a_review_that_speaks_of_no_shipping_decides_nothing(said: str) -> None:
    assert parse(f"# Review\n\n{said}\n").decision == ()


def test_a_heading_that_fits_nowhere_is_left_as_it_stands() -> None:
    review = parse("# A\n\nb\n\n## Musings\n\ntext\n")
    assert "## Musings\n\ntext" in shown(review)
    assert {finding.source for finding in review.findings} <= review.unsure


def test_a_finding_inside_a_comment_is_not_read_but_named() -> None:
    review = parse("## Findings\n\n<!--\n### A\n- Where: src/a.py\n-->\n")
    assert review.findings == ()
    assert any("a comment (<!-- -->) holds" in complaint for complaint in review.complaints)


@pytest.mark.parametrize("value", ["", "-", "n/a", "None", "—", "(no)"])
def test_an_empty_reason_is_no_reason(value: str) -> None:
    (finding,) = parse(f"## Findings\n\n### A\n\n- Where: a.py\n- Put off because: {value}\n").findings
    assert finding.put_off == ""


@pytest.mark.parametrize(
    ("written", "category"),
    [
        ("Data leakage", "leakage"),
        ("train/serve skew", "skew"),
        ("error-handling", "errors"),
        ("Observability", "monitoring"),
        ("leakage / evaluation", "leakage, evaluation"),
        ("*Leakage*", "leakage"),
        ("“leakage”", "leakage"),
        ("leekage", "leakage"),
        ("PII", "security"),
    ],
)
def test_a_category_has_many_names(written: str, category: str) -> None:
    (finding,) = parse(f"## Findings\n\n### A\n\n- Where: a.py\n- Category: {written}\n").findings
    assert finding.category == category


def test_a_list_of_categories_is_none() -> None:
    (finding,) = parse("## Findings\n\n### A\n\n- Where: a.py\n- Category: leakage, skew, errors\n").findings
    assert finding.category == ""


def test_a_severity_beside_a_category_hides_no_category() -> None:
    (finding, _) = parse("## Findings\n\n- a.py: it is lost (errors, critical)\n- b.py: x\n").findings
    assert finding.category == "errors"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_an_encoding_is_recognised(encoding: str) -> None:
    assert text_of("## Décision\n".encode(encoding)) == ("## Décision\n", ())


def test_an_unknown_encoding_is_named_with_its_line() -> None:
    text, complaints = text_of("ok\ncaf\u00e9\n".encode("latin-1"))
    assert text == "ok\ncaf\u00e9\n"
    assert complaints == ("line 2: is not UTF-8; read as Windows-1252",)


def test_a_giant_review_is_cut() -> None:
    text, (complaint,) = text_of(b"x" * 1_000_000)
    assert len(text) == 192 * 1024
    assert "only the first 196,608 were read" in complaint


HOSTILE = [
    "[" * 9_000, "*a **a " * 5_000, "> " * 9_000, "# a\n" * 5_000, "- a\n" * 5_000, "`" * 50_000, "a: " * 20_000,
    "<!--" * 9_000, "<!--" + "\n" * 50_000 + "-->", "## Findings\n" + "Where: a.py\n" * 3_000, "(" * 50_000,
    "a.py:1 " * 5_000, "line " * 9_000, "a-" * 50_000, "a." * 50_000, "“" * 50_000, "### a" + " " * 90_000 + "(b",
    "|".join("a" * 300) + "\n" + "|".join("-" * 300) + "\nx|y\n" * 300,
]  # fmt: skip


@pytest.mark.parametrize("hostile", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("before", ["", "## Findings\n\n### x\n\n"])
def test_hostile_text_is_read_to_its_end(before: str, hostile: str) -> None:
    assert len(parse(before + hostile).findings) <= 200


@pytest.mark.parametrize(
    "name",
    [
        "REVIEW.md",
        "review.MD",
        "Review.markdown",
        "docs/REVIEW.md",
        "REVIEW",
        "REVIEW (1).md",
        "REVIEW.md.txt",
        "Copy of REVIEW.md",
        "REVIEW-final.md",
        "review_2.txt",
        "my_review.md",
    ],
)
def test_the_review_is_found_under_any_near_name(name: str) -> None:
    assert find({"README.md": b"", name: b"Hold."}) == name


@pytest.mark.parametrize("name", ["reviewers.md", "preview.md", "src/review.py", "code_review_guide.md"])
def test_other_files_are_no_review(name: str) -> None:
    assert find({name: b"Hold."}) == ""


def test_the_review_at_the_top_wins() -> None:
    assert find({"old/REVIEW.md": b"", "REVIEW.txt": b"", "review.md": b""}) == "review.md"


def test_a_filled_copy_wins_against_the_empty_template() -> None:
    template = TEMPLATE.read_bytes()
    submitted = {"REVIEW.md": template, "docs/REVIEW (1).md": template + b"\nHold.\n"}
    assert find(submitted, {"REVIEW.md": template}) == "docs/REVIEW (1).md"


def test_a_review_as_a_document_is_named_with_what_to_do() -> None:
    (note,) = near_names({"REVIEW.docx": b"PK"}, {})
    assert note == "REVIEW.docx cannot be read: ask for it as text, saved as Markdown (REVIEW.md)."


def test_a_second_filled_review_is_named() -> None:
    notes = near_names({"REVIEW.md": b"Hold.", "REVIEW (1).md": b"Ship."}, {})
    assert notes == ("REVIEW (1).md is filled in too, and only REVIEW.md was read: compare both.",)


def test_no_review_is_none() -> None:
    assert read({"README.md": b""}) is None


@pytest.fixture(scope="module")
def clinic() -> Exercise:
    return load_bank(BANK).exercise("clinic")


def test_a_submission_without_any_words_has_no_findings_at_all(clinic: Exercise) -> None:
    tree = {path: content for path, content in shipped_tree(clinic).items() if path != "REVIEW.md"}
    said = review_of(Variant.of(clinic), tree)
    assert said.findings is None
    assert "no REVIEW.md" in said.notes[0]


def test_the_untouched_export_spots_nothing(clinic: Exercise) -> None:
    said = review_of(Variant.of(clinic), shipped_tree(clinic))
    assert said.findings == ()
    assert said.notes == ("REVIEW.md was not filled in.",)


def test_findings_of_the_review_and_of_comments_are_matched_together(clinic: Exercise) -> None:
    review = (
        b"## Decision\nHold\n## Findings\n"
        b"### One patient's visits on both sides\n- Where: src/clinic/evaluate.py\n"
    )
    serve = shipped_tree(clinic)["src/clinic/serve.py"].replace(
        b"    try:", b"    # REVIEW(skew): ages are on another scale than in training\n    try:"
    )
    submitted = shipped_tree(clinic) | {"REVIEW.md": review, "src/clinic/serve.py": serve}
    said = review_of(Variant.of(clinic), submitted)
    assert [finding.defects for finding in said.findings or ()] == [
        ("visits-of-one-patient-on-both-sides",),
        ("age-scaled-by-the-record",),
    ]
    assert said.decision == ("Hold",)


def test_a_finding_in_a_text_cell_of_a_notebook_is_read(clinic: Exercise) -> None:
    tree = shipped_tree(clinic)
    notebook = json.loads(tree["notebooks/clinic.ipynb"])
    said = "The threshold is tuned on the rows that the report is made of."
    at = next(number for number, cell in enumerate(notebook["cells"]) if cell.get("id") == "choose")
    notebook["cells"].insert(at, {"cell_type": "markdown", "id": "mine", "metadata": {}, "source": said})
    submitted = tree | {"notebooks/clinic.ipynb": json.dumps(notebook).encode()}
    (finding,) = review_of(Variant.of(clinic), submitted).findings or ()
    assert (finding.text, finding.defects) == (said, ("threshold-tuned-on-test-rows",))
